/** Refunds over HTTP: what a wallet asks, what the merchant decides at once, later or unasked, and what follows. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromBase64url, type RefundWish, verifyRefundOrder } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type DecideRefund,
  type HookEvent,
  type MerchantOptions,
  type RefundRequest,
  sqliteStore,
} from "../src/index.ts";
import { NOW, openShop } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { ADDRESS, crypto, newId, post, type Reply, TestWallet } from "./world.ts";

const PRICE = 49_000n;
const ISSUER = "http://tps.localhost:9999";
const ASK: Omit<RefundWish, "token"> = {
  wish: "refund",
  reason: "damaged",
  text: "The last chapter is missing.",
  amount: null,
};

async function bookShop(refunds: MerchantOptions["refunds"] = {}) {
  const told: HookEvent[] = [];
  const tell = (event: HookEvent) => void told.push(event);
  const store = sqliteStore(join(temporaryDirectory(), "shop.db"));
  const hooks = { refundAsked: tell, refundDecided: tell, refundGiven: tell };
  const shop = await openShop(
    (app, merchant, { directory }) => {
      const file = join(directory, "book.txt");
      writeFileSync(file, "Call me a chit.");
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The book", price: "4.90", file }));
      const delivery = { text: "By post" };
      app.get("/mug", merchant.sell({ name: "Mug", price: "12", kind: "physical", delivery }));
    },
    { options: { store, hooks, refunds } },
  );
  onTestFinished(() => shop.close());
  /** A wallet that paid. */
  const bought = async () => {
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    await wallet.pay();
    return wallet;
  };
  return { ...shop, store, told, bought };
}

const number = (wallet: TestWallet) => wallet.subject.transactionNumber;
const refusal = ({ status, problem }: Reply) => [status, problem];
const state = (wallet: TestWallet) => wallet.wish({ wish: "refund-state" });

/** A function that decides, and what it was asked. */
function decider(decide: DecideRefund) {
  const asked: RefundRequest[] = [];
  return {
    asked,
    decide: (request: RefundRequest) => {
      asked.push(request);
      return decide(request);
    },
  };
}

