import { createBatch, createRefundOrder } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { processBatches } from "../../src/clearing/batches.ts";
import { receiveBatch } from "../../src/clearing/receive-batch.ts";
import { LIMITS } from "../../src/limits.ts";
import { revokeMerchant } from "../../src/merchants/merchants.ts";
import { certifyAgain } from "../support/certificate.ts";
import { balanceOf, createMerchant, type Merchant } from "../support/merchant.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, ISSUER, id, random, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
let shop: Merchant;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  wallet = await createWallet(world);
  shop = await createMerchant(world);
});
afterAll(() => world.close());

/** A number of this shop that the wallet has paid. */
async function paidNumber(): Promise<string> {
  const transactionNumber = id();
  const { merchantId } = shop;
  expect(await wallet.pay({ merchantId, transactionNumber })).toMatchObject({ outcome: "paid" });
  return transactionNumber;
}

const send = (document: string) => receiveBatch(world.deps, document);

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    (state) => `taken: ${JSON.stringify(state)}`,
    (error: { code?: string }) => error.code ?? String(error),
  );
}

describe("a batch is taken", () => {
  test("and answered with the same bytes for ever, once it is processed", async () => {
    const batchId = id();
    const document = await shop.batch(
      [await shop.order({ transactionNumber: await paidNumber() })],
      batchId,
    );
    expect(await send(document)).toEqual({ state: "received", batchId });
    expect(await send(document)).toEqual({ state: "received", batchId });
    await processBatches(world.deps);
    const first = await send(document);
    world.now += 100;
    await processBatches(world.deps);
    expect(await send(document)).toEqual(first);
    expect(shop.read(first)).toMatchObject({
      merchantId: shop.merchantId,
      batchId,
      orders: [{ outcome: "executed", reason: null, payments: 1, given: 12_500n }],
    });
    expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n);
  });

  test("once, when it comes many times at once", async () => {
    const document = await shop.batch([
      await shop.order({ transactionNumber: await paidNumber() }),
    ]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(document)));
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(["received"]));
    await Promise.all([processBatches(world.deps), processBatches(world.deps)]);
    expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n);
    expect(await shop.balance()).toBe(-12_500n);
  });

  test("but no other one under its id", async () => {
    const batchId = id();
    await send(await shop.batch([await shop.order({ transactionNumber: id() })], batchId));
    const other = await shop.batch([await shop.order({ transactionNumber: id() })], batchId);
    expect(await codeOf(send(other))).toBe("batch-conflict");
    await processBatches(world.deps);
    expect(await codeOf(send(other))).toBe("batch-conflict");
  });

  test("unless too many of that merchant wait", async () => {
    const other = await createMerchant(world);
    const batches = await Promise.all(
      Array.from({ length: LIMITS.batchesOfOneMerchant + 1 }, async () =>
        shop.batch([await shop.order({ transactionNumber: id() })]),
      ),
    );
    const codes = await Promise.all(batches.map((document) => codeOf(send(document))));
    expect(codes.filter((code) => code === "too-many-batches")).toHaveLength(1);
    const fromOther = await other.batch([await other.order({ transactionNumber: id() })]);
    expect(await send(fromOther)).toMatchObject({ state: "received" });
    await processBatches(world.deps);
    const turnedAway = batches[codes.indexOf("too-many-batches")] ?? "";
    expect(await send(turnedAway)).toMatchObject({ state: "received" });
  });
});

describe("a batch is refused, and nothing of it kept,", () => {
  test("when a key signed it that is not certified for this merchant", async () => {
    const orders = [await shop.order({ transactionNumber: id() })];
    const stranger = nodeSigner(random(32));
    const another = await createMerchant(world);
    expect(await codeOf(send(await shop.batch(orders, id(), stranger)))).toBe(
      "merchant-key-unknown",
    );
    expect(await codeOf(send(await shop.batch(orders, id(), another.signer)))).toBe(
      "merchant-key-unknown",
    );
    const unknown = await createBatch(shop.signer, {
      iss: id(),
      aud: ISSUER,
      jti: id(),
      iat: world.now,
      orders,
    });
    expect(await codeOf(send(unknown))).toBe("merchant-key-unknown");
  });

  test("when the merchant is revoked; what was taken before is still told", async () => {
    const before = await shop.batch([await shop.order({ transactionNumber: await paidNumber() })]);
    await send(before);
    await revokeMerchant(world.deps, shop.merchantId);
    const after = await shop.batch([await shop.order({ transactionNumber: id() })]);
    expect(await codeOf(send(after))).toBe("merchant-key-unknown");
    await processBatches(world.deps);
    expect(shop.read(await send(before)).orders).toMatchObject([{ outcome: "executed" }]);
  });

  test("when its signature does not verify", async () => {
    const document = await shop.batch([await shop.order({ transactionNumber: id() })]);
    const other = await shop.batch([await shop.order({ transactionNumber: id() })]);
    const forged = `${document.slice(0, document.lastIndexOf("."))}${other.slice(other.lastIndexOf("."))}`;
    expect(await codeOf(send(forged))).toBe("authentication-failed");
    expect(await codeOf(send(await shop.order({ transactionNumber: id() })))).toBe(
      "document-type-wrong",
    );
  });

  test("when it is meant for another issuer", async () => {
    const elsewhere = await createBatch(shop.signer, {
      iss: shop.merchantId,
      aud: "https://other.example",
      jti: id(),
      iat: world.now,
      orders: [await shop.order({ transactionNumber: id() })],
    });
    expect(await codeOf(send(elsewhere))).toBe("issuer-mismatch");
  });

  test.each([
    ["is signed by a stranger", {}, nodeSigner(random(32))],
    ["names another merchant", { iss: id() }, undefined],
    ["is meant for another issuer", { aud: "https://other.example" }, undefined],
  ])("when one of its orders %s", async (_what, changes, signer) => {
    const good = await shop.order({ transactionNumber: await paidNumber() });
    const bad = await shop.order({ transactionNumber: id(), ...changes }, signer);
    const document = await shop.batch([good, bad]);
    await expect(send(document)).rejects.toMatchObject({ code: "batch-invalid" });
    await expect(send(document)).rejects.toThrow(/order number 2/);
    await processBatches(world.deps);
    expect(await balanceOf(world, wallet.accountId)).toBe(987_500n);
    // The same order in a batch that is in order.
    expect((await shop.run([good])).orders).toMatchObject([{ outcome: "executed" }]);
  });

  test("when an order comes in it twice, or one is no refund order", async () => {
    const order = await shop.order({ transactionNumber: id() });
    expect(await codeOf(send(await shop.batch([order, order])))).toBe("batch-invalid");
    const nested = await shop.batch([order]);
    expect(await codeOf(send(await shop.batch([nested])))).toBe("batch-invalid");
  });
});

