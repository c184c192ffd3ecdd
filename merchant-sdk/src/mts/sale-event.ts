/** What can happen to a sale, and what an event makes of it; the functions are in `transition.ts`. */
import type { RefundReason } from "@chit/protocol";
import type { RedeliveryTerms } from "./redelivery.ts";
import type {
  AdviceRecord,
  Denial,
  NewsType,
  Payment,
  Redelivery,
  SaleRecord,
  SaleSession,
} from "./sale.ts";

/** What becomes of money that comes when the sale is over: it is delivered for, or given back. */
export type LatePolicy = "deliver" | "refund";

/** The merchant's policy for late payments. */
export interface LatePayments {
  /** Paid after the quote expired. */
  readonly expired: LatePolicy;
  /** Paid for a number that the merchant cancelled. */
  readonly cancelled: LatePolicy;
  /**
   * Paid again after everything was given back. Only what was paid after the TPS had confirmed the refund is delivered:
   * an earlier payment may have been given back with the others.
   */
  readonly refunded: LatePolicy;
}

/** What a wallet wishes to be given back, and why. */
export interface RefundRequestRecord {
  readonly requestHash: Uint8Array;
  readonly reason: RefundReason;
  readonly text: string | null;
  /** Of the quote's amount, by now; null: all. */
  readonly amount: bigint | null;
}

/** What the merchant decides. */
export type RefundVerdict =
  | {
      readonly decision: "accept";
      /** Of the quote's amount, by now; null: what was asked for. */
      readonly amount: bigint | null;
      readonly message: string | null;
    }
  | { readonly decision: "refuse"; readonly message: string | null }
  | { readonly decision: "defer" };

/** What can happen to a sale. Times in seconds. */
export type SaleEvent =
  | { readonly type: "session-initiated"; readonly session: SaleSession }
  | {
      readonly type: "proof-accepted";
      readonly payment: Payment;
      /** When the TPS took the money, by its clock. */
      readonly paidAt: number;
      readonly late: LatePayments;
    }
  | { readonly type: "denial-forwarded"; readonly denial: Denial }
  | { readonly type: "called-off"; readonly at: number }
  | { readonly type: "cancelled" }
  | { readonly type: "advised"; readonly advice: AdviceRecord }
  | { readonly type: "goods-sent"; readonly goodsId: string; readonly at: number }
  | {
      readonly type: "redelivery-wished";
      readonly redelivery: Redelivery;
      readonly terms: RedeliveryTerms | null;
    }
  | { readonly type: "refund-asked"; readonly request: RefundRequestRecord }
  | {
      readonly type: "refund-decided";
      readonly verdict: RefundVerdict;
      /** The request that was decided, by its hash; null: whichever is open. */
      readonly requestHash: Uint8Array | null;
    }
  /** The merchant gives back by itself; `amount` as in a verdict. */
  | {
      readonly type: "refund-made";
      readonly amount: bigint | null;
      readonly message: string | null;
    }
  /** The TPS executed an order: `payments` stand where it wants them, and `given` went back for it. */
  | {
      readonly type: "refund-given";
      readonly orderId: string;
      readonly payments: number;
      readonly given: bigint;
    }
  /** The TPS did not execute an order. `noPayment`: it knew no payment of the number yet. */
  | {
      readonly type: "refund-refused";
      readonly orderId: string;
      readonly reason: string;
      readonly noPayment: boolean;
    };

/** What a change may use that is new: an id for the order that it makes, and when it happens (seconds). */
export interface Fresh {
  readonly orderId: string;
  readonly at: number;
}

/** A refund order to be signed. */
export interface OrderDraft {
  readonly orderId: string;
  readonly refunded: bigint;
  readonly of: bigint;
}

/**
 * The sale after an event, what to tell about it, and the refund order that it makes. An event that changes nothing gives
 * the same object.
 */
export interface Transition<S extends SaleRecord = SaleRecord> {
  readonly sale: S;
  readonly news: NewsType | null;
  readonly order: OrderDraft | null;
}

/** An event that tells nobody anything, or one thing. */
export function step<S extends SaleRecord>(sale: S, news: NewsType | null = null): Transition<S> {
  return { sale, news, order: null };
}
