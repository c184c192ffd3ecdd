/** The merchant's terms of redelivery, and which of a sale's sessions may send for goods. Pure. */
import {
  ChitError,
  type DeliveryKey,
  equalBytes,
  isSendGoodsOf,
  type RecoveryRefusal,
  type SendGoods,
} from "@chit/protocol";
import { Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import type { PaidSale, Redelivery } from "./sale.ts";
import { isRefunded } from "./subject.ts";

/** For how long after payment and how often the goods of a delivered sale are given again. */
export interface RedeliveryTerms {
  readonly periodSeconds: number;
  readonly times: number;
}

/** How long keys live, and what is given again. */
export interface RecoveryPolicy {
  /** How long after delivery the first session still sends for the goods, in seconds. */
  readonly goodsKeySeconds: number;
  /** Null where nothing is given again. */
  readonly redelivery: RedeliveryTerms | null;
}

/**
 * Why a wish for redelivery is refused at `now` (seconds); null when it is not. What was paid and has not been
 * delivered in full is given whatever the terms say; what was given back is not.
 */
export function redeliveryRefusal(
  sale: PaidSale,
  terms: RedeliveryTerms | null,
  now: number,
): RecoveryRefusal | null {
  if (isRefunded(sale)) return "refunded";
  if (sale.advice?.goods.length === 0) return "nothing-to-send";
  const times = sale.redeliveries.length;
  switch (sale.state) {
    case "paid":
      return times >= MERCHANT_LIMITS.redeliveries ? "too-often" : null;
    case "delivered":
      if (terms === null) return "not-offered";
      if (now > paidAt(sale) + terms.periodSeconds) return "period-over";
      return times >= terms.times ? "too-often" : null;
  }
}

/** The redelivery that was given for a request. */
export function findRedelivery(sale: PaidSale, requestHash: Uint8Array): Redelivery | undefined {
  return sale.redeliveries.find((known) => equalBytes(known.requestHash, requestHash));
}

/**
 * The keys under which a send-goods message is answered: the first session's, or those of a redelivery.
 *
 * @param now seconds
 * @throws {ChitError} `authentication-failed` when it comes from none of the sale's sessions
 * @throws {Refusal} `refunded`, `session-expired`
 */
export function deliveryKeyFor(
  sale: PaidSale,
  request: SendGoods,
  { goodsKeySeconds }: RecoveryPolicy,
  now: number,
): DeliveryKey {
  const first = { key: sale.session.key, until: firstKeyUntil(sale, goodsKeySeconds) };
  const session = [first, ...sale.redeliveries].find(({ key }) => isSendGoodsOf(key, request));
  if (session === undefined) {
    throw new ChitError(
      "authentication-failed",
      "Send goods comes from none of this sale's sessions.",
    );
  }
  if (isRefunded(sale)) {
    throw new Refusal(
      "refunded",
      "Nothing is delivered for it. The money goes back to whoever paid.",
    );
  }
  if (now > session.until) {
    throw new Refusal("session-expired", "Ask for redelivery with the token of the sale.");
  }
  return session.key;
}

/** Until something was delivered in full, its key lives. */
function firstKeyUntil(sale: PaidSale, goodsKeySeconds: number): number {
  switch (sale.state) {
    case "paid":
      return Number.POSITIVE_INFINITY;
    case "delivered":
      return (sale.deliveredAt ?? paidAt(sale)) + goodsKeySeconds;
  }
}

function paidAt({ payments }: PaidSale): number {
  const [first] = payments;
  if (first === undefined) throw new Error("A sale is paid, but no payment is kept.");
  return first.at;
}
