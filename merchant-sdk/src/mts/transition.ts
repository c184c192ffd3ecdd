/**
 * The one function that changes a sale. A proof is never refused because a quote expired: the session shows
 * that the payment was asked for in time, and money that moved is never lost.
 */
import { equalBytes } from "@chit/protocol";
import { Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { findRedelivery, type RedeliveryTerms, redeliveryRefusal } from "./redelivery.ts";
import type {
  AdviceRecord,
  NewsType,
  Payment,
  Redelivery,
  SaleRecord,
  SaleSession,
} from "./sale.ts";

/** What can happen to a sale. */
export type SaleEvent =
  | { readonly type: "session-initiated"; readonly session: SaleSession }
  | { readonly type: "proof-accepted"; readonly payment: Payment }
  | { readonly type: "denial-forwarded"; readonly denial: Payment }
  | { readonly type: "called-off"; readonly at: number }
  | { readonly type: "advised"; readonly advice: AdviceRecord }
  | { readonly type: "goods-sent"; readonly goodsId: string; readonly at: number }
  | {
      readonly type: "redelivery-wished";
      readonly redelivery: Redelivery;
      readonly terms: RedeliveryTerms | null;
    };

/** The sale after an event, and what to tell about it. An event that changes nothing gives the same object. */
export interface Transition {
  readonly sale: SaleRecord;
  readonly news: NewsType | null;
}

/**
 * What an event makes of a sale. Pure.
 *
 * @throws {Refusal} `session-taken`, `quote-expired`, `session-missing`, `not-paid`
 */
export function transition(sale: SaleRecord, event: SaleEvent): Transition {
  switch (event.type) {
    case "session-initiated":
      return initiateSession(sale, event.session);
    case "proof-accepted":
      return acceptPayment(sale, event.payment);
    case "denial-forwarded":
      return noteDenial(sale, event.denial);
    case "called-off":
      return callOff(sale, event.at);
    case "advised":
      return advise(sale, event.advice);
    case "goods-sent":
      return sendGoods(sale, event.goodsId, event.at);
    case "redelivery-wished":
      return giveAgain(sale, event.redelivery, event.terms);
  }
}

function initiateSession(sale: SaleRecord, session: SaleSession): Transition {
  switch (sale.state) {
    case "quoted":
      return { sale: { ...sale, state: "authenticated", session }, news: "authenticated" };
    case "authenticated":
    case "paid":
    case "delivered":
      if (equalBytes(sale.session.sessionHash, session.sessionHash)) {
        return { sale, news: null };
      }
      throw new Refusal(
        "session-taken",
        "Another wallet began this purchase. Ask for a new quote.",
      );
  }
}

function acceptPayment(sale: SaleRecord, payment: Payment): Transition {
  switch (sale.state) {
    case "quoted":
      throw new Refusal(
        "session-missing",
        "Initiate the session (step 3) first: the goods go to its initiator alone.",
      );
    case "authenticated":
      return {
        sale: { ...sale, state: "paid", payments: [payment], redeliveries: [], advice: null },
        news: "paid",
      };
    case "paid":
    case "delivered":
      if (sale.payments.some(({ jti }) => jti === payment.jti)) return { sale, news: null };
      return {
        sale: { ...sale, payments: [...sale.payments, payment] },
        news: "duplicatePayment",
      };
  }
}

/** A denial says that one wallet could not pay: another may, so the number stays open. */
function noteDenial(sale: SaleRecord, denial: Payment): Transition {
  const known = sale.denials.some(({ jti }) => jti === denial.jti);
  if (known || sale.denials.length >= MERCHANT_LIMITS.denials) return { sale, news: null };
  return { sale: { ...sale, denials: [...sale.denials, denial] }, news: "denied" };
}

/** Nobody else is asked to pay any more; when somebody has, that is no matter. */
function callOff(sale: SaleRecord, at: number): Transition {
  if (sale.state !== "authenticated" || sale.session.calledOff !== undefined) {
    return { sale, news: null };
  }
  return { sale: { ...sale, session: { ...sale.session, calledOff: at } }, news: null };
}

/** The first advice stays: the same sale always gets the same bytes. */
function advise(sale: SaleRecord, advice: AdviceRecord): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "paid":
      return { sale: sale.advice === null ? { ...sale, advice } : sale, news: null };
    case "delivered":
      return { sale, news: null };
  }
}

function sendGoods(sale: SaleRecord, goodsId: string, at: number): Transition {
  switch (sale.state) {
    case "quoted":
    case "authenticated":
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "paid": {
      const { advice } = sale;
      if (advice === null || advice.sent.includes(goodsId)) return { sale, news: null };
      const sent = [...advice.sent, goodsId];
      const all = advice.goods.every((goods) => sent.includes(goods.goodsId));
      if (!all) return { sale: { ...sale, advice: { ...advice, sent } }, news: null };
      const delivered = { ...sale, advice: { ...advice, sent }, deliveredAt: at } as const;
      return { sale: { ...delivered, state: "delivered" }, news: "goodsSent" };
    }
    case "delivered":
      return { sale, news: null };
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
      throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
    case "paid":
    case "delivered": {
      const { requestHash, at } = redelivery;
      const known = findRedelivery(sale, requestHash) !== undefined;
      if (known || redeliveryRefusal(sale, terms, at) !== null) return { sale, news: null };
      return {
        sale: { ...sale, redeliveries: [...sale.redeliveries, redelivery] },
        news: "redelivery",
      };
    }
  }
}
