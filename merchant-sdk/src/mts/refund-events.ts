/** What refunds make of a sale. Pure; part of `transition.ts`. */
import { equalBytes, type RecoveryRefusal } from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { noRefund, type RefundOutcome, type RefundRecord } from "./refund-record.ts";
import type { RefundableSale, SaleRecord } from "./sale.ts";
import {
  type Fresh,
  type RefundRequestRecord,
  type RefundVerdict,
  type SaleEvent,
  step,
  type Transition,
} from "./sale-event.ts";
import { priceOf } from "./subject.ts";

type EventOf<Type extends SaleEvent["type"]> = Extract<SaleEvent, { type: Type }>;

/** Whether a request for a refund is one that counted already. */
function isKnownRequest({ refund }: RefundableSale, requestHash: Uint8Array): boolean {
  return refund.requests.some((known) => equalBytes(known, requestHash));
}

/** Why a wish for a refund is not even put before the merchant; null when it is. */
export function refundRefusal(
  sale: RefundableSale,
  { requestHash, amount }: RefundRequestRecord,
): RecoveryRefusal | null {
  if (isKnownRequest(sale, requestHash)) return null;
  if (amount !== null && amount > priceOf(sale)) return "more-than-paid";
  const asked = sale.refund.requests.length;
  return asked >= MERCHANT_LIMITS.refundRequests ? "too-often" : null;
}

/**
 * A wallet asks, or changes its mind while nothing is decided. Each request counts once; one for no more than is given
 * back anyway changes nothing.
 */
export function askRefund(
  sale: SaleRecord,
  request: RefundRequestRecord,
  fresh: Fresh,
): Transition {
  const refundable = expectPaid(sale);
  const { refund } = refundable;
  if (isKnownRequest(refundable, request.requestHash)) return step(sale);
  if (refundRefusal(refundable, request) !== null) return step(sale);
  if ((request.amount ?? priceOf(sale)) <= refund.accepted) return step(sale);
  const asked = { ...request, at: fresh.at, deferred: false };
  const requests = [...refund.requests, request.requestHash];
  const after = { ...refund, decision: "asked", asked, requests, message: null, at: fresh.at };
  return step(withRefund(refundable, after as RefundRecord), "refundAsked");
}

/**
 * The merchant decides what was asked. The same decision again changes nothing; nor does one about a request that the wallet
 * has replaced meanwhile.
 *
 * @throws {MerchantError} `refund-invalid`
 */
export function decideRefund(
  sale: SaleRecord,
  { verdict, requestHash }: EventOf<"refund-decided">,
  fresh: Fresh,
): Transition {
  const refundable = expectPaid(sale);
  const { refund } = refundable;
  const { asked } = refund;
  if (requestHash !== null && !(asked && equalBytes(asked.requestHash, requestHash))) {
    return step(sale);
  }
  if (asked === null || refund.decision !== "asked") {
    if (requestHash !== null || repeats(sale, refund, verdict)) return step(sale);
    throw new MerchantError("refund-invalid", nothingAsked(sale));
  }
  switch (verdict.decision) {
    case "defer": {
      if (asked.deferred) return step(sale);
      return step(withRefund(refundable, { ...refund, asked: { ...asked, deferred: true } }));
    }
    case "refuse": {
      const { message } = verdict;
      const refused = { ...refund, decision: "refused", message, at: fresh.at } as const;
      return step(withRefund(refundable, refused), "refundDecided");
    }
    case "accept": {
      const amount = verdict.amount ?? asked.amount ?? priceOf(sale);
      expectShare(sale, amount);
      return accept(refundable, amount, verdict.message, fresh);
    }
  }
}

/**
 * The merchant gives back unasked, or more than was asked: cumulative, so that the same again changes nothing.
 *
 * @throws {MerchantError} `refund-invalid`
 */
export function makeRefund(
  sale: SaleRecord,
  { amount, message }: EventOf<"refund-made">,
  fresh: Fresh,
): Transition {
  const total = amount ?? priceOf(sale);
  expectShare(sale, total);
  switch (sale.state) {
    case "quoted":
    case "authenticated":
      throw new MerchantError(
        "refund-invalid",
        `Nobody paid ${sale.transactionNumber}. Cancel it, and what is paid for it all the same is treated as refunds.latePayments says.`,
      );
    case "cancelled": {
      if (total < priceOf(sale)) throw new MerchantError("refund-invalid", NOT_IN_PART);
      const { cancelledAt: _, ...kept } = sale;
      const returned = { ...kept, state: "returned" as const, payments: [], refund: noRefund };
      return accept(returned, total, message, fresh);
    }
    case "paid":
    case "delivered":
    case "returned":
    case "stray":
      if (sale.refund.accepted >= total) return step(sale);
      return accept(sale, total, message, fresh);
  }
}

