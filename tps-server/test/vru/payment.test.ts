/** From the activation link over the telephone to a payment, with the protocol's own messages. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { fundAccount, openAccount } from "../../src/accounts/accounts.ts";
import { createLog } from "../../src/http/log.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { createVruApp } from "../../src/vru/app.ts";
import { createPinMemory } from "../../src/vru/pin-memory.ts";
import { activate } from "../support/wallet.ts";
import { createWorld, type World } from "../support/world.ts";
import { Call, speltDigits } from "./support/phone.ts";
import { admitVru, identify } from "./support/world.ts";

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
    operator: "Chit",
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

it("the PIN that the telephone tells pays; a newer one makes it void, and comes with the count", async () => {
  const account = await openAccount(world.deps);
  await fundAccount(world.deps, account.accountId, 100_000n, "first");
  const wallet = await activate(world, account.activationLink);
  expect((await wallet.pay()).outcome).toBe("awaiting-pin");

  const carrier = { publicUrl: url, address: () => url, token: "token" };
  const newPin = async () => {
    const call = await identify(await new Call(carrier).dial(), account);
    await call.press("1");
    const [pin] = speltDigits(call.heard, 6);
    if (pin === undefined) throw new Error("No PIN was said.");
    const heard = call.heard.join(" ");
    return { pin, payments: /payments of this wallet so far: (\d+)\./.exec(heard)?.[1] };
  };
  const first = await newPin();
  expect(first.payments).toBeUndefined();
  wallet.adoptPin(1, first.pin);
  expect((await wallet.pay()).outcome).toBe("paid");
  expect((await wallet.pay()).outcome).toBe("paid");

  const second = await newPin();
  expect((await wallet.pay()).outcome).toBe("pin-changed");
  expect(second.payments).toBe("2");
  wallet.adoptPin(2, second.pin);
  expect((await wallet.pay()).outcome).toBe("paid");
});
