import { createQuote, formatActivationLink, utf8 } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { activate, inspectActivation, removeAccount } from "../src/cts/account.ts";
import { refreshKeyList } from "../src/cts/issuer.ts";
import {
  accountOf,
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  seededBytes,
  type World,
  withAccount,
} from "./support/world.ts";

let world: World;
let life: Life;

beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
});
afterEach(() => world.stop());

const take = (quoteUrl: string, pageOrigin = world.mts.server.origin) =>
  life.wallet.takeQuote({ quoteUrl, pageOrigin, tabId: 1 });

async function refusedWith(quoteUrl: string, pageOrigin?: string): Promise<string> {
  const taken = await take(quoteUrl, pageOrigin);
  if (taken.kind !== "refused") throw new Error(`It was ${taken.kind}.`);
  expect(await life.deps.store.refusal(taken.refusal.refusalId)).toEqual(taken.refusal);
  expect(await life.deps.store.purchasesIn(["quoted"])).toHaveLength(0);
  return taken.refusal.failure.code;
}

describe("a quote is refused before anything of it is shown", () => {
  beforeEach(() => withAccount(world, life));

  test("without a certificate", async () => {
    const url = world.mts.offer();
    const { certificate: _, ...quote } = JSON.parse(
      Buffer.from(world.mts.sale(url).body).toString(),
    );
    Object.assign(world.mts.sale(url), { body: utf8(JSON.stringify(quote)) });
    expect(await refusedWith(url)).toBe("certificate-missing");
  });

  test("with an expired certificate", async () => {
    await world.mts.certify({ expires: world.clock.now - 1 });
    expect(await refusedWith(world.mts.offer())).toBe("certificate-expired");
  });

  test("threat 18: a quote with a certificate that the issuer did not sign is refused", async () => {
    const { nodeSigner } = await import("@chit/protocol/node");
    const genuine = world.tps.signer;
    world.tps.signer = nodeSigner(seededBytes("forger")(32));
    await world.mts.certify();
    world.tps.signer = genuine;
    expect(await refusedWith(world.mts.offer())).toBe("certificate-invalid");
  });

  test("threat 18: a quote at an origin that the certificate does not name is refused", async () => {
    await world.mts.certify({ origins: ["https://shop.example"] });
    expect(await refusedWith(world.mts.offer())).toBe("origin-not-certified");
  });

  test("of another merchant than the certificate's", async () => {
    expect(await refusedWith(world.mts.offer({ merchantId: world.tps.id() }))).toBe(
      "merchant-mismatch",
    );
  });

  test("that has expired", async () => {
    const url = world.mts.offer();
    world.clock.now += 901;
    expect(await refusedWith(url)).toBe("quote-expired");
  });

  test("threat 21: a quote whose amounts do not add up, are negative, or are fractions is refused", async () => {
    const url = world.mts.offer();
    const text = Buffer.from(world.mts.sale(url).body).toString();
    for (const [from, to, code] of [
      ['"amount":"135000","currency"', '"amount":"1","currency"', "quote-inconsistent"],
      ['"amount":"135000","currency"', '"amount":"-1","currency"', "malformed-message"],
      ['"amount":"135000","currency"', '"amount":"1.5","currency"', "malformed-message"],
      [
        '"amount":"135000","currency"',
        `"amount":"1${"0".repeat(19)}","currency"`,
        "malformed-message",
      ],
      ['"v":1', '"v":1,"__proto__":{"amount":"1"}', "malformed-message"],
    ] as const) {
      Object.assign(world.mts.sale(url), { body: utf8(text.replace(from, to)) });
      expect(await refusedWith(url)).toBe(code);
    }
  });

  test("that another origin would be paid through", async () => {
    const url = world.mts.offer({ proofUrl: "https://elsewhere.example/chit/proof" });
    expect(await refusedWith(url)).toBe("origin-not-certified");
  });

  test("through an issuer with whom the wallet has no account, naming whom the shop takes", async () => {
    const url = world.mts.offer({ issuers: ["https://other.example"] });
    const taken = await take(url);
    expect(taken.kind === "refused" && taken.refusal).toMatchObject({
      failure: { code: "no-account" },
      issuers: ["https://other.example"],
    });
  });

  test("when the shop does not answer, or answers with a problem or without end", async () => {
    const url = world.mts.offer();
    world.mts.server.fault = () => "down";
    expect(await refusedWith(url)).toBe("shop-unreachable");
    world.mts.server.fault = () => ({ problem: "transaction-unknown" });
    expect(await refusedWith(url)).toBe("transaction-unknown");
    world.mts.server.fault = () => new Uint8Array(70_000);
    expect(await refusedWith(url)).toBe("shop-unreachable");
  });

  test("but one signed by a key that the issuer has begun to use since is taken", async () => {
    const { nodeSigner } = await import("@chit/protocol/node");
    world.tps.signer = nodeSigner(seededBytes("next signing key")(32));
    world.tps.sequence += 1;
    await world.mts.certify();
    expect((await offered(world, life)).state).toBe("quoted");
    expect((await accountOf(life)).keyListSequence).toBe(2);
  });
});