/** The TPS executed an order. When it found fewer payments than are known here, another order follows. */
export function noteGiven(
  sale: SaleRecord,
  event: EventOf<"refund-given">,
  fresh: Fresh,
): Transition {
  const { orderId, payments, given } = event;
  const noted = settle(sale, orderId, { outcome: "executed", payments, given, at: fresh.at });
  if (noted === null) return step(sale);
  const missing = payments < noted.payments.length;
  const { order, sale: after } = missing ? repeat(noted, fresh) : step(noted);
  return { sale: after, news: given > 0n ? "refundGiven" : null, order };
}

/** The TPS did not execute an order: another follows when that was because no payment had reached its books. */
export function noteRefused(
  sale: SaleRecord,
  { orderId, reason, noPayment }: EventOf<"refund-refused">,
  fresh: Fresh,
): Transition {
  const noted = settle(sale, orderId, { outcome: "refused", reason, at: fresh.at });
  if (noted === null) return step(sale);
  return noPayment ? repeat(noted, fresh) : step(noted);
}

/** An order over everything that was paid, or over as much of it as is given back already. */
export function giveBack<S extends RefundableSale>(
  sale: S,
  refunded: bigint,
  fresh: Fresh,
): Transition<S> {
  const { orderId, at } = fresh;
  const ordered = { orderId, refunded, at, outcome: null };
  const orders = [...sale.refund.orders, ordered];
  const order = { orderId, refunded, of: priceOf(sale) };
  return { sale: { ...sale, refund: { ...sale.refund, orders } }, news: null, order };
}

/** The refund that policy makes by itself. */
export function returnAll<S extends RefundableSale>(sale: S, fresh: Fresh): Transition<S> {
  const all = priceOf(sale);
  if (sale.refund.accepted < all) return accept(sale, all, sale.refund.message, fresh);
  return giveBack(sale, all, fresh);
}

function accept<S extends RefundableSale>(
  sale: S,
  amount: bigint,
  message: string | null,
  fresh: Fresh,
): Transition<S> {
  const { refund } = sale;
  const more = amount > refund.accepted;
  const accepted = more ? amount : refund.accepted;
  const decided = { ...refund, decision: "accepted", accepted, message, at: fresh.at } as const;
  const after = withRefund(sale, decided);
  const { sale: ordered, order } = more ? giveBack(after, accepted, fresh) : step(after);
  return { sale: ordered, news: "refundDecided", order };
}

/** The same share again: the TPS had not collected a payment when it executed the last order. */
function repeat(sale: RefundableSale, fresh: Fresh): Transition {
  const { accepted, orders } = sale.refund;
  const waits = orders.some(({ outcome, refunded }) => outcome === null && refunded >= accepted);
  if (waits || orders.length >= MERCHANT_LIMITS.refundOrders) return step(sale);
  return giveBack(sale, accepted, fresh);
}

/** The sale with the TPS's word on an order; null when there is nothing to note. */
function settle(sale: SaleRecord, orderId: string, outcome: RefundOutcome): RefundableSale | null {
  if (!("refund" in sale)) return null;
  const { refund } = sale;
  const order = refund.orders.find((known) => known.orderId === orderId);
  if (order === undefined || order.outcome !== null) return null;
  const orders = refund.orders.map((known) => (known === order ? { ...known, outcome } : known));
  const executed = outcome.outcome === "executed" && order.refunded > refund.given;
  const given = executed ? order.refunded : refund.given;
  return withRefund(sale, { ...refund, orders, given, at: outcome.at });
}

function withRefund<S extends RefundableSale>(sale: S, refund: RefundRecord): S {
  return { ...sale, refund };
}

/** Whether a decision says what was decided already. */
function repeats(sale: SaleRecord, refund: RefundRecord, verdict: RefundVerdict): boolean {
  switch (verdict.decision) {
    case "defer":
      return true;
    case "refuse":
      return refund.decision === "refused";
    case "accept":
      return (
        refund.decision === "accepted" &&
        (verdict.amount ?? askedFor(sale, refund)) <= refund.accepted
      );
  }
}

const askedFor = (sale: SaleRecord, { asked }: RefundRecord) => asked?.amount ?? priceOf(sale);

function expectPaid(sale: SaleRecord): RefundableSale {
  if ("refund" in sale) return sale;
  throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
}

function expectShare(sale: SaleRecord, amount: bigint): void {
  const price = priceOf(sale);
  if (amount > 0n && amount <= price) return;
  throw new MerchantError(
    "refund-invalid",
    `A refund of ${amount} units of ${sale.transactionNumber}: give more than 0 and at most ${price}, which is all that one payment was.`,
  );
}

const NOT_IN_PART =
  "Of a cancelled number nothing is delivered: give back all that was paid for it.";

const nothingAsked = ({ transactionNumber }: SaleRecord) =>
  `No refund of ${transactionNumber} is open to decide. Use merchant.refund to give back unasked.`;
