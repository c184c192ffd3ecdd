/**
 * The one function that changes a sale. A proof is never refused because a quote expired: the session shows
 * that the payment was asked for in time, and money that moved is never lost. Payments are in `payment-events.ts`,
 * refunds in `refund-events.ts`.
 */
import { equalBytes } from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { acceptPayment } from "./payment-events.ts";
import { findRedelivery, type RedeliveryTerms, redeliveryRefusal } from "./redelivery.ts";
import { askRefund, decideRefund, makeRefund, noteGiven, noteRefused } from "./refund-events.ts";
import type { AdviceRecord, Denial, Redelivery, SaleRecord, SaleSession } from "./sale.ts";
import { type Fresh, type SaleEvent, step, type Transition } from "./sale-event.ts";
import { isRefunded } from "./subject.ts";

/**
 * What an event makes of a sale. Pure.
 *
 * @throws {Refusal} `session-taken`, `cancelled`, `refunded`, `not-paid`
 * @throws {MerchantError} `refund-invalid`, `sale-paid`: the merchant wants what cannot be
 */
export function transition(sale: SaleRecord, event: SaleEvent, fresh: Fresh): Transition {
  switch (event.type) {
    case "session-initiated":
      return initiateSession(sale, event.session);
    case "proof-accepted":
      return acceptPayment(sale, event, fresh);
    case "denial-forwarded":
      return noteDenial(sale, event.denial);
    case "called-off":
      return callOff(sale, event.at);
    case "cancelled":
      return cancel(sale, fresh.at);
    case "advised":
      return advise(sale, event.advice);
    case "goods-sent":
      return sendGoods(sale, event.goodsId, event.at);
    case "redelivery-wished":
      return giveAgain(sale, event.redelivery, event.terms);
    case "refund-asked":
      return askRefund(sale, event.request, fresh);
    case "refund-decided":
      return decideRefund(sale, event, fresh);
    case "refund-made":
      return makeRefund(sale, event, fresh);
    case "refund-given":
      return noteGiven(sale, event, fresh);
    case "refund-refused":
      return noteRefused(sale, event, fresh);
  }
}

function initiateSession(sale: SaleRecord, session: SaleSession): Transition {
  switch (sale.state) {
    case "quoted":
      return step({ ...sale, state: "authenticated", session }, "authenticated");
    case "cancelled":
      throw new Refusal("cancelled", "Ask for a new quote.");
    case "returned":
    case "stray":
      throw refunded();
    case "authenticated":
    case "paid":
    case "delivered":
      if (isRefunded(sale)) throw refunded();
      if (equalBytes(sale.session.sessionHash, session.sessionHash)) return step(sale);
      throw new Refusal(
        "session-taken",
        "Another wallet began this purchase. Ask for a new quote.",
      );
  }
}

/** A denial says that one wallet could not pay: another may, so the number stays open. */
function noteDenial(sale: SaleRecord, denial: Denial): Transition {
  if (sale.state === "stray") return step(sale);
  const known = sale.denials.some(({ jti }) => jti === denial.jti);
  if (known || sale.denials.length >= MERCHANT_LIMITS.denials) return step(sale);
  return step({ ...sale, denials: [...sale.denials, denial] }, "denied");
}

/** Nobody else is asked to pay any more; when somebody has, that is no matter. */
function callOff(sale: SaleRecord, at: number): Transition {
  if (sale.state !== "authenticated" || sale.session.calledOff !== undefined) return step(sale);
  return step({ ...sale, session: { ...sale.session, calledOff: at } });
}

/** The merchant takes the offer back. What was paid meanwhile stays paid: that is for a refund. */
function cancel(sale: SaleRecord, at: number): Transition {
  switch (sale.state) {
    case "quoted":
      return step({ ...sale, state: "cancelled", session: null, cancelledAt: at });
    case "authenticated":
      return step({ ...sale, state: "cancelled", cancelledAt: at });
    case "cancelled":
    case "returned":
    case "stray":
      return step(sale);
    case "paid":
    case "delivered":
      if (isRefunded(sale)) return step(sale);
      throw new MerchantError(
        "sale-paid",
        `${sale.transactionNumber} is paid already. Give the money back with merchant.refund.`,
      );
  }
}

/** The first advice stays: the same sale always gets the same bytes. */
function advise(sale: SaleRecord, advice: AdviceRecord): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
    case "cancelled":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "returned":
    case "stray":
      throw refunded();
    case "paid":
      return step(sale.advice === null ? { ...sale, advice } : sale);
    case "delivered":
      return step(sale);
  }
}

function sendGoods(sale: SaleRecord, goodsId: string, at: number): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
    case "cancelled":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "returned":
    case "stray":
      throw refunded();
    case "paid": {
      const { advice } = sale;
      if (advice === null || advice.sent.includes(goodsId)) return step(sale);
      const sent = [...advice.sent, goodsId];
      const all = advice.goods.every((goods) => sent.includes(goods.goodsId));
      if (!all) return step({ ...sale, advice: { ...advice, sent } });
      const delivered = { ...sale, advice: { ...advice, sent }, deliveredAt: at } as const;
      return step({ ...delivered, state: "delivered" }, "goodsSent");
    }
    case "delivered":
      return step(sale);
  }
}

/** The same request again is the same redelivery; one that the terms refuse changes nothing. */
function giveAgain(
  sale: SaleRecord,
  redelivery: Redelivery,
  terms: RedeliveryTerms | null,
): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
    case "cancelled":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "returned":
    case "stray":
      throw refunded();
    case "paid":
    case "delivered": {
      const { requestHash, at } = redelivery;
      const known = findRedelivery(sale, requestHash) !== undefined;
      if (known || redeliveryRefusal(sale, terms, at) !== null) return step(sale);
      return step({ ...sale, redeliveries: [...sale.redeliveries, redelivery] }, "redelivery");
    }
  }
}

const refunded = () =>
  new Refusal("refunded", "Nothing is delivered for it. The money goes back to whoever paid.");