describe("a quote that is known", () => {
  beforeEach(() => withAccount(world, life));

  test("is not fetched again, also when two pages point at it at once", async () => {
    const url = world.mts.offer();
    const [first, second] = await Promise.all([take(url), take(url)]);
    expect(second).toBe(first);
    expect((await take(url)).kind).toBe("known");
    expect(world.mts.server.received).toHaveLength(1);
  });

  test("carries no cookie, no referrer and no shopper's language to the shop", async () => {
    await take(world.mts.offer());
    const headers = world.mts.server.received[0]?.headers;
    expect(headers).not.toHaveProperty("cookie");
    expect(headers).not.toHaveProperty("referer");
    expect(headers).toHaveProperty("accept-language", "*");
  });

  test("stays declined", async () => {
    const purchase = await offered(world, life);
    await life.wallet.decline(purchase.purchaseId);
    const again = await take(purchase.quoteUrl);
    expect(again.kind === "known" && again.purchase.state).toBe("declined");
    await expect(pay(life, purchase)).rejects.toMatchObject({ code: "wrong-state" });
  });

  test("expires by itself when nobody confirms", async () => {
    const purchase = await offered(world, life);
    world.clock.now += 901;
    await life.wallet.runner.resumeAll();
    expect((await reached(life, purchase, "failed")).failure.code).toBe("quote-expired");
  });

  test("cannot be confirmed with something that is no PIN", async () => {
    const purchase = await offered(world, life);
    await expect(pay(life, purchase, "12a456")).rejects.toMatchObject({ code: "pin-invalid" });
    expect((await life.deps.store.purchase(purchase.purchaseId))?.state).toBe("quoted");
  });

  test("is bound to one session: another wallet's ends the purchase before any payment", async () => {
    const purchase = await offered(world, life);
    world.mts.server.fault = ({ path }) =>
      path === "/chit/session" ? { problem: "session-taken" } : undefined;
    await pay(life, purchase);
    expect((await reached(life, purchase, "failed")).failure.code).toBe("session-taken");
    expect(world.tps.payments).toBe(0);
  });
});

describe("set-up", () => {
  test("reads the operator's name before anything is made, and waits for the telephone after", async () => {
    expect((await inspectActivation(life.deps, world.tps.link)).operator).toBe("Example Pay");
    const account = await activate(life.deps, world.tps.link, "Chromium on Linux");
    expect(account).toMatchObject({ condition: "awaiting-pin", count: 0, pinGeneration: 0 });
  });

  test("whose reply is lost is repeated with the same key", async () => {
    world.tps.server.fault = ({ path }) => (path === "/v1/activations" ? "lose" : undefined);
    const again = () => activate(life.deps, world.tps.link, "Chromium on Linux");
    await expect(again()).rejects.toMatchObject({ code: "issuer-unreachable" });
    life = await world.start();
    world.tps.server.fault = () => undefined;
    const account = await activate(life.deps, world.tps.link, "Chromium on Linux");
    expect(account.deviceKey).toEqual(world.tps.device.key);
    expect(await again()).toEqual(account);
  });

  test("with a spent link or with no link at all says which", async () => {
    const spent = formatActivationLink({
      issuer: world.tps.server.origin,
      secret: seededBytes("spent")(16),
      rootKey: world.tps.root.publicKey,
    });
    await expect(activate(life.deps, spent, "x")).rejects.toMatchObject({
      code: "activation-used",
    });
    await expect(activate(life.deps, "hello", "x")).rejects.toMatchObject({
      code: "activation-invalid",
    });
  });

  test("under another root key than the link's is refused", async () => {
    const link = formatActivationLink({
      issuer: world.tps.server.origin,
      secret: world.tps.secret,
      rootKey: seededBytes("other root")(32),
    });
    await expect(activate(life.deps, link, "x")).rejects.toMatchObject({
      code: "signing-key-unknown",
    });
  });

  test("that a shop led to goes on there afterwards", async () => {
    const url = world.mts.offer();
    expect(await refusedWith(url)).toBe("no-account");
    await withAccount(world, life);
    const [taken] = await life.wallet.retakeRefused();
    expect(taken?.kind).toBe("offered");
    expect(await life.wallet.retakeRefused()).toHaveLength(0);
  });

  test("never goes back to an older key list", async () => {
    world.tps.sequence = 5;
    const { accountKey } = await withAccount(world, life);
    world.tps.sequence = 4;
    await expect(refreshKeyList(life.deps, accountKey)).rejects.toMatchObject({
      code: "key-list-older",
    });
  });

  test("is undone for an account that never paid, and for no other", async () => {
    await withAccount(world, life);
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    const { accountKey } = await accountOf(life);
    await expect(removeAccount(life.deps, accountKey)).rejects.toMatchObject({
      code: "wrong-state",
    });
  });
});

test("the test shop's quotes are quotes", () => {
  const { quote, body } = world.mts.sale(world.mts.offer());
  expect(createQuote(quote)).toEqual(body);
});
