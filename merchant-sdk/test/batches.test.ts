/** Batches of refund orders against a TPS that signs: their way there and back, and what a crash or a bad answer leaves. */

import { join } from "node:path";
import { BATCHES_PATH, createRefundOrder, fromBase64url, verifyRefundOrder } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { describe, expect, test } from "vitest";
import { createMerchant, type HookEvent, type Store, sqliteStore } from "../src/index.ts";
import { clearingShop, STORES } from "./clearing-shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { problem } from "./test-tps.ts";
import { crypto, newId } from "./world.ts";

const PRICE = 49_000n;
/** Everything that a run writes, in its order. */
const WRITES = ["addBatch", "batchSent", "batchAnswered", "update", "batchDone"] as const;
const fine = { rejected: [], unavailable: null, refused: [] };

/** A shop with so many paid sales, each refunded in full. */
async function refunding(count = 1, options: Parameters<typeof clearingShop>[0] = {}) {
  const shop = await clearingShop(options);
  const numbers: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const { subject } = await shop.bought();
    await shop.merchant.refund(subject.transactionNumber);
    numbers.push(subject.transactionNumber);
  }
  const given = async () => {
    const sales = await Promise.all(numbers.map((number) => shop.merchant.sale(number)));
    return sales.map((sale) => sale?.refund.given);
  };
  return { ...shop, numbers, given };
}

describe.each(STORES)("a batch, with the %s store", (_name, makeStore) => {
  test("takes the waiting orders to the TPS, and what it says to the sales, once", async () => {
    const told: HookEvent[] = [];
    const hooks = { refundGiven: (event: HookEvent) => void told.push(event) };
    const shop = await refunding(3, { store: makeStore(), hooks });
    expect(await shop.merchant.runBatch()).toEqual({ ...fine, made: 1, executed: 3, waiting: 0 });
    expect(await shop.given()).toEqual([PRICE, PRICE, PRICE]);
    expect(await shop.merchant.runBatch()).toEqual({ ...fine, made: 0, executed: 0, waiting: 0 });
    expect(shop.tps.batches.size).toBe(1);
    await expect.poll(() => told.length).toBe(3);
  });

  test("that waits is asked for with the identical bytes, and not made again", async () => {
    const shop = await refunding(1, { store: makeStore() });
    shop.tps.isPrompt = false;
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 1, executed: 0, waiting: 1 });
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 0, executed: 0, waiting: 1 });
    expect(await shop.given()).toEqual([0n]);
    await shop.tps.process();
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 0, executed: 1, waiting: 0 });
    expect(await shop.given()).toEqual([PRICE]);
    expect(shop.tps.batches.size).toBe(1);
  });

  test.each(WRITES.flatMap((write) => [["before", write] as const, ["after", write] as const]))(
    "goes on when the process died %s %s",
    async (moment, write) => {
      const store = makeStore();
      const shop = await refunding(1, { store });
      shop.tps.isPrompt = write !== "batchSent";
      const { store: dying, hasDied } = dyingStore(store, write, moment);
      const merchant = createMerchant({
        ...shop.files,
        store: dying,
        fetch: shop.tps.fetch,
        clock: () => shop.time.now,
        logger: shop.logger,
        background: false,
      });
      await merchant.runBatch().catch(() => undefined);
      expect(hasDied()).toBe(true);
      await shop.tps.process();
      await shop.merchant.runBatch();
      expect(await shop.given()).toEqual([PRICE]);
      expect(shop.tps.batches.size).toBe(1);
      expect(await store.batches({ limit: 9 })).toMatchObject([{ state: "done", orders: 1 }]);
    },
  );

  test("is made of some of the orders when there are many: several batches", async () => {
    const store = makeStore();
    const shop = await clearingShop({ store });
    const { subject } = await shop.bought();
    const sale = await store.find(subject.transactionNumber);
    if (sale === undefined) throw new Error("No sale.");
    await shop.merchant.refund(subject.transactionNumber);
    const [order] = await store.orders(subject.transactionNumber);
    if (order === undefined) throw new Error("No order.");
    for (let copy = 0; copy < 500; copy += 1) {
      const orders = [{ ...order, orderId: newId() }];
      await store.update(subject.transactionNumber, () => ({ sale, events: [], orders }));
    }
    shop.tps.interfere = async () => problem("unavailable");
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 2, executed: 0 });
    const made = await store.batches({ limit: 9 });
    expect(made.map(({ orders }) => orders).sort((a, b) => a - b)).toEqual([1, 500]);
  });

  test("that the TPS rejects stops no later one, and goes again when a person says so", async () => {
    const shop = await refunding(1, { store: makeStore() });
    shop.tps.interfere = async () => problem("batch-invalid");
    const { rejected } = await shop.merchant.runBatch();
    expect(rejected).toEqual([
      { batchId: expect.any(String), problem: "The test says batch-invalid. [batch-invalid]" },
    ]);
    shop.tps.interfere = (_path, answer) => answer();
    const later = await shop.bought();
    await shop.merchant.refund(later.subject.transactionNumber);
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 1, executed: 1, rejected: [] });
    expect(await shop.given()).toEqual([0n]);

    const { findings } = await shop.merchant.reconcile({ kinds: ["refund-open"] });
    expect(findings).toMatchObject([{ detail: "rejected", actions: [{ action: "send-again" }] }]);
    const [action] = findings[0]?.actions ?? [];
    if (action === undefined) throw new Error("No action.");
    await shop.merchant.resolve(action);
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 1, executed: 1 });
    expect(await shop.given()).toEqual([PRICE]);
  });
});

