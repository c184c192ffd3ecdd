/** Payments that come when a sale is over, or for no sale at all: kept, and delivered for or given back. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBase64url, verifyRefundOrder } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readKeys } from "../src/credentials.ts";
import { type HookEvent, type LatePayments, sqliteStore } from "../src/index.ts";
import { CertificateKeeper } from "../src/mts/certificate-keeper.ts";
import { Events } from "../src/mts/events.ts";
import { happenToAny } from "../src/mts/happen.ts";
import { OrderSigner } from "../src/mts/order-signer.ts";
import { keepReportedPayment } from "../src/mts/payments.ts";
import { LATE } from "./sale-events.ts";
import { NOW, openShop } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { crypto, newId, post, type Reply, TestWallet } from "./world.ts";

const DAY = 86_400;
const PRICE = 49_000n;

async function bookShop(latePayments: Partial<LatePayments> = {}) {
  const told: HookEvent[] = [];
  const tell = (event: HookEvent) => void told.push(event);
  const store = sqliteStore(join(temporaryDirectory(), "shop.db"));
  const hooks = { paid: tell, refundDecided: tell, duplicatePayment: tell };
  const shop = await openShop(
    (app, merchant, { directory }) => {
      const file = join(directory, "book.txt");
      writeFileSync(file, "Call me a chit.");
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The book", price: "4.90", file }));
    },
    { options: { store, hooks, refunds: { latePayments } } },
  );
  onTestFinished(() => shop.close());
  const visit = () => TestWallet.visit(shop.issuer, `${shop.origin}/book`);
  /** The refund orders of a number, verified under the merchant's key. */
  const orders = async (transactionNumber: string) => {
    const { publicKey } = nodeSigner(fromBase64url(shop.files.keys.signingKey));
    const stored = await store.orders(transactionNumber);
    return stored.map(({ document }) => verifyRefundOrder(crypto, publicKey, document));
  };
  return { ...shop, store, told, visit, orders };
}

type BookShop = Awaited<ReturnType<typeof bookShop>>;

const refusal = ({ status, problem }: Reply) => [status, problem];
const ALL = { refunded: PRICE, of: PRICE };
const types = ({ told }: BookShop) => told.map(({ type }) => type);

describe("a payment after the quote expired", () => {
  async function late(shop: BookShop) {
    const wallet = await shop.visit();
    await wallet.initiate();
    const { expiresAt } = wallet.verified.quote;
    shop.time.now = expiresAt + DAY;
    return { wallet, proof: await wallet.verdict("proof", {}, expiresAt + DAY), expiresAt };
  }

  test("is delivered for, unless the merchant says otherwise", async () => {
    const { wallet, proof } = await late(await bookShop());
    expect((await wallet.forward(proof)).status).toBe(200);
  });

  test("goes back where the merchant says so, is kept, and is told", async () => {
    const shop = await bookShop({ expired: "refund" });
    const { wallet, proof } = await late(shop);
    for (const _ of [1, 2]) {
      expect(refusal(await wallet.forward(proof))).toEqual([410, "refunded"]);
    }
    const { transactionNumber } = wallet.subject;
    expect(await shop.merchant.sale(transactionNumber)).toMatchObject({
      state: "returned",
      payments: [{ at: shop.time.now }],
      refund: { decision: "accepted", accepted: PRICE, given: 0n },
    });
    expect(await shop.orders(transactionNumber)).toMatchObject([{ transactionNumber, ...ALL }]);
    await vi.waitFor(() => expect(types(shop)).toEqual(["refundDecided"]));
    expect(await wallet.wish({ wish: "refund-state" })).toMatchObject({
      decision: "accepted",
      accepted: PRICE,
      of: PRICE,
    });
    expect(await wallet.recover(await wallet.prepareRecovery())).toEqual({
      answer: "refused",
      reason: "refunded",
    });
  });

  test("counts by when it was paid, not by when its proof comes", async () => {
    const shop = await bookShop({ expired: "refund" });
    const { wallet, expiresAt } = await late(shop);
    const inTime = await wallet.verdict("proof", {}, expiresAt);
    expect((await wallet.forward(inTime)).status).toBe(200);
  });
});

