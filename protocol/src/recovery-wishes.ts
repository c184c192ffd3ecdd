/**
 * What a wallet may wish after a sale, and what the merchant answers: the sealed contents of `recovery.ts`'s request
 * and acknowledgment. A wish carries the token of the first session, which only the wallet that began the purchase has.
 *
 * Amounts of a refund are cumulative shares of the quote's amount (`of`): "by now, so much of it is given back".
 */
import * as v from "valibot";
import { toBase64url } from "./bytes.ts";
import { ChitError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { amountToWire } from "./money.ts";
import {
  amount,
  bytes,
  displayText,
  header,
  jws,
  message,
  messageBytes,
  parseMessage,
  positiveAmount,
  secureUrl,
  time,
} from "./schema.ts";
import { SEGMENT_BYTES } from "./session-key.ts";

/** Why a refund is asked for. */
export const REFUND_REASONS = [
  "not-received",
  "damaged",
  "not-as-described",
  "changed-mind",
  "paid-twice",
  "other",
] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

/** How far the merchant's decision is: nothing was asked or given, asked and open, accepted in full or part, refused. */
export const REFUND_DECISIONS = ["none", "asked", "accepted", "refused"] as const;
export type RefundDecisionState = (typeof REFUND_DECISIONS)[number];

/** What people write about a refund: one line, to either side. */
const refundText = displayText(LIMITS.refundTextLength);

/** The first session's. */
const token = bytes(SEGMENT_BYTES);

const wishSchema = v.variant("wish", [
  /** To send for the goods again. */
  message({ wish: v.literal("redelivery"), token }),
  /** To be given back the money: so much of the quote's amount by now, or all of it. */
  message({
    wish: v.literal("refund"),
    token,
    reason: v.picklist(REFUND_REASONS),
    text: v.nullable(refundText),
    amount: v.nullable(positiveAmount),
  }),
  /** To be told how a refund stands. */
  message({ wish: v.literal("refund-state"), token }),
  /** To be told whether anybody paid. */
  message({ wish: v.literal("payment"), token }),
  /** That nobody else pays any more (`payer.ts`); and to be told whether anybody did. */
  message({ wish: v.literal("call-off"), token }),
]);

/** What a wallet may wish after a sale. */
export type RecoveryWish = v.InferOutput<typeof wishSchema>;
/** A wish for a refund. */
export type RefundWish = Extract<RecoveryWish, { wish: "refund" }>;

/** Why a merchant grants a wish not. */
export const RECOVERY_REFUSALS = [
  /** Everything that was paid is given back: there is nothing to deliver. Looked at before all other reasons. */
  "refunded",
  /** Redelivery was offered for a time, which is over. */
  "period-over",
  /** It was wished as often as the merchant allows. */
  "too-often",
  /** Nothing of the sale is digital. */
  "nothing-to-send",
  /** This merchant gives nothing again. */
  "not-offered",
  /** A refund of more than the quote's amount. */
  "more-than-paid",
] as const;
export type RecoveryRefusal = (typeof RECOVERY_REFUSALS)[number];

const acknowledgment = header("recovery-acknowledgment");
const answerSchema = v.variant("answer", [
  /** Send goods under the fresh session goes to `sendGoodsUrl` until `until` (seconds). */
  message({
    ...acknowledgment,
    answer: v.literal("redelivery"),
    sendGoodsUrl: secureUrl,
    until: time,
  }),
  message({
    ...acknowledgment,
    answer: v.literal("refund"),
    decision: v.picklist(REFUND_DECISIONS),
    /** Of `of`, what the merchant has ordered to be given back by now. */
    accepted: amount,
    /** The quote's amount. */
    of: positiveAmount,
    /** Of `of`, what the TPS has confirmed by now. */
    given: amount,
    /** The merchant's words. */
    message: v.nullable(refundText),
    /** When that last changed, in seconds. */
    at: v.nullable(time),
  }),
  /** The proof-of-payment that was accepted first; null: none was. */
  message({ ...acknowledgment, answer: v.literal("payment"), proof: v.nullable(jws) }),
  message({
    ...acknowledgment,
    answer: v.literal("refused"),
    reason: v.picklist(RECOVERY_REFUSALS),
  }),
]);

/** How a refund stands, as the merchant tells it. */
export interface RefundAnswer {
  readonly answer: "refund";
  readonly decision: RefundDecisionState;
  readonly accepted: bigint;
  readonly of: bigint;
  readonly given: bigint;
  readonly message: string | null;
  readonly at: number | null;
}

/** What the merchant answers. */
export type RecoveryAnswer =
  | { readonly answer: "redelivery"; readonly sendGoodsUrl: string; readonly until: number }
  | RefundAnswer
  | { readonly answer: "payment"; readonly proof: string | null }
  | { readonly answer: "refused"; readonly reason: RecoveryRefusal };

/** A wish as it is sealed. */
export function encodeWish(wish: RecoveryWish): Uint8Array {
  const token = toBase64url(wish.token);
  switch (wish.wish) {
    case "redelivery":
    case "refund-state":
    case "payment":
    case "call-off":
      return messageBytes({ wish: wish.wish, token });
    case "refund": {
      const { reason, text, amount } = wish;
      const wire = amount === null ? null : amountToWire(amount);
      return messageBytes({ wish: wish.wish, token, reason, text, amount: wire });
    }
  }
}

/**
 * Reads {@link encodeWish}'s bytes.
 *
 * @throws {ChitError} `malformed-message`
 */
export function decodeWish(content: Uint8Array): RecoveryWish {
  return parseMessage(wishSchema, content);
}

/**
 * An answer as it is sealed.
 *
 * @throws {ChitError} `malformed-message` when it breaks a bound
 */
export function encodeAnswer(answer: RecoveryAnswer): Uint8Array {
  const content = messageBytes({ v: 1, type: "recovery-acknowledgment", ...answerToWire(answer) });
  decodeAnswer(content);
  return content;
}

/**
 * Reads {@link encodeAnswer}'s bytes.
 *
 * @throws {ChitError} `malformed-message`
 */
export function decodeAnswer(content: Uint8Array): RecoveryAnswer {
  const { v: _v, type: _type, ...answer } = parseMessage(answerSchema, content);
  if (answer.answer === "refund") expectCovered(answer);
  return answer;
}

function answerToWire(answer: RecoveryAnswer): object {
  if (answer.answer !== "refund") return answer;
  const { accepted, of, given } = answer;
  return {
    answer: answer.answer,
    decision: answer.decision,
    accepted: amountToWire(accepted),
    of: amountToWire(of),
    given: amountToWire(given),
    message: answer.message,
    at: answer.at,
  };
}

/** Nobody gives back more than all, and nothing was given that was not accepted before. */
function expectCovered({ accepted, of, given }: RefundAnswer): void {
  if (given <= accepted && accepted <= of) return;
  throw new ChitError("malformed-message", "A refund gives back more than was accepted or paid.");
}
