/** From the activation link over the telephone to a payment, with the protocol's own messages. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { fundAccount, openAccount } from "../../src/accounts/accounts.ts";
import { createLog } from "../../src/http/log.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createVruApp } from "../../src/vru/app.ts";
import { createPinMemory } from "../../src/vru/pin-memory.ts";
import { createMerchant } from "../support/merchant.ts";
import { activate } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";
import { Call, speltDigits } from "./support/phone.ts";
import { admitVru, askForPin, identify } from "./support/world.ts";

let world: World;
let asVru: Database;
let app: Awaited<ReturnType<typeof createVruApp>>;
let url: string;

beforeAll(async () => {
  world = await createWorld();
  asVru = openDatabase(await admitVru(world.databaseName), () => undefined);
  const { pinVault, platform } = world.deps;
  app = await createVruApp({
    database: asVru,
    pinVault,
    platform,
    pins: createPinMemory(platform.nowSeconds),
    service: {
      operator: "Chit",
      operatorNumber: undefined,
      money: { currency: "EUR", scale: 4 },
      timeZone: "UTC",
    },
    throttleSecret: "token",
    webhookToken: "token",
    publicUrl: () => url,
    alarm: () => undefined,
    log: createLog("silent"),
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
  await asVru.close();
  await world.close();
});

/** An account with 10 euros, and its wallet without a PIN. */
async function shopper() {
  const account = await openAccount(world.deps);
  await fundAccount(world.deps, account.accountId, 100_000n, "first");
  const wallet = await activate(world, account.activationLink);
  const carrier = { publicUrl: url, address: () => url, token: "token" };
  return { account, wallet, call: async () => identify(await new Call(carrier).dial(), account) };
}

it("the PIN that the telephone tells pays; a newer one makes it void, and comes with the count", async () => {
  const { wallet, call } = await shopper();
  expect((await wallet.pay()).outcome).toBe("awaiting-pin");

  const told = ({ heard }: Call) => {
    const [pin] = speltDigits(heard, 6);
    if (pin === undefined) throw new Error("No PIN was said.");
    return { pin, payments: /payments of this wallet so far: (\d+)\./.exec(heard.join(" "))?.[1] };
  };
  // The new wallet comes first: its check number is the same.
  const first = told(await (await call()).press("1"));
  expect(first.payments).toBeUndefined();
  wallet.adoptPin(1, first.pin);
  expect((await wallet.pay()).outcome).toBe("paid");
  expect((await wallet.pay()).outcome).toBe("paid");

  const second = told(await askForPin(await call()));
  expect((await wallet.pay()).outcome).toBe("pin-changed");
  expect(second.payments).toBe("2");
  wallet.adoptPin(2, second.pin);
  expect((await wallet.pay()).outcome).toBe("paid");
});

it("a hold that is placed in a call denies the next payment; when it is lifted, payments pass", async () => {
  const { wallet, call } = await shopper();
  await wallet.setPinByTelephone();
  wallet.adoptPin(1);
  expect((await wallet.pay()).outcome).toBe("paid");

  await (await (await call()).press("4")).press("1");
  expect(await wallet.pay()).toMatchObject({ outcome: "denied", reason: "account-held" });
  expect(await wallet.pay()).toMatchObject({ outcome: "denied", reason: "account-held" });

  await (await (await call()).press("4")).press("1");
  expect((await wallet.pay()).outcome).toBe("paid");
});

it("what was paid is what the telephone tells: balance and payments, exactly, in both languages", async () => {
  const { account, wallet, call } = await shopper();
  await wallet.setPinByTelephone();
  wallet.adoptPin(1);
  expect((await wallet.pay({ amount: 5n })).outcome).toBe("paid");
  world.now += 60;
  expect((await wallet.pay({ amount: 12_500n })).outcome).toBe("paid");
  world.now += 60;
  expect((await wallet.pay({ amount: 100_000n })).outcome).toBe("denied");
  const day = (locale: string) =>
    new Date(world.now * 1000).toLocaleDateString(locale, {
      day: "numeric",
      month: "long",
      timeZone: "UTC",
    });

  const balance = await (await call()).press("2");
  expect(balance.heard[0]).toBe("en-GB: Your balance is 8.7495 euros.");
  const payments = await (await call()).press("3");
  expect(payments.heard.slice(0, 4)).toEqual([
    "en-GB: Your last payments, the newest first:",
    `en-GB: ${day("en-GB")}: refused, 10 euros to Paper Ink.`,
    `en-GB: ${day("en-GB")}: 1.25 euros to Paper Ink.`,
    `en-GB: ${day("en-GB")}: 0.0005 euros to Paper Ink.`,
  ]);
  expect(payments.heard[4]).toMatch(/: 10 euros paid in\.$/);
  expect(payments.heard).toHaveLength(6);

  const carrier = { publicUrl: url, address: () => url, token: "token" };
  const german = await identify(await new Call(carrier).dial(), account, "2");
  await german.press("2");
  expect(german.heard[0]).toBe("de-DE: Ihr Guthaben beträgt 8,7495 Euro.");
  await german.press("0");
  await german.press("3");
  expect(german.heard).toContain(`de-DE: ${day("de-DE")}: 0,0005 Euro an Paper Ink.`);
});

it("a request in other money, which is always denied, is not told in ours", async () => {
  const { wallet, call } = await shopper();
  await wallet.setPinByTelephone();
  wallet.adoptPin(1);
  expect(await wallet.pay({ currency: "USD", amount: 77n })).toMatchObject({ outcome: "denied" });
  const { heard } = await (await call()).press("3");
  expect(heard[1]).toMatch(/: 10 euros paid in\.$/);
  expect(heard.join()).not.toContain("refused");
});

it("money that a shop gave back is told with the shop's name", async () => {
  const { wallet, call } = await shopper();
  await wallet.setPinByTelephone();
  wallet.adoptPin(1);
  const shop = await createMerchant(world);
  const { merchantId } = shop;
  const paid = [id(), id()];
  for (const transactionNumber of paid) {
    await wallet.pay({ merchantId, transactionNumber, amount: 20_000n });
  }
  const [first = "", second = ""] = paid;
  await shop.refund({ transactionNumber: first, of: 20_000n });
  world.now += 60;
  await shop.refund({ transactionNumber: second, of: 20_000n, refunded: 5_000n });
  const { heard } = await (await call()).press("3");
  expect(heard.slice(1, 6).map((sentence) => sentence.replace(/^.*?: .*?: /, ""))).toEqual([
    "0.50 euros given back by Paper Ink.",
    "2 euros given back by Paper Ink.",
    "2 euros to Paper Ink.",
    "2 euros to Paper Ink.",
    "10 euros paid in.",
  ]);
  expect((await (await call()).press("2")).heard[0]).toBe("en-GB: Your balance is 8.50 euros.");
});
