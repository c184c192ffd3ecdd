/** The refunds of a sale, for any order of events: what was paid is kept, and given back as often as it was paid. */

import {
  createSendGoods,
  type DeliveryKey,
  decodeSendGoods,
  refundTarget,
  type SendGoods,
} from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deliveryKeyFor, redeliveryRefusal } from "../src/mts/redelivery.ts";
import { paymentsOf, type SaleRecord } from "../src/mts/sale.ts";
import type { LatePolicy, OrderDraft, SaleEvent } from "../src/mts/sale-event.ts";
import { isRefunded } from "../src/mts/subject.ts";
import {
  advised,
  after,
  asked,
  bytes,
  EXPIRES,
  happens,
  LATE,
  PRICE,
  proof,
  quoted,
  refund,
  sent,
  session,
  stray,
  wished,
} from "./sale-events.ts";

const policy = fc.constantFrom<LatePolicy>("deliver", "refund");
const amount = fc.constantFrom(null, 1n, PRICE / 3n, PRICE - 1n, PRICE);

const anyProof = fc
  .record({
    jti: fc.constantFrom("p1", "p2", "p3", "p4"),
    paidAt: fc.constantFrom(2, EXPIRES + 10_000, 10_000_000),
    document: fc.constantFrom(null, "a.b.c"),
    late: fc.record({ expired: policy, cancelled: policy, refunded: policy }),
  })
  .map(({ jti, ...paid }) => proof(jti, paid));

const verdict = fc.oneof(
  amount.map((part) => ({ decision: "accept", amount: part, message: null }) as const),
  fc.constant({ decision: "refuse", message: "No." } as const),
  fc.constant({ decision: "defer" } as const),
);

/** An event, or the TPS's word on the oldest order that it has said nothing of. */
type Move = SaleEvent | "executed" | "unknown to the TPS";

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: anyProof },
  fc.integer({ min: 1, max: 2 }).map(session),
  fc.constant<SaleEvent>({ type: "cancelled" }),
  fc.constant(advised("a")),
  fc.constantFrom("one", "two").map(sent),
  fc.tuple(fc.constantFrom(7, 8, 9), amount).map(([request, part]) => asked(request, part)),
  verdict.map((said): SaleEvent => ({ type: "refund-decided", verdict: said, requestHash: null })),
  amount.map(refund),
  fc.constantFrom<Move>("executed", "unknown to the TPS"),
);

/** The TPS at its most unhelpful: it executes each order at once, over the payments that there are by then. */
class Tps {
  readonly targets = new Map<string, bigint>();
  readonly payments = new Set<string>();

  execute(order: OrderDraft): void {
    for (const jti of this.payments) {
      const before = this.targets.get(jti) ?? 0n;
      const target = refundTarget(PRICE, order);
      this.targets.set(jti, target > before ? target : before);
    }
  }
}

/** What the TPS says of the oldest order; null when there is none. */
function resultOf(sale: SaleRecord, move: Move): SaleEvent | null {
  if (typeof move !== "string") return move;
  const orders = "refund" in sale ? sale.refund.orders : [];
  const orderId = orders.find(({ outcome }) => outcome === null)?.orderId;
  if (orderId === undefined) return null;
  if (move !== "executed") {
    return { type: "refund-refused", orderId, reason: "no-payment", noPayment: true };
  }
  const payments = paymentsOf(sale).length;
  return { type: "refund-given", orderId, payments, given: 1n };
}

const KEYS = { goodsKeySeconds: 1_000, redelivery: null };

/** Send goods as the holder of a session's key makes it. */
function sendGoodsOf(key: DeliveryKey): SendGoods {
  const [number, merchantId] = [quoted.transactionNumber, `${"M".repeat(21)}A`];
  return decodeSendGoods(
    createSendGoods(key, {
      merchantId,
      transactionNumber: number,
      goodsId: `${"G".repeat(21)}A`,
      firstChunk: 0,
      time: 4,
    }),
  );
}