describe("a run of batches", () => {
  test("signs orders that waited by the merchant's key of now: the one of before may be revoked", async () => {
    const shop = await refunding();
    const [number = ""] = shop.numbers;
    const sale = await shop.store.find(number);
    const [order] = await shop.store.orders(number);
    if (sale === undefined || order === undefined) throw new Error("No order.");
    const { document, ...stored } = order;
    const former = nodeSigner(crypto.randomBytes(32));
    const said = verifyRefundOrder(
      crypto,
      nodeSigner(fromBase64url(shop.files.keys.signingKey)).publicKey,
      document,
    );
    await shop.merchant.runBatch();
    const orderId = newId();
    const old = await createRefundOrder(former, { ...said, jti: orderId });
    const orders = [{ ...stored, orderId, document: old, batchId: null }];
    await shop.store.update(number, () => ({ sale, events: [], orders }));
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 1, executed: 1, rejected: [] });
    expect(shop.tps.batches.size).toBe(2);
  });

  test("says what the TPS refused and what to do; the order that had no payment yet goes again", async () => {
    const shop = await refunding();
    const [number = ""] = shop.numbers;
    shop.tps.execute = () => ({ outcome: "refused", reason: "no-payment", payments: 0, given: 0n });
    const { refused, made } = await shop.merchant.runBatch();
    expect(made).toBe(1);
    expect(refused).toEqual([
      {
        transactionNumber: number,
        orderId: expect.any(String),
        reason: "no-payment",
        action: expect.stringContaining("sent again by itself"),
      },
    ]);
    expect(shop.logger.text).toContain("A refund was not executed.");
    shop.tps.execute = ({ refunded }) => ({
      ...{ outcome: "executed", reason: null, payments: 1, given: refunded },
    });
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 1, executed: 1, refused: [] });
    expect(await shop.given()).toEqual([PRICE]);
  });

  test.each([
    ["is lost before it is sent", async () => Promise.reject(new TypeError("fetch failed"))],
    ["is busy", async () => problem("unavailable")],
    ["wants it slower", async () => problem("too-many-batches")],
    ["is no TPS", async () => new Response("<h1>Bad gateway</h1>", { status: 404 })],
  ])("ends without harm when the TPS %s, and the next one goes on", async (_name, answer) => {
    const shop = await refunding();
    shop.tps.interfere = answer;
    const run = await shop.merchant.runBatch();
    expect(run).toMatchObject({ made: 1, executed: 0, rejected: [] });
    expect(run.unavailable).toEqual(expect.any(String));
    shop.tps.interfere = (_path, own) => own();
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 0, executed: 1 });
    expect(await shop.given()).toEqual([PRICE]);
  });

  test("threat 17: a batch whose answer is lost is sent again as the same bytes, and executed once", async () => {
    const shop = await refunding();
    shop.tps.interfere = async (_path, answer) => {
      await answer();
      throw new TypeError("The line broke.");
    };
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 1, executed: 0 });
    shop.tps.interfere = (_path, own) => own();
    expect(await shop.merchant.runBatch()).toMatchObject({ made: 0, executed: 1 });
    expect(shop.tps.asked.filter((path) => path === BATCHES_PATH)).toHaveLength(2);
    expect(shop.tps.batches.size).toBe(1);
  });

  test.each(["by another key", "of another batch", "of other orders", "that is none"])(
    "takes no result %s",
    async (kind) => {
      const shop = await refunding();
      const stranger = nodeSigner(crypto.randomBytes(32));
      shop.tps.interfere = async (path, answer) => {
        const own = await answer();
        if (path !== BATCHES_PATH) return own;
        const [batchId = ""] = shop.tps.batches.keys();
        const given = { outcome: "executed", reason: null, payments: 1, given: PRICE } as const;
        const [order] = await shop.store.batchOrders(batchId);
        const orderId = order?.orderId ?? "";
        switch (kind) {
          case "by another key":
            return new Response(await shop.tps.sign(batchId, [{ orderId, ...given }], stranger));
          case "of another batch":
            return new Response(await shop.tps.sign(newId(), [{ orderId, ...given }]));
          case "of other orders":
            return new Response(await shop.tps.sign(batchId, [{ orderId: newId(), ...given }]));
          default:
            return new Response("done");
        }
      };
      expect(await shop.merchant.runBatch()).toMatchObject({ executed: 0, waiting: 1 });
      expect(await shop.given()).toEqual([0n]);
      shop.tps.interfere = (_path, own) => own();
      expect(await shop.merchant.runBatch()).toMatchObject({ executed: 1, waiting: 0 });
      expect(await shop.given()).toEqual([PRICE]);
    },
  );

  test("threat 17: two processes on one store put each order into one batch", async () => {
    const shop = await refunding(4, { store: sqliteStore(join(temporaryDirectory(), "shop.db")) });
    const other = createMerchant({
      ...shop.files,
      store: shop.store,
      fetch: shop.tps.fetch,
      clock: () => shop.time.now,
      logger: shop.logger,
      background: false,
    });
    await Promise.all([shop.merchant.runBatch(), other.runBatch(), other.runBatch()]);
    const batches = await shop.store.batches({ limit: 9 });
    expect(batches.reduce((sum, { orders }) => sum + orders, 0)).toBe(4);
    expect(await shop.given()).toEqual([PRICE, PRICE, PRICE, PRICE]);
  });
});

/** A store whose process dies before or after its first such writing: nothing of it works from then on. */
function dyingStore(store: Store, write: (typeof WRITES)[number], moment: "before" | "after") {
  let isDead = false;
  const dead = () => {
    isDead = true;
    throw new Error("The process is dead.");
  };
  const dying = new Proxy(store, {
    get(target, name: keyof Store) {
      const own = target[name];
      return async (...given: unknown[]) => {
        if (isDead || (name === write && moment === "before")) return dead();
        const result: unknown = await Reflect.apply(own, target, given);
        return name === write ? dead() : result;
      };
    },
  });
  return { store: dying, hasDied: () => isDead };
}