describe("a payment for a cancelled number", () => {
  async function cancelled(shop: BookShop) {
    const wallet = await shop.visit();
    await wallet.initiate();
    const { transactionNumber } = wallet.subject;
    await shop.merchant.cancel(transactionNumber);
    return { wallet, transactionNumber };
  }

  test("goes back, and the number is neither quoted nor begun any more", async () => {
    const shop = await bookShop();
    const { wallet, transactionNumber } = await cancelled(shop);
    expect(refusal(await post(wallet.verified.quote.sessionUrl, wallet.initiation))).toEqual([
      410,
      "cancelled",
    ]);
    const quote = await fetch(`${shop.origin}/chit/quotes/${transactionNumber}`);
    expect(quote.status).toBe(410);
    expect(refusal(await wallet.forward(await wallet.verdict()))).toEqual([410, "refunded"]);
    expect(await shop.orders(transactionNumber)).toMatchObject([ALL]);
    expect(await shop.merchant.cancel(transactionNumber)).toMatchObject({ state: "returned" });
  });

  test("is delivered for where the merchant says so", async () => {
    const shop = await bookShop({ cancelled: "deliver" });
    const { wallet, transactionNumber } = await cancelled(shop);
    await wallet.pay();
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("Call me a chit.");
    expect(await shop.orders(transactionNumber)).toEqual([]);
  });

  test("paid already, a sale is refunded and not cancelled", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    await wallet.pay();
    const { transactionNumber } = wallet.subject;
    await expect(shop.merchant.cancel(transactionNumber)).rejects.toMatchObject({
      code: "sale-paid",
    });
    await expect(shop.merchant.cancel(newId())).rejects.toMatchObject({ code: "sale-unknown" });
  });
});

describe("a payment for a refunded number", () => {
  test("goes back by an order of its own, each time one comes", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    await wallet.pay();
    const { transactionNumber } = wallet.subject;
    await shop.merchant.refund(transactionNumber);
    const second = await wallet.verdict();
    for (const _ of [1, 2]) {
      expect(refusal(await wallet.forward(second))).toEqual([410, "refunded"]);
    }
    expect(refusal(await wallet.forward(await wallet.verdict()))).toEqual([410, "refunded"]);
    const orders = await shop.orders(transactionNumber);
    expect(orders).toMatchObject([ALL, ALL, ALL]);
    expect(new Set(orders.map(({ jti }) => jti)).size).toBe(3);
    expect(await shop.merchant.sale(transactionNumber)).toMatchObject({ payments: { length: 3 } });
  });

  test("in part: goes back in the same part, and the merchant is told that it is a second one", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    await wallet.pay();
    const { transactionNumber } = wallet.subject;
    await shop.merchant.refund(transactionNumber, { amount: "1.00" });
    expect((await wallet.forward(await wallet.verdict())).status).toBe(200);
    const part = { refunded: 10_000n, of: PRICE };
    expect(await shop.orders(transactionNumber)).toMatchObject([part, part]);
    await vi.waitFor(() =>
      expect(types(shop)).toEqual(["paid", "refundDecided", "duplicatePayment"]),
    );
  });

  test("is delivered for where the merchant says so, once the TPS has confirmed the refund", async () => {
    const shop = await bookShop({ refunded: "deliver" });
    const wallet = await shop.visit();
    await wallet.initiate();
    await wallet.pay();
    await wallet.fetchGoods();
    const { transactionNumber } = wallet.subject;
    await shop.merchant.refund(transactionNumber);
    expect(refusal(await wallet.sendFor())).toEqual([410, "refunded"]);
    const crossing = await wallet.verdict("proof", {}, NOW + DAY);
    expect(refusal(await wallet.forward(crossing))).toEqual([410, "refunded"]);
    const orders = await shop.orders(transactionNumber);
    expect(orders).toHaveLength(2);

    for (const { jti: orderId } of orders) {
      const event = { type: "refund-given", orderId, payments: 2, given: PRICE } as const;
      await happenToAny(depsOf(shop), transactionNumber, event);
    }
    expect(await wallet.wish({ wish: "refund-state" })).toMatchObject({ given: PRICE });
    const afterwards = await wallet.verdict("proof", {}, NOW + DAY);
    expect((await wallet.forward(afterwards)).status).toBe(200);
    expect((await wallet.sendFor()).status).toBe(200);
    expect(await wallet.wish({ wish: "refund-state" })).toMatchObject({ decision: "none" });
    expect(await shop.orders(transactionNumber)).toHaveLength(2);
  });
});

describe("a payment without a session", () => {
  test("goes back: there is nobody to deliver to, and who begins later gets nothing for it", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const proof = await wallet.verdict();
    expect(refusal(await wallet.forward(proof))).toEqual([410, "refunded"]);
    const { transactionNumber } = wallet.subject;
    expect(await shop.orders(transactionNumber)).toMatchObject([ALL]);
    const session = await wallet.prepareSession();
    expect(refusal(await post(wallet.verified.quote.sessionUrl, session))).toEqual([
      410,
      "refunded",
    ]);
  });
});