describe("refunds of a sale", () => {
  test("whatever happens, no payment is lost, and each is given back as far as the merchant said", () => {
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 40 }), (moves) => {
        const tps = new Tps();
        let sale: SaleRecord = quoted;
        for (const move of moves) {
          const event = resultOf(sale, move);
          if (event === null) continue;
          const before = sale;
          try {
            const { sale: next, order } = happens(before, event);
            for (const { jti } of paymentsOf(next)) tps.payments.add(jti);
            if (order !== null) {
              expect(order.of).toBe(PRICE);
              expect("refund" in next && next.refund.accepted).toBe(order.refunded);
              tps.execute(order);
            }
            sale = next;
          } catch (error) {
            expect(event.type, `${error}`).not.toBe("proof-accepted");
          }
          if (event.type === "proof-accepted") {
            expect(paymentsOf(sale).map(({ jti }) => jti)).toContain(event.payment.jti);
          }
          expect(paymentsOf(sale).length).toBeGreaterThanOrEqual(paymentsOf(before).length);
          if (!("refund" in sale)) continue;
          const { accepted, given } = sale.refund;
          expect(given <= accepted && accepted <= PRICE).toBe(true);
          const sold = event.type === "proof-accepted" && sale.state === "paid";
          if ("refund" in before && !sold) {
            expect(accepted >= before.refund.accepted).toBe(true);
          }
          for (const { jti } of sale.payments) {
            expect((tps.targets.get(jti) ?? 0n) >= accepted, `${jti} of ${sale.state}`).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("threat 17: what was given back is delivered to no session, first or fresh", () => {
    const delivered = after(
      quoted,
      session(1),
      proof("p"),
      advised("a"),
      sent("one"),
      sent("two"),
      wished(7),
      refund(),
    );
    if (delivered.state !== "delivered") throw new Error("It is delivered.");
    expect(redeliveryRefusal(delivered, { periodSeconds: 100, times: 9 }, 4)).toBe("refunded");
    expect(happens(delivered, wished(8)).sale).toBe(delivered);
    const partly = after(quoted, session(1), proof("p"), advised("a"), refund(PRICE - 1n));
    if (partly.state !== "paid") throw new Error("It is paid.");
    expect(redeliveryRefusal(partly, null, 4)).toBeNull();
    expect(() => happens(delivered, session(1))).toThrow(
      expect.objectContaining({ code: "refunded" }),
    );
    const refused = expect.objectContaining({ code: "refunded" });
    for (const key of [delivered.session.key, delivered.redeliveries[0]?.key]) {
      if (key === undefined) throw new Error("There was a redelivery.");
      expect(() => deliveryKeyFor(delivered, sendGoodsOf(key), KEYS, 4)).toThrow(refused);
    }
  });

  test("a delivery that was under way when the refund came is noted, and takes nothing back", () => {
    const paid = after(quoted, session(1), proof("p"), advised("a"), sent("one"), refund());
    const done = after(paid, sent("two"));
    expect(done.state).toBe("delivered");
    expect(isRefunded(done)).toBe(true);
  });

  test("a refund of a part leaves the goods; the rest may follow, and less changes nothing", () => {
    const paid = after(quoted, session(1), proof("p"));
    const part = happens(paid, refund(10_000n));
    expect(part).toMatchObject({ order: { refunded: 10_000n, of: PRICE }, news: "refundDecided" });
    expect(isRefunded(part.sale)).toBe(false);
    for (const again of [10_000n, 9_999n]) {
      expect(happens(part.sale, refund(again))).toEqual({
        sale: part.sale,
        news: null,
        order: null,
      });
    }
    const all = happens(part.sale, refund());
    expect(all.order?.refunded).toBe(PRICE);
    expect(isRefunded(all.sale)).toBe(true);
  });

  test.each([0n, -1n, PRICE + 1n])("%s units of the price cannot be given back", (units) => {
    const paid = after(quoted, session(1), proof("p"), asked(7));
    const invalid = expect.objectContaining({ code: "refund-invalid" });
    expect(() => happens(paid, refund(units))).toThrow(invalid);
    const verdict = { decision: "accept", amount: units, message: null } as const;
    expect(() => happens(paid, { type: "refund-decided", verdict, requestHash: null })).toThrow(
      invalid,
    );
  });

  test("what nobody paid is cancelled, not refunded", () => {
    expect(() => happens(quoted, refund())).toThrow(
      expect.objectContaining({ code: "refund-invalid" }),
    );
    const paid = after(quoted, session(1), proof("p"));
    expect(() => happens(paid, { type: "cancelled" })).toThrow(
      expect.objectContaining({ code: "sale-paid" }),
    );
  });

  test("an order that found too few payments is followed by another, one at a time", () => {
    const paid = after(quoted, session(1), proof("p"), proof("q"), refund());
    if (paid.state !== "paid") throw new Error("It is paid.");
    const [first] = paid.refund.orders;
    const orderId = first?.orderId ?? "";
    const few = happens(paid, { type: "refund-given", orderId, payments: 1, given: PRICE });
    expect(few).toMatchObject({ news: "refundGiven", order: { refunded: PRICE } });
    expect(few.sale).toMatchObject({ refund: { given: PRICE, orders: { length: 2 } } });
    const same = happens(few.sale, { type: "refund-given", orderId, payments: 1, given: PRICE });
    expect(same).toEqual({ sale: few.sale, news: null, order: null });

    const none = {
      type: "refund-refused",
      orderId,
      reason: "no-payment",
      noPayment: true,
    } as const;
    expect(happens(paid, none)).toMatchObject({ order: { refunded: PRICE }, news: null });
    const never = { ...none, reason: "currency", noPayment: false };
    expect(happens(paid, never)).toMatchObject({ order: null });
    const waiting = after(paid, proof("r"));
    expect(happens(waiting, none)).toMatchObject({ order: null });
  });

  test("a payment after everything was given back is delivered for only when the TPS had confirmed before", () => {
    const late = { ...LATE, refunded: "deliver" } as const;
    const all = after(quoted, session(1), proof("p"), advised("a"), sent("one"), refund());
    const later = proof("q", { late, paidAt: 100_000 });
    expect(happens(all, later)).toMatchObject({ order: { refunded: PRICE } });

    const orderId = all.state === "paid" ? (all.refund.orders[0]?.orderId ?? "") : "";
    const given = after(all, { type: "refund-given", orderId, payments: 1, given: PRICE });
    const again = happens(given, later);
    expect(again).toMatchObject({ news: "paid", order: null, sale: { state: "paid" } });
    expect(again.sale).toMatchObject({
      payments: [{ jti: "p" }, { jti: "q" }],
      advice: { body: "a", sent: [] },
      refund: { decision: "none", accepted: 0n },
    });
    expect(happens(given, proof("q", { late, paidAt: 10 }))).toMatchObject({
      order: { refunded: PRICE },
    });
    expect(happens(given, proof("q", { paidAt: 100_000 }))).toMatchObject({
      order: { refunded: PRICE },
    });
  });

  test("threat 17: a request from before the number was sold once more asks for nothing when it is played again", () => {
    const late = { ...LATE, refunded: "deliver" } as const;
    const accept = { decision: "accept", amount: null, message: null } as const;
    const all = after(quoted, session(1), proof("p"), asked(7), {
      type: "refund-decided",
      verdict: accept,
      requestHash: bytes(7),
    });
    const orderId = all.state === "paid" ? (all.refund.orders[0]?.orderId ?? "") : "";
    const given = after(all, { type: "refund-given", orderId, payments: 1, given: PRICE });
    const again = after(given, proof("q", { late, paidAt: 100_000 }));
    expect(again).toMatchObject({ state: "paid", refund: { decision: "none", accepted: 0n } });
    expect(happens(again, asked(7))).toEqual({ sale: again, news: null, order: null });
    expect(happens(again, asked(8))).toMatchObject({ news: "refundAsked" });
  });

  test("a proof of what a report told of is kept with it, and is no second payment", () => {
    const reported = after(quoted, session(1), proof("p", { document: null }));
    expect(reported).toMatchObject({ state: "paid", payments: [{ document: null }] });
    const proven = happens(reported, proof("p"));
    expect(proven).toMatchObject({ news: null, sale: { payments: [{ document: "a.b.c" }] } });
  });

  test("every further payment of a number that nobody knows goes back as the first did", () => {
    const two = happens(stray, proof("second"));
    expect(two).toMatchObject({ order: { refunded: PRICE, of: PRICE }, news: "refundDecided" });
    expect(paymentsOf(two.sale)).toHaveLength(2);
  });
});

describe("a shopper's request", () => {
  const paid = after(quoted, session(1), proof("p"));

  test("counts once, also when an older one is played again after a change of mind", () => {
    const first = happens(paid, asked(7));
    expect(first.news).toBe("refundAsked");
    const changed = happens(first.sale, asked(8, 5n));
    expect(changed).toMatchObject({
      news: "refundAsked",
      sale: { refund: { decision: "asked", asked: { amount: 5n } } },
    });
    for (const replayed of [7, 8]) {
      expect(happens(changed.sale, asked(replayed))).toEqual({
        sale: changed.sale,
        news: null,
        order: null,
      });
    }
  });

  test("that the merchant refused may be made anew; what was accepted stays accepted", () => {
    const refuse = {
      type: "refund-decided",
      verdict: { decision: "refuse", message: "Read already." },
      requestHash: null,
    } as const;
    const refused = after(paid, refund(5n), asked(7), refuse);
    expect(refused).toMatchObject({
      refund: { decision: "refused", accepted: 5n, message: "Read already." },
    });
    expect(happens(refused, refuse)).toMatchObject({ sale: refused, news: null });
    expect(happens(refused, asked(8))).toMatchObject({
      sale: { refund: { decision: "asked", accepted: 5n, message: null } },
    });
    expect(happens(refused, asked(8, 5n))).toMatchObject({ sale: refused, news: null });
  });

  test("is not decided by an answer to the one that it replaced", () => {
    const verdict = { decision: "accept", amount: null, message: null } as const;
    const changed = after(paid, asked(7, 5n), asked(8, 9n));
    const late = { type: "refund-decided", verdict, requestHash: bytes(7) } as const;
    expect(happens(changed, late)).toEqual({ sale: changed, news: null, order: null });
    expect(happens(changed, { ...late, requestHash: bytes(8) })).toMatchObject({
      order: { refunded: 9n },
    });
  });

  test("that nobody made cannot be decided", () => {
    const verdict = { decision: "accept", amount: null, message: null } as const;
    expect(() => happens(paid, { type: "refund-decided", verdict, requestHash: null })).toThrow(
      expect.objectContaining({ code: "refund-invalid" }),
    );
  });

  test("is taken 50 times for one sale", () => {
    const many = Array.from({ length: 60 }, (_, index) => asked(100 + index));
    expect(after(paid, ...many)).toMatchObject({ refund: { requests: { length: 50 } } });
  });
});