describe("a renewed key", () => {
  test("signs batches from now on, with orders under the old one, which counts until its certificate is revoked", async () => {
    const renewed = nodeSigner(random(32));
    const second = await certifyAgain(world, shop.merchantId, renewed);
    const old = await shop.order({ transactionNumber: await paidNumber() });
    const fresh = await shop.order({ transactionNumber: await paidNumber() }, renewed);
    const document = await shop.batch([old, fresh], id(), renewed);
    await send(document);
    await processBatches(world.deps);
    expect(shop.read(await send(document)).orders).toMatchObject([
      { outcome: "executed" },
      { outcome: "executed" },
    ]);
    expect(
      await send(await shop.batch([await shop.order({ transactionNumber: id() })])),
    ).toMatchObject({
      state: "received",
    });
    await world.database.query(
      "update certificates set revoked_at = $2 where merchant_id = $1 and serial <> $3",
      [shop.merchantId, world.now, second],
    );
    const late = await shop.batch([await shop.order({ transactionNumber: id() })]);
    expect(await codeOf(send(late))).toBe("merchant-key-unknown");
    expect(await send(document)).toMatchObject({ state: "processed" });
    const mixed = await shop.batch([await shop.order({ transactionNumber: id() })], id(), renewed);
    expect(await codeOf(send(mixed))).toBe("batch-invalid");
  });
});

describe("an order that another batch brought before", () => {
  test("is executed once, and its outcome told again", async () => {
    const order = await shop.order({ transactionNumber: await paidNumber() });
    const results = [await shop.run([order]), await shop.run([order])];
    expect(results[1]?.orders).toEqual(results[0]?.orders);
    expect(results[0]?.orders).toMatchObject([{ outcome: "executed", given: 12_500n }]);
    expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n);
  });

  test("in two batches that wait together as well", async () => {
    const order = await shop.order({ transactionNumber: await paidNumber() });
    const batches = [await shop.batch([order]), await shop.batch([order])];
    await Promise.all(batches.map(send));
    await processBatches(world.deps);
    const results = await Promise.all(batches.map(async (one) => shop.read(await send(one))));
    expect(results[1]?.orders).toEqual(results[0]?.orders);
    expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n);
  });

  test("is refused where it says something else, and the first counts", async () => {
    const jti = id();
    const transactionNumber = await paidNumber();
    const first = await shop.order({ transactionNumber, jti, refunded: 100n });
    const second = await shop.order({ transactionNumber, jti, refunded: 12_500n });
    await shop.run([first]);
    expect((await shop.run([second])).orders).toEqual([
      { orderId: jti, outcome: "refused", reason: "order-conflict", payments: 0, given: 0n },
    ]);
    expect(await balanceOf(world, wallet.accountId)).toBe(987_600n);
  });

  test("belongs to its merchant: another may have the same id", async () => {
    const other = await createMerchant(world);
    const jti = id();
    const mine = await shop.order({ transactionNumber: await paidNumber(), jti });
    const theirs = await createRefundOrder(other.signer, {
      iss: other.merchantId,
      aud: ISSUER,
      jti,
      iat: world.now,
      transactionNumber: id(),
      refunded: 1n,
      of: 1n,
      currency: "EUR",
      scale: 4,
    });
    expect((await other.run([theirs])).orders).toMatchObject([{ reason: "no-payment" }]);
    expect((await shop.run([mine])).orders).toMatchObject([{ outcome: "executed" }]);
  });
});
