import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PurchaseEvent, transition } from "../src/cts/purchase-state.ts";
import type { Purchase } from "../src/cts/records.ts";
import { createScheduler } from "../src/cts/scheduler.ts";
import { tidyGoods } from "../src/cts/tidy.ts";
import { history } from "../src/cts/views.ts";
import {
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  type World,
  withAccount,
} from "./support/world.ts";

const bytes = (length: number) => new Uint8Array(length);
const failure = { code: "quote-expired", detail: "" };
const deliveryKey = { sendGoods: bytes(32), goods: bytes(32) };
const PAID = ["paid", "advised", "goods-requested", "complete", "recovering"];
const event = fc.constantFrom<PurchaseEvent[]>(
  {
    type: "session-initiated",
    accountKey: "a",
    address: null,
    session: {
      key: {
        quoteAuthentication: bytes(32),
        shippingAdvice: bytes(32),
        sendGoods: bytes(32),
        goods: bytes(32),
        token: bytes(32),
      },
      sessionHash: bytes(32),
      sealedHash: bytes(32),
      initiation: bytes(1),
    },
  },
  { type: "quote-authenticated" },
  {
    type: "payment-requested",
    request: {
      body: bytes(1),
      requestHash: bytes(32),
      enc: bytes(32),
      responseSecret: bytes(16),
      component: bytes(32),
      count: 0,
      pinGeneration: 1,
      sealingKeyId: "k",
    },
  },
  { type: "request-returned", because: failure, wrongPin: { attemptsLeft: 4 } },
  { type: "paid", proof: "proof" },
  { type: "denied", denial: "denial", reason: "insufficient-funds" },
  { type: "advised", advice: { goods: [], sendGoodsUrl: null, delivery: null } },
  { type: "goods-requested" },
  { type: "completed" },
  {
    type: "redelivery-wished",
    recovery: { body: bytes(1), enc: bytes(32), responseSecret: bytes(16), key: deliveryKey },
  },
  {
    type: "redelivery-given",
    fresh: { key: deliveryKey, sendGoodsUrl: "https://shop.example/goods", until: 1 },
  },
  { type: "redelivery-refused", failure },
  { type: "denial-forwarded" },
  { type: "declined" },
  { type: "failed", failure },
);

const quoted: Purchase = {
  state: "quoted",
  purchaseId: "p",
  createdAt: 0,
  shopName: "Shop",
  shopOrigin: "https://shop.example",
  quoteUrl: "https://shop.example/q",
  quote: bytes(1),
  quoteHash: bytes(32),
  issuer: "https://tps.example",
  tabId: null,
  steps: [{ step: 2, at: 0 }],
  waiting: null,
};

/** The states that any events lead through; what cannot happen is skipped. */
function walk(events: PurchaseEvent[]): Purchase[] {
  const path: Purchase[] = [quoted];
  for (const next of events) {
    try {
      path.push(transition(path.at(-1) as Purchase, next, path.length));
    } catch (error) {
      expect(error).toMatchObject({ code: "wrong-state" });
    }
  }
  return path;
}

describe("whatever happens to a purchase", () => {
  test("paid is never lost: it goes on to complete and nowhere else", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const states = walk(events).map(({ state }) => state);
        const paid = states.indexOf("paid");
        if (paid < 0) return;
        for (const state of states.slice(paid)) {
          expect(PAID).toContain(state);
        }
      }),
    );
  });

  test("a requested payment is never declined or failed", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const path = walk(events);
        path.forEach(({ state }, index) => {
          if (state !== "payment-requested") return;
          const next = path[index + 1]?.state ?? "paid";
          expect(["paid", "denied", "quote-authenticated"]).toContain(next);
        });
      }),
    );
  });

  test("only a state with a verified proof is paid, and the request's secrets end with it", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        for (const purchase of walk(events)) {
          expect("request" in purchase).toBe(purchase.state === "payment-requested");
          expect("proof" in purchase).toBe(PAID.includes(purchase.state));
          expect("recovery" in purchase).toBe(purchase.state === "recovering");
          expect(purchase.steps.length).toBeLessThanOrEqual(9);
        }
      }),
    );
  });
});

test("the scheduler gives each purchase its turn, one at a time, in order, whoever leaves when", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1 }),
      fc.array(fc.boolean(), { minLength: 21, maxLength: 21 }),
      async (ids, givesUp) => {
        const scheduler = createScheduler();
        const turns: number[] = [];
        let inside = 0;
        await Promise.all(
          ids.map(async (id) => {
            const giveUp = new AbortController();
            const turn = scheduler.enter("account", String(id), giveUp.signal);
            const leaves = givesUp[id] === true && id !== ids[0];
            if (leaves) giveUp.abort();
            if (!(await turn)) return;
            turns.push(id);
            inside += 1;
            expect(inside).toBe(1);
            await Promise.resolve();
            inside -= 1;
            scheduler.leave("account", String(id));
          }),
        );
        expect(turns).toEqual(ids.filter((id) => givesUp[id] !== true || id === ids[0]));
        expect(scheduler.mustWait("account", "next")).toBe(false);
      },
    ),
  );
});

describe("the history", () => {
  let world: World;
  let life: Life;
  beforeEach(async () => {
    world = await createWorld();
    life = await world.start();
    await withAccount(world, life);
  });
  afterEach(() => world.stop());

  test("finds purchases by shop and by what was bought, newest first, page by page", async () => {
    for (const description of ["A mug", "A photograph", "Another mug"]) {
      world.clock.now += 1;
      const lines = [{ description, quantity: 1, amount: "1" }];
      const purchase = await offered(world, life, world.mts.offer({ lines, amount: "1" }));
      await pay(life, purchase);
      await reached(life, purchase, "complete");
    }
    await offered(world, life);
    const titles = async (search: string, offset = 0) =>
      (await history(life.deps, search, offset)).purchases.map(({ title }) => title);
    expect(await titles("")).toEqual(["Another mug", "A photograph", "A mug"]);
    expect(await titles("MUG")).toEqual(["Another mug", "A mug"]);
    expect(await titles("mug", 1)).toEqual(["A mug"]);
    expect(await titles("paper & ink")).toHaveLength(3);
    expect(await titles("tea")).toEqual([]);
  });

  test("keeps goods, or deletes them after a day when the shopper wants that", async () => {
    const purchase = await offered(world, life);
    await pay(life, purchase);
    await reached(life, purchase, "complete");
    const stored = async () =>
      (await life.deps.goods.progress(purchase.purchaseId, world.mts.goodsId)).verified;
    world.clock.now += 100_000;
    await tidyGoods(life.deps);
    expect(await stored()).toBe(true);
    await life.deps.store.putSettings({ keepGoods: false, openWindow: true });
    await tidyGoods(life.deps);
    expect(await stored()).toBe(false);
  });
});
