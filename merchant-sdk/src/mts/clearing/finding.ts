/** What a reconciliation finds, and what can be done about it: pure functions over what the store keeps. */
import { equalBytes, type SettlementReport } from "@chit/protocol";
import { MERCHANT_LIMITS } from "../../limits.ts";
import type { BatchState, BookedEntry, BookedOrder, BookedPayment } from "../books/books.ts";
import { paymentsOf, type SaleRecord } from "../sale.ts";
import { isRefunded, priceOf } from "../subject.ts";

/**
 * In the order of their urgency.
 *
 * - `refund-open`: a refund was ordered and the TPS did not execute it, or no report shows it.
 * - `payment-unproven`: a report tells of a payment whose proof never came.
 * - `amount-differs`: a report tells of a payment of another amount, or for another quote, than the sale's.
 * - `held-back`: the TPS does not pay a payment out.
 * - `not-settled`: a proof was accepted, and after a whole cycle no report tells of its payment.
 * - `paid-twice`: more than one payment for one number.
 * - `goods-unclaimed`: paid, and nobody sent for all of the goods.
 */
export const FINDING_KINDS = [
  "refund-open",
  "payment-unproven",
  "amount-differs",
  "held-back",
  "not-settled",
  "paid-twice",
  "goods-unclaimed",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** What a person can do about a finding; `merchant.resolve` does it. The same twice does no harm. */
export type Resolution =
  /** The report proves the payment: the goods are prepared for the wallet that began. */
  | { readonly action: "record"; readonly cycle: number; readonly index: number }
  /** Everything that was paid for the number goes back, whoever paid. */
  | { readonly action: "refund"; readonly transactionNumber: string }
  /** The orders of a rejected batch go with the next one. */
  | { readonly action: "send-again"; readonly batchId: string };

/** More about some findings: how far a refund order came, and where a payment's sale stands. */
export type FindingDetail =
  | "waiting"
  | "rejected"
  | "refused"
  | "not-reported"
  | "sale-waits"
  | "sale-over"
  | "number-unknown"
  | "none";

/** Something that does not meet. */
export interface Finding {
  readonly kind: FindingKind;
  readonly detail: FindingDetail;
  readonly transactionNumber: string;
  /** The payment's, order's or sale's, in smallest units. */
  readonly amount: bigint;
  /** When it happened, in seconds. */
  readonly at: number;
  readonly paymentId: string | null;
  readonly orderId: string | null;
  /** What can be done; empty where only waiting or asking the operator helps. The first is what is done usually. */
  readonly actions: readonly Resolution[];
}

/** What findings are judged by. */
export interface FindingContext {
  /** Seconds. */
  readonly now: number;
  /** The newest report; undefined while there is none. */
  readonly report: SettlementReport | undefined;
}

/** An order that did not execute, or that no report shows. */
export function findOpenOrder(
  order: BookedOrder,
  batch: BatchState | null,
  sale: SaleRecord | undefined,
  { now, report }: FindingContext,
): Finding | null {
  const { transactionNumber, orderId, refunded, at, outcome, batchId } = order;
  const base = { transactionNumber, amount: refunded, at, paymentId: null, orderId };
  const finding = (detail: FindingDetail, actions: readonly Resolution[] = []): Finding => ({
    ...base,
    kind: "refund-open",
    detail,
    actions,
  });
  if (outcome === null) {
    if (batch === "rejected" && batchId !== null) {
      return finding("rejected", [{ action: "send-again", batchId }]);
    }
    return now - at > MERCHANT_LIMITS.orderPatienceSeconds ? finding("waiting") : null;
  }
  if (outcome.outcome === "refused") return isReplaced(order, sale) ? null : finding("refused");
  return report !== undefined && outcome.at < report.from ? finding("not-reported") : null;
}

/** Whether another order does what this one did not. */
function isReplaced({ orderId, refunded }: BookedOrder, sale: SaleRecord | undefined): boolean {
  if (sale === undefined || !("refund" in sale)) return false;
  if (sale.refund.given >= refunded) return true;
  const orders = sale.refund.orders;
  const later = orders.slice(orders.findIndex((known) => known.orderId === orderId) + 1);
  return later.some((other) => other.refunded >= refunded);
}

/** A payment whose proof never came, or that is not what the sale wants. */
export function findUnproven(
  { cycle, index, entry }: BookedEntry,
  sale: SaleRecord | undefined,
): Finding | null {
  const { transactionNumber, amount, paymentId } = entry;
  if (entry.entry !== "payment" || (sale !== undefined && isRefunded(sale))) return null;
  const base = { transactionNumber, amount, at: entry.paidAt, paymentId, orderId: null };
  const refund = { action: "refund", transactionNumber } as const;
  if (sale !== undefined && !isWhatItWants(sale, entry)) {
    return { ...base, kind: "amount-differs", detail: "none", actions: [refund] };
  }
  const record = { action: "record", cycle, index } as const;
  const actions = sale === undefined ? [record] : [record, refund];
  return { ...base, kind: "payment-unproven", detail: saleDetail(sale), actions };
}

/** Whether a payment is for the sale's quote and amount. */
function isWhatItWants(
  sale: SaleRecord,
  { amount, quoteHash }: { readonly amount: bigint; readonly quoteHash: Uint8Array },
): boolean {
  if (sale.state === "stray") return true;
  return priceOf(sale) === amount && equalBytes(sale.quoteHash, quoteHash);
}

function saleDetail(sale: SaleRecord | undefined): FindingDetail {
  switch (sale?.state) {
    case undefined:
    case "stray":
      return "number-unknown";
    case "quoted":
    case "authenticated":
      return "sale-waits";
    default:
      return "sale-over";
  }
}

/** A payment whose proof is here, and says something else than the report. */
export function findDiffering(
  { entry }: BookedEntry,
  sale: SaleRecord | undefined,
): Finding | null {
  if (entry.entry !== "payment" || (sale !== undefined && isRefunded(sale))) return null;
  const { transactionNumber, amount, paidAt: at, paymentId } = entry;
  const actions = sale === undefined ? [] : [{ action: "refund", transactionNumber } as const];
  const kind = "amount-differs";
  return { kind, detail: "none", transactionNumber, amount, at, paymentId, orderId: null, actions };
}

/** A payment that is not paid out: its device's signature did not verify, and the operator looks into it. */
export function findHeldBack({ entry }: BookedEntry): Finding | null {
  if (entry.entry !== "payment") return null;
  const { transactionNumber, amount, paidAt: at, paymentId } = entry;
  const base = { transactionNumber, amount, at, paymentId, orderId: null };
  return { ...base, kind: "held-back", detail: "none", actions: [] };
}

/** An accepted proof without a settled payment. */
export function findUnsettled(
  { transactionNumber, paymentId, at }: BookedPayment,
  sale: SaleRecord | undefined,
): Finding | null {
  if (sale === undefined) return null;
  const base = { transactionNumber, amount: priceOf(sale), at, paymentId, orderId: null };
  return { ...base, kind: "not-settled", detail: "none", actions: [] };
}

/** A number with more than one payment, of which not everything goes back. */
export function findPaidTwice(sale: SaleRecord): Finding | null {
  const payments = paymentsOf(sale);
  const last = payments.at(-1);
  if (payments.length < 2 || last === undefined || isRefunded(sale)) return null;
  return ofSale("paid-twice", sale, last.at, last.jti);
}

/** Paid, with goods that nobody sent for. */
export function findUnclaimed(sale: SaleRecord): Finding | null {
  const [first] = paymentsOf(sale);
  if (first === undefined || isRefunded(sale)) return null;
  return ofSale("goods-unclaimed", sale, first.at, first.jti);
}

function ofSale(
  kind: "paid-twice" | "goods-unclaimed",
  sale: SaleRecord,
  at: number,
  paymentId: string,
): Finding {
  const { transactionNumber } = sale;
  const actions = [{ action: "refund", transactionNumber } as const];
  const amount = priceOf(sale);
  return { kind, detail: "none", transactionNumber, amount, at, paymentId, orderId: null, actions };
}
