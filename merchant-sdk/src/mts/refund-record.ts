/**
 * What a sale keeps of its refund. Amounts are cumulative shares of the quote's amount, in smallest units: "by now, so
 * much is given back". What was accepted never becomes less.
 */
import {
  amount,
  bytes,
  displayText,
  identifier,
  LIMITS,
  message,
  positiveAmount,
  REFUND_DECISIONS,
  REFUND_REASONS,
  time,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { MERCHANT_LIMITS } from "../limits.ts";

const digest = bytes(32);

/** What people write about a refund. */
const text = v.nullable(displayText(LIMITS.refundTextLength));

const askedSchema = message({
  /** Hash of the request's exact bytes. */
  requestHash: digest,
  reason: v.picklist(REFUND_REASONS),
  text,
  /** Null: everything. */
  amount: v.nullable(positiveAmount),
  at: time,
  /** Whether the merchant's function was asked, and left it open: nobody asks it again. */
  deferred: v.boolean(),
});

const outcomeSchema = v.variant("outcome", [
  /** `payments` stand where the order wants them; it gave back `given`, all of them together. */
  message({
    outcome: v.literal("executed"),
    payments: whole(0, Number.MAX_SAFE_INTEGER),
    given: amount,
    at: time,
  }),
  message({ outcome: v.literal("refused"), reason: v.string(), at: time }),
]);

const orderSchema = message({
  orderId: identifier,
  refunded: positiveAmount,
  at: time,
  /** What the TPS said; null until it did. */
  outcome: v.nullable(outcomeSchema),
});

/** A sale's refund. */
export const refundSchema = message({
  decision: v.picklist(REFUND_DECISIONS),
  /** The wallet's last word; null when the merchant refunds unasked. */
  asked: v.nullable(askedSchema),
  /** Hashes of all requests, oldest first: each counts once, whoever plays it again. */
  requests: v.pipe(v.array(digest), v.maxLength(MERCHANT_LIMITS.refundRequests)),
  accepted: amount,
  /** The highest order that the TPS executed. */
  given: amount,
  /** The merchant's words. */
  message: text,
  /** When it last changed. */
  at: v.nullable(time),
  orders: v.array(orderSchema),
});

export type RefundRecord = v.InferOutput<typeof refundSchema>;
export type RefundOutcome = v.InferOutput<typeof outcomeSchema>;

/** A refund that nobody asked for or gave, as it is stored. */
export const noRefundStored: v.InferInput<typeof refundSchema> = {
  decision: "none",
  asked: null,
  requests: [],
  accepted: "0",
  given: "0",
  message: null,
  at: null,
  orders: [],
};

/** A refund that nobody asked for or gave. */
export const noRefund: RefundRecord = v.parse(refundSchema, noRefundStored);