describe("a payment for a number that the shop does not know", () => {
  test("goes back, whether it was forgotten or never given, and so does every further one", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await shop.store.prune(wallet.verified.quote.expiresAt + 1);
    expect(await shop.merchant.sale(wallet.subject.transactionNumber)).toBeUndefined();
    const changes = [{}, { transactionNumber: newId() }];
    for (const change of changes) {
      const { transactionNumber } = { ...wallet.subject, ...change };
      for (const _ of [1, 2]) {
        const proof = await wallet.verdict("proof", change);
        expect(refusal(await wallet.forward(proof))).toEqual([410, "refunded"]);
        expect(refusal(await wallet.forward(proof))).toEqual([410, "refunded"]);
      }
      expect(await shop.orders(transactionNumber)).toMatchObject([ALL, ALL]);
      expect(await shop.merchant.sale(transactionNumber)).toMatchObject({
        state: "stray",
        amount: PRICE,
        total: "4.90",
        lines: [],
        payments: { length: 2 },
        refund: { accepted: PRICE },
      });
    }
    expect(await shop.merchant.sales({ states: ["stray"] })).toHaveLength(2);
  });

  test("forwarded twice at once is one payment and one order", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const transactionNumber = newId();
    const proof = await wallet.verdict("proof", { transactionNumber });
    const replies = await Promise.all([1, 2, 3, 4].map(() => wallet.forward(proof)));
    expect(replies.map(refusal)).toEqual(replies.map(() => [410, "refunded"]));
    expect(await shop.orders(transactionNumber)).toHaveLength(1);
    const sale = await shop.merchant.sale(transactionNumber);
    expect(sale?.payments).toHaveLength(1);
  });

  test("stays unknown to whoever wants a quote, a session, goods or a recovery of it", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const transactionNumber = newId();
    await wallet.forward(await wallet.verdict("proof", { transactionNumber }));
    expect((await fetch(`${shop.origin}/chit/quotes/${transactionNumber}`)).status).toBe(404);
    await wallet.initiate();
    const recovery = await wallet.prepareRecovery(undefined, { transactionNumber });
    expect(refusal(await post(wallet.verified.quote.recoveryUrl, recovery.body))).toEqual([
      400,
      "authentication-failed",
    ]);
    const denial = await wallet.verdict("denial", { transactionNumber });
    expect(refusal(await wallet.forward(denial, "denial"))).toEqual([404, "transaction-unknown"]);
  });
});

describe("a payment that only a settlement report tells of", () => {
  const reported = (wallet: TestWallet, change: object = {}) => ({
    ...wallet.subject,
    paymentId: newId(),
    paidAt: NOW,
    ...change,
  });

  test("is kept as if its proof had come; the proof that comes later is no second one", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const proof = await wallet.verdict();
    const paymentId = jtiOf(proof);
    const told = reported(wallet, { paymentId });
    expect(await keepReportedPayment(depsOf(shop), told)).toBe("recorded");
    expect(await keepReportedPayment(depsOf(shop), told)).toBe("known");
    const { transactionNumber } = wallet.subject;
    expect(await shop.merchant.sale(transactionNumber)).toMatchObject({ state: "paid" });
    expect(await wallet.wish({ wish: "payment" })).toEqual({ answer: "payment", proof: null });
    expect((await wallet.forward(proof)).status).toBe(200);
    expect(await wallet.wish({ wish: "payment" })).toEqual({ answer: "payment", proof });
    const sale = await shop.merchant.sale(transactionNumber);
    expect(sale?.payments).toEqual([{ jti: paymentId, at: NOW }]);
  });

  test("goes back when the number is not known", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    const transactionNumber = newId();
    const told = reported(wallet, { transactionNumber });
    expect(await keepReportedPayment(depsOf(shop), told)).toBe("recorded");
    expect(await shop.orders(transactionNumber)).toMatchObject([ALL]);
  });

  test("for another quote or amount than the number's is left to the merchant", async () => {
    const shop = await bookShop();
    const wallet = await shop.visit();
    await wallet.initiate();
    const others = [{ amount: 1n }, { quoteHash: crypto.randomBytes(32) }, { currency: "USD" }];
    for (const other of others) {
      expect(await keepReportedPayment(depsOf(shop), reported(wallet, other))).toBe("mismatch");
    }
    expect(await shop.merchant.sale(wallet.subject.transactionNumber)).toMatchObject({
      state: "authenticated",
    });
    expect(await shop.orders(wallet.subject.transactionNumber)).toEqual([]);
  });
});

/** What the background work has, on the shop's own store and keys. */
function depsOf({ store, files, time, logger }: BookShop) {
  const clock = () => time.now;
  return {
    store,
    crypto,
    clock,
    events: new Events({ store, hooks: {}, clock, logger }),
    orders: new OrderSigner(nodeSigner(fromBase64url(files.keys.signingKey)), files.bundle.issuer),
    refunds: { decide: null, decisionSeconds: 0, latePayments: LATE },
    certificate: new CertificateKeeper(crypto, readKeys(files.keys), files.bundle.certificate),
  };
}

/** The payment's name in a proof. */
function jtiOf(proof: string): string {
  const payload = Buffer.from(proof.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(payload) as { jti: string }).jti;
}