describe("a refund that a wallet asks for", () => {
  test("stays open unless the merchant decides at once; the state tells so, then the decision", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    const none = { answer: "refund", accepted: 0n, of: PRICE, given: 0n, message: null };
    expect(await state(wallet)).toEqual({ ...none, decision: "none", at: null });
    const open = { ...none, decision: "asked", at: NOW };
    expect(await wallet.wish(ASK)).toEqual(open);
    expect(await state(wallet)).toEqual(open);
    expect(await shop.merchant.sale(number(wallet))).toMatchObject({
      refund: {
        decision: "asked",
        asked: { reason: "damaged", text: ASK.text, amount: null, at: NOW },
      },
    });
    shop.time.now += 60;
    await shop.merchant.decideRefund(number(wallet), { decision: "accept", message: "Sorry." });
    expect(await state(wallet)).toEqual({
      ...none,
      decision: "accepted",
      accepted: PRICE,
      message: "Sorry.",
      at: NOW + 60,
    });
    expect(shop.told.map(({ type }) => type)).toEqual(["refundAsked", "refundDecided"]);
  });

  test("is accepted by the merchant's function, in full or in part, and makes a signed order", async () => {
    const { asked, decide } = decider(({ reason }) =>
      reason === "damaged"
        ? { decision: "accept", amount: "2.00", message: "Keep it for the rest." }
        : { decision: "accept" },
    );
    const shop = await bookShop({ decide });
    const wallet = await shop.bought();
    expect(await wallet.wish({ ...ASK, amount: 30_000n })).toMatchObject({
      decision: "accepted",
      accepted: 20_000n,
      given: 0n,
      message: "Keep it for the rest.",
    });
    expect(asked).toMatchObject([
      { reason: "damaged", text: ASK.text, amount: 30_000n, sale: { total: "4.90" } },
    ]);
    expect(await wallet.wish({ ...ASK, reason: "other", text: null })).toMatchObject({
      decision: "accepted",
      accepted: PRICE,
    });
    const orders = await shop.store.orders(number(wallet));
    const { publicKey } = nodeSigner(fromBase64url(shop.files.keys.signingKey));
    const signed = orders.map(({ document }) => verifyRefundOrder(crypto, publicKey, document));
    const order = {
      v: 1,
      iss: wallet.subject.merchantId,
      aud: ISSUER,
      iat: NOW,
      transactionNumber: number(wallet),
      of: PRICE,
      currency: "EUR",
      scale: 4,
    };
    expect(signed).toEqual(
      expect.arrayContaining([
        { ...order, jti: expect.any(String), refunded: 20_000n },
        { ...order, jti: expect.any(String), refunded: PRICE },
      ]),
    );
    expect(signed.map(({ jti }) => jti)).toEqual(orders.map(({ orderId }) => orderId));
  });

  test("is refused by the merchant's function with words, and may be asked for again", async () => {
    const { asked, decide } = decider(() => ({ decision: "refuse", message: "Read to the end." }));
    const shop = await bookShop({ decide });
    const wallet = await shop.bought();
    const refused = { decision: "refused", accepted: 0n, message: "Read to the end." };
    expect(await wallet.wish(ASK)).toMatchObject(refused);
    expect(await wallet.wish({ ...ASK, text: "Not at all!" })).toMatchObject(refused);
    expect(asked).toHaveLength(2);
    expect(await shop.store.orders(number(wallet))).toEqual([]);
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("Call me a chit.");
  });

  test("counts once, however often its bytes come, also at once and after the decision", async () => {
    const { asked, decide } = decider(() => ({ decision: "defer" }));
    const shop = await bookShop({ decide });
    const wallet = await shop.bought();
    const pending = await wallet.prepareWish(ASK);
    for (const _ of [1, 2, 3]) {
      expect(await wallet.recover(pending)).toMatchObject({ decision: "asked" });
    }
    expect(asked).toHaveLength(1);
    await shop.merchant.decideRefund(number(wallet), { decision: "refuse", message: "No." });
    expect(await wallet.recover(pending)).toMatchObject({ decision: "refused", message: "No." });
    const fresh = await wallet.prepareWish(ASK);
    const replies = await Promise.all([1, 2, 3].map(() => wallet.recover(fresh)));
    expect(replies).toMatchObject(replies.map(() => ({ decision: "asked" })));
    expect(shop.told.filter(({ type }) => type === "refundAsked")).toHaveLength(2);
  });

  test("may be changed while it is open; an older request played again changes nothing", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    const first = await wallet.prepareWish(ASK);
    await wallet.recover(first);
    await wallet.wish({ ...ASK, reason: "changed-mind", text: null, amount: 5n });
    await wallet.recover(first);
    expect(await shop.merchant.sale(number(wallet))).toMatchObject({
      refund: { asked: { reason: "changed-mind", amount: 5n } },
    });
    await shop.merchant.decideRefund(number(wallet), { decision: "accept" });
    expect(await state(wallet)).toMatchObject({ decision: "accepted", accepted: 5n });
  });

  test.each<[string, DecideRefund]>([
    ["throws", () => Promise.reject(new Error("The database is down."))],
    ["hangs", () => new Promise(() => {})],
    ["says nothing", (() => undefined) as unknown as DecideRefund],
    ["gives back more than was paid", () => ({ decision: "accept", amount: "4.91" })],
    ["writes what nobody can see", () => ({ decision: "refuse", message: "\u202e" })],
  ])("stays open when the merchant's function %s, and is said so in the log", async (_, decide) => {
    const shop = await bookShop({ decide, decisionSeconds: 0 });
    const wallet = await shop.bought();
    const pending = await wallet.prepareWish(ASK);
    expect(await wallet.recover(pending)).toMatchObject({ decision: "asked", accepted: 0n });
    expect(shop.logger.text).toMatch(/error .*refund stays open/);
    expect(shop.logger.text).not.toContain(ASK.text);
    expect(await shop.store.orders(number(wallet))).toEqual([]);
    const lines = shop.logger.lines.length;
    expect(await wallet.recover(pending)).toMatchObject({ decision: "asked" });
    expect(shop.logger.lines).toHaveLength(lines);
    await shop.merchant.decideRefund(number(wallet), { decision: "accept" });
    expect(await state(wallet)).toMatchObject({ decision: "accepted", accepted: PRICE });
  });

  test("of more than was paid is refused in words", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    expect(await wallet.wish({ ...ASK, amount: PRICE + 1n })).toEqual({
      answer: "refused",
      reason: "more-than-paid",
    });
    expect(await wallet.wish({ ...ASK, amount: PRICE })).toMatchObject({ decision: "asked" });
  });

  test("needs the token, and a payment", async () => {
    const shop = await bookShop();
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    const send = async (pending: { body: Uint8Array }) =>
      refusal(await post(wallet.verified.quote.recoveryUrl, pending.body));
    expect(await send(await wallet.prepareWish(ASK))).toEqual([402, "not-paid"]);
    expect(await state(wallet)).toMatchObject({ decision: "none" });
    await wallet.pay();
    const { token } = wallet.session.key;
    const other = Uint8Array.from(token, (byte, index) => (index === 0 ? byte ^ 1 : byte));
    wallet.session = { ...wallet.session, key: { ...wallet.session.key, token: other } };
    expect(await send(await wallet.prepareWish(ASK))).toEqual([400, "authentication-failed"]);
    expect(await shop.merchant.sale(number(wallet))).toMatchObject({
      refund: { decision: "none" },
    });
  });

  test("survives a restart of the shop, as do its orders", async () => {
    const path = join(temporaryDirectory(), "shop.db");
    const first = sqliteStore(path);
    const shop = await openShop(
      (app, merchant) => {
        app.use(merchant.router());
        const delivery = { text: "By post" };
        app.get("/mug", merchant.sell({ name: "Mug", price: "12", kind: "physical", delivery }));
      },
      { options: { store: first } },
    );
    onTestFinished(() => shop.close());
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/mug`);
    await wallet.initiate(ADDRESS);
    await wallet.pay();
    await wallet.wish(ASK);
    await shop.merchant.refund(number(wallet), { amount: 7n });
    const again = sqliteStore(path);
    expect(await again.find(number(wallet))).toEqual(await first.find(number(wallet)));
    expect(await again.orders(number(wallet))).toMatchObject([{ refunded: 7n, of: 120_000n }]);
    await again.close();
  });
});

describe("a refund that the merchant gives unasked", () => {
  test("is cumulative: the same call again changes nothing, a higher one adds", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    for (const _ of [1, 2]) {
      const sale = await shop.merchant.refund(number(wallet), {
        amount: "1.00",
        message: "It came late.",
      });
      expect(sale.refund).toMatchObject({ decision: "accepted", accepted: 10_000n });
    }
    expect(await state(wallet)).toMatchObject({ accepted: 10_000n, message: "It came late." });
    await shop.merchant.refund(number(wallet), { amount: 15_000n });
    await shop.merchant.refund(number(wallet));
    const orders = await shop.store.orders(number(wallet));
    expect(orders.map(({ refunded }) => refunded).sort((a, b) => Number(a - b))).toEqual([
      10_000n,
      15_000n,
      PRICE,
    ]);
    // Hooks are told behind the answer.
    const told = ["refundDecided", "refundDecided", "refundDecided"];
    await vi.waitFor(() => expect(shop.told.map(({ type }) => type)).toEqual(told));
    expect(new Set(shop.told.map(({ id }) => id)).size).toBe(3);
  });

  test.each([
    ["0", "refund-invalid"],
    ["4.91", "refund-invalid"],
    ["-1", "refund-invalid"],
    ["1.00005", "price-invalid"],
    [1.5, "refund-invalid"],
  ])("of %s is refused before anything happens", async (amount, code) => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    const terms = { amount: amount as string };
    await expect(shop.merchant.refund(number(wallet), terms)).rejects.toMatchObject({ code });
    expect(await state(wallet)).toMatchObject({ decision: "none" });
  });

  test("of an unknown number, or decided where nothing is open, is the merchant's mistake", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    await expect(shop.merchant.refund(newId())).rejects.toMatchObject({ code: "sale-unknown" });
    await expect(
      shop.merchant.decideRefund(number(wallet), { decision: "accept" }),
    ).rejects.toMatchObject({ code: "refund-invalid" });
    await shop.merchant.refund(number(wallet));
    await shop.merchant.decideRefund(number(wallet), { decision: "accept" });
    expect(await shop.store.orders(number(wallet))).toHaveLength(1);
  });

  test("asked for at the same moment is one refund, in one atom with its sale", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    await Promise.all([1, 2, 3, 4].map(() => shop.merchant.refund(number(wallet))));
    expect(await shop.store.orders(number(wallet))).toHaveLength(1);
    const sale = await shop.merchant.sale(number(wallet));
    expect(sale?.refund.orders).toHaveLength(1);
  });
});

describe("after everything was given back", () => {
  test("threat 17: refunded goods are not redelivered: not by the token, not under the first session, nor by the proof", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    const before = await wallet.prepareRecovery();
    expect(await wallet.recover(before)).toMatchObject({ answer: "redelivery" });
    await shop.merchant.refund(number(wallet));
    const refused = { answer: "refused", reason: "refunded" };
    expect(await wallet.recover(before)).toEqual(refused);
    expect(await wallet.recover(await wallet.prepareRecovery())).toEqual(refused);
    expect(refusal(await wallet.sendFor())).toEqual([410, "refunded"]);
    expect(refusal(await wallet.sendFor(before.key))).toEqual([410, "refunded"]);
    const proof = await shop.store.find(number(wallet));
    const document = proof !== undefined && "payments" in proof ? proof.payments[0]?.document : "";
    expect(refusal(await wallet.forward(document ?? ""))).toEqual([410, "refunded"]);
    expect(await shop.store.orders(number(wallet))).toHaveLength(1);
  });

  test("that comes before any other reason, and a stranger learns nothing of it", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await shop.merchant.refund(number(wallet));
    shop.time.now += 100 * 365 * 86_400;
    expect(await wallet.recover(await wallet.prepareRecovery())).toEqual({
      answer: "refused",
      reason: "refunded",
    });
    const stranger = { sendGoods: crypto.randomBytes(32), goods: crypto.randomBytes(32) };
    expect(refusal(await wallet.sendFor(stranger))).toEqual([400, "authentication-failed"]);
  });

  test("in part only, the goods stay the shopper's", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    await shop.merchant.refund(number(wallet), { amount: PRICE - 1n });
    expect((await wallet.sendFor()).status).toBe(200);
    expect(await wallet.recover(await wallet.prepareRecovery())).toMatchObject({
      answer: "redelivery",
    });
  });

  test("another wish for a refund is answered with how it stands", async () => {
    const shop = await bookShop();
    const wallet = await shop.bought();
    await shop.merchant.refund(number(wallet));
    expect(await wallet.wish(ASK)).toMatchObject({ decision: "accepted", accepted: PRICE });
  });
});
