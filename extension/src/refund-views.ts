/** What the pages are shown of money that comes back. Amounts are wire strings in smallest units, times seconds. */
import type { RefundReason } from "@chit/protocol";
import type { FailureView } from "./failure-codes.ts";

/** How a purchase's refund stands. */
export interface RefundView {
  /** Whether the shopper can ask for something (more) now. */
  readonly askable: boolean;
  /** What can be asked for at most. */
  readonly left: string;
  /** What was asked for last; `amount` of the whole purchase, all in all; null there: all of it. */
  readonly asked: {
    readonly reason: RefundReason;
    readonly text: string | null;
    readonly amount: string | null;
    readonly at: number;
  } | null;
  /** Asked, and the shop has not answered. */
  readonly unanswered: boolean;
  readonly failure: FailureView | null;
  /** The shop's last word; `none` where it has not said any. */
  readonly decision: "none" | "asked" | "accepted" | "refused";
  readonly accepted: string;
  /** What the operator has confirmed to the shop, whoever paid. */
  readonly given: string;
  readonly message: string | null;
  readonly decidedAt: number | null;
  /** What came back to an account of this wallet. */
  readonly returned: readonly ReturnView[];
  readonly returnedTotal: string;
  /** Everything is given back, or will be: there is nothing more to get from the shop. */
  readonly full: boolean;
  /** Something is still to come. */
  readonly open: boolean;
}

export interface ReturnView {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: string;
  readonly at: number;
  readonly seen: boolean;
}

/** Money that came back and was not looked at yet. */
export interface ReturnNotice extends ReturnView {
  readonly currency: string;
  readonly scale: number;
  /** The purchase here that it belongs to; null: another wallet of the account bought it. */
  readonly purchase: { readonly purchaseId: string; readonly shopName: string } | null;
}
