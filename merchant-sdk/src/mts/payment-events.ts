/**
 * What a payment makes of a sale: the TPS took somebody's money, so it is kept whatever the sale's state, and delivered
 * for or given back. Pure; part of `transition.ts`.
 */
import { LIMITS } from "@chit/protocol";
import { giveBack, returnAll } from "./refund-events.ts";
import { noRefund } from "./refund-record.ts";
import type { Payment, RefundableSale, SaleRecord, SaleSession } from "./sale.ts";
import {
  type Fresh,
  type LatePayments,
  type SaleEvent,
  step,
  type Transition,
} from "./sale-event.ts";
import { isRefunded } from "./subject.ts";

type Paid = Extract<SaleEvent, { type: "proof-accepted" }>;

/** A payment that this sale was not known to have, or a proof of one that only a report told of. */
export function acceptPayment(sale: SaleRecord, event: Paid, fresh: Fresh): Transition {
  const { payment, paidAt, late } = event;
  switch (sale.state) {
    case "quoted":
      // Goods go to a session's initiator alone, and nobody opened one: whoever pays first must not decide who gets them.
      return begin(sale, null, payment, "refund", fresh);
    case "authenticated": {
      const inTime = paidAt <= sale.expiresAt + LIMITS.clockSkewSeconds;
      return begin(sale, sale.session, payment, inTime ? "deliver" : late.expired, fresh);
    }
    case "cancelled": {
      const { cancelledAt: _, ...kept } = sale;
      return begin(kept, sale.session, payment, late.cancelled, fresh);
    }
    case "paid":
    case "delivered":
    case "returned":
    case "stray":
      return addPayment(sale, event, fresh);
  }
}

type Unpaid = Extract<SaleRecord, { state: "quoted" | "authenticated" }>;
type UnpaidBase = Omit<Unpaid, "state" | "session">;

/** The first payment of a number: delivered for where there is a session to deliver to, and the policy says so. */
function begin(
  base: UnpaidBase,
  session: SaleSession | null,
  payment: Payment,
  policy: "deliver" | "refund",
  fresh: Fresh,
): Transition {
  const payments = [payment];
  const refund = noRefund;
  if (session === null || policy === "refund") {
    return returnAll({ ...base, state: "returned", session, payments, refund }, fresh);
  }
  const paid = { ...base, state: "paid", session, payments, refund } as const;
  return step({ ...paid, redeliveries: [], advice: null }, "paid");
}

/** A further payment: kept, and given back as far as the others were. */
function addPayment(
  sale: RefundableSale,
  { payment, paidAt, late }: Paid,
  fresh: Fresh,
): Transition {
  const known = sale.payments.find(({ jti }) => jti === payment.jti);
  if (known !== undefined) return step(withProof(sale, known, payment));
  const session = sale.state === "stray" ? null : sale.session;
  const payments = [...sale.payments, payment];
  const more = { ...sale, payments };
  if (isRefunded(sale)) {
    if (session !== null && sale.state !== "stray" && mayReopen(sale, paidAt, late)) {
      return reopen(sale, session, payments);
    }
    return { ...returnAll(more, fresh), news: "refundDecided" };
  }
  const { accepted } = sale.refund;
  const { sale: after, order } = accepted > 0n ? giveBack(more, accepted, fresh) : step(more);
  return { sale: after, news: "duplicatePayment", order };
}

/**
 * Whether a payment for a number that was given back is delivered for. The TPS confirmed the refund before it was made, so no
 * order that is still under way can return it as well.
 */
function mayReopen({ refund }: RefundableSale, paidAt: number, late: LatePayments): boolean {
  if (late.refunded === "refund" || refund.given < refund.accepted) return false;
  return refund.orders.every(
    ({ outcome }) => outcome !== null && outcome.at + LIMITS.clockSkewSeconds < paidAt,
  );
}

/**
 * Sold once more: the advice stays, everything is to be sent again, and the refund that was is over. Requests that counted
 * stay known: whoever recorded one and plays it again asks for nothing in the shopper's name.
 */
function reopen(
  sale: Exclude<RefundableSale, { state: "stray" }>,
  session: SaleSession,
  payments: Payment[],
): Transition {
  const { requests } = sale.refund;
  const refund = { ...noRefund, requests };
  if (sale.state === "returned") {
    const paid = { ...sale, state: "paid", session, payments, refund } as const;
    return step({ ...paid, redeliveries: [], advice: null }, "paid");
  }
  const advice = sale.advice === null ? null : { ...sale.advice, sent: [] };
  const { state: _, ...kept } = sale;
  if ("deliveredAt" in kept) delete kept.deliveredAt;
  return step({ ...kept, state: "paid", advice, payments, refund }, "paid");
}

/** A proof of what only a settlement report told of so far. */
function withProof(sale: RefundableSale, known: Payment, payment: Payment): RefundableSale {
  if (known.document !== null || payment.document === null) return sale;
  const { document } = payment;
  const payments = sale.payments.map((one) => (one === known ? { ...one, document } : one));
  return { ...sale, payments };
}
