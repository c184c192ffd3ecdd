/** What the wallet keeps of refunds and of shops that recognise its owner, as schemas; see `records.ts`. */
import {
  displayText,
  identifier,
  LIMITS,
  LOYALTY_SECRET_BYTES,
  message,
  REFUND_DECISIONS,
  REFUND_REASONS,
  time,
} from "@chit/protocol";
import * as v from "valibot";
import { binary, bytesOf, counter, failureSchema, text, wireAmount } from "./schemas.ts";

/** What the shopper asked for. `amount`: of the quote's amount, all in all; null: all of it. */
export const refundAskedSchema = message({
  reason: v.picklist(REFUND_REASONS),
  text: v.nullable(displayText(LIMITS.refundTextLength)),
  amount: v.nullable(wireAmount),
  at: time,
});

/** The shop's last word. Amounts are of the quote's amount, all in all by then. */
const refundAnswerSchema = message({
  decision: v.picklist(REFUND_DECISIONS),
  accepted: wireAmount,
  of: wireAmount,
  /** What the operator confirmed to the shop. */
  given: wireAmount,
  message: v.nullable(displayText(LIMITS.refundTextLength)),
  at: v.nullable(time),
});

/** How a refund of one purchase stands between wallet and shop. */
export const refundSchema = message({
  purchaseId: identifier,
  /** Null: the shop began. */
  asked: v.nullable(refundAskedSchema),
  /** The request as it was committed before it was sent; null once it is answered. */
  request: v.nullable(message({ body: binary, enc: bytesOf(32), responseSecret: bytesOf(16) })),
  /** Why there is no answer yet, or will be none. */
  failure: v.nullable(failureSchema),
  answer: v.nullable(refundAnswerSchema),
});
export type Refund = v.InferOutput<typeof refundSchema>;

/** Money of one payment that came back to an account, as the TPS told it. */
export const returnSchema = message({
  /** `jti` of the payment's proof. */
  paymentId: identifier,
  orderId: identifier,
  accountKey: identifier,
  amount: wireAmount,
  at: time,
  /** Whether the notice of it was put away. */
  seen: v.boolean(),
});
export type Return = v.InferOutput<typeof returnSchema>;

/** What one shop may know its customer by. The secret is made for this shop alone. */
export const loyaltySchema = message({
  merchantId: identifier,
  secret: bytesOf(LOYALTY_SECRET_BYTES),
  /** How often the shopper has taken a pseudonym back. */
  epoch: counter,
  /** Whether the box is ticked at the next purchase. */
  on: v.boolean(),
  shopName: text,
  shopOrigin: text,
  /** When the shop was told this epoch's pseudonym, first and last; null: not yet. */
  told: v.nullable(message({ first: time, last: time })),
});
export type Loyalty = v.InferOutput<typeof loyaltySchema>;
