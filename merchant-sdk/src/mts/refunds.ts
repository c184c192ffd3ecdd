/** Refunds at the MTS: what a wallet asks, what the merchant decides, and what the merchant gives back unasked. */
import {
  displayText,
  LIMITS,
  parseValue,
  type RecoveryAnswer,
  type RefundAnswer,
  type RefundReason,
} from "@chit/protocol";
import * as v from "valibot";
import { MerchantError } from "../errors.ts";
import { errorFields } from "../logger.ts";
import type { MtsDeps } from "./deps.ts";
import { type HappenDeps, happen, happenToAny } from "./happen.ts";
import { type Price, priceUnits } from "./offer.ts";
import { refundRefusal } from "./refund-events.ts";
import { noRefund, type RefundRecord } from "./refund-record.ts";
import type { OfferedSale, SaleRecord } from "./sale.ts";
import type { LatePayments, RefundRequestRecord, RefundVerdict } from "./sale-event.ts";
import { type Sale, viewSale } from "./sale-view.ts";
import { priceOf, subjectOf } from "./subject.ts";

/** What a wallet asks for, as the merchant's function sees it. */
export interface RefundRequest {
  readonly sale: Sale;
  readonly reason: RefundReason;
  /** The shopper's words. */
  readonly text: string | null;
  /** How much of the price is to be given back by now, in smallest units: with what was given back before. */
  readonly amount: bigint;
}

/** What the merchant decides. */
export type RefundDecision =
  | {
      readonly decision: "accept";
      /** Of the price, by now: with what was given back before. What was asked for unless told. */
      readonly amount?: Price;
      /** To the shopper. */
      readonly message?: string;
    }
  | { readonly decision: "refuse"; readonly message: string }
  /** The shopper is told that it is open; `merchant.decideRefund` decides it later. */
  | { readonly decision: "defer" };

/** Decides while the wallet waits. When it throws, or takes too long, the refund stays open. */
export type DecideRefund = (request: RefundRequest) => RefundDecision | Promise<RefundDecision>;

/** How the merchant treats refunds. */
export interface RefundPolicy {
  /** Null: everything stays open until `decideRefund`. */
  readonly decide: DecideRefund | null;
  /** How long it may take, in seconds. */
  readonly decisionSeconds: number;
  readonly latePayments: LatePayments;
}

type RefundDeps = HappenDeps & Pick<MtsDeps, "refunds" | "logger">;

/**
 * A wallet asks for a refund. The same request again gets how the refund stands by then.
 *
 * @throws {Refusal} `not-paid`
 */
export async function refund(
  deps: RefundDeps,
  sale: OfferedSale,
  { requestHash, reason, text, amount }: RefundRequestRecord,
): Promise<RecoveryAnswer> {
  const request = { requestHash, reason, text, amount };
  const { transactionNumber } = sale;
  const refused = "refund" in sale ? refundRefusal(sale, request) : null;
  if (refused !== null) return { answer: "refused", reason: refused };
  const asked = await happen(deps, transactionNumber, { type: "refund-asked", request });
  const open = openRequest(asked);
  const verdict = open === null ? null : await decideNow(deps, asked, open);
  if (open === null || verdict === null) return refundState(asked);
  const decided = { type: "refund-decided", requestHash: open.requestHash } as const;
  try {
    return refundState(await happen(deps, transactionNumber, { ...decided, verdict }));
  } catch (error) {
    if (!(error instanceof MerchantError)) throw error;
    deps.logger.error(errorFields(error), "The refund stays open: the decision cannot be.");
    const defer = { decision: "defer" } as const;
    return refundState(await happen(deps, transactionNumber, { ...decided, verdict: defer }));
  }
}

/** How a sale's refund stands, as the wallet is told. */
export function refundState(sale: OfferedSale): RefundAnswer {
  const { decision, accepted, given, message, at } = "refund" in sale ? sale.refund : noRefund;
  return { answer: "refund", decision, accepted, of: priceOf(sale), given, message, at };
}

/** The request that waits for a decision. */
function openRequest(sale: SaleRecord) {
  return "refund" in sale && sale.refund.decision === "asked" ? sale.refund.asked : null;
}

/** What the merchant's function says to a request that it has not seen; null when it has, or there is no function. */
async function decideNow(
  deps: RefundDeps,
  sale: OfferedSale,
  open: NonNullable<RefundRecord["asked"]>,
): Promise<RefundVerdict | null> {
  const { decide, decisionSeconds } = deps.refunds;
  if (decide === null || open.deferred) return null;
  const { reason, text } = open;
  const amount = open.amount ?? priceOf(sale);
  try {
    const made = Promise.resolve(decide({ sale: viewSale(sale), reason, text, amount }));
    return verdictOf(sale, await within(decisionSeconds, made));
  } catch (error) {
    deps.logger.error(
      errorFields(error),
      "refunds.decide failed. The refund stays open; decide it with merchant.decideRefund.",
    );
    return { decision: "defer" };
  }
}

/** A promise's value, or a rejection when it does not come in time. */
function within<R>(seconds: number, promise: Promise<R>): Promise<R> {
  const signal = AbortSignal.timeout(seconds * 1_000);
  return new Promise((resolve, reject) => {
    const tooLate = () => reject(new Error(`No decision within ${seconds} seconds.`));
    signal.addEventListener("abort", tooLate, { once: true });
    promise.then(resolve, reject);
  });
}

/**
 * The merchant decides a refund that is open.
 *
 * @throws {MerchantError} `sale-unknown`, `refund-invalid`, `price-invalid`
 */
export async function decideRefund(
  deps: HappenDeps,
  transactionNumber: string,
  decision: RefundDecision,
): Promise<SaleRecord> {
  const verdict = verdictOf(await findAny(deps, transactionNumber), decision);
  return expectKnown(
    await happenToAny(deps, transactionNumber, {
      type: "refund-decided",
      verdict,
      requestHash: null,
    }),
  );
}

/** How much is given back unasked, and what is said to it. */
export interface RefundTerms {
  /** Of the price, by now: with what was given back before. All of it unless told. */
  readonly amount?: Price;
  /** To the shopper. */
  readonly message?: string;
}

/**
 * The merchant gives back unasked. The same again changes nothing.
 *
 * @throws {MerchantError} `sale-unknown`, `refund-invalid`, `price-invalid`
 */
export async function giveRefund(
  deps: HappenDeps,
  transactionNumber: string,
  terms: RefundTerms,
): Promise<SaleRecord> {
  const sale = await findAny(deps, transactionNumber);
  const { amount, message } = parseTerms(termsSchema, terms);
  return expectKnown(
    await happenToAny(deps, transactionNumber, {
      type: "refund-made",
      amount: amount === undefined ? null : unitsOf(sale, amount),
      message: message ?? null,
    }),
  );
}

/**
 * The merchant takes an unpaid offer back. What is paid for it all the same is treated as the policy says.
 *
 * @throws {MerchantError} `sale-unknown`, `sale-paid`
 */
export async function cancelSale(deps: HappenDeps, transactionNumber: string): Promise<SaleRecord> {
  return expectKnown(await happenToAny(deps, transactionNumber, { type: "cancelled" }));
}

const price = v.union(
  [v.string(), v.bigint()],
  'Give a decimal string such as "4.90", or a bigint.',
);
const words = displayText(LIMITS.refundTextLength);
const termsSchema = v.strictObject({
  amount: v.optional(price),
  message: v.optional(words),
});
const decisionSchema = v.variant("decision", [
  v.strictObject({ decision: v.literal("accept"), ...termsSchema.entries }),
  v.strictObject({ decision: v.literal("refuse"), message: words }),
  v.strictObject({ decision: v.literal("defer") }),
]);

/** What a merchant's program decides, checked: it may be JavaScript. */
function verdictOf(sale: SaleRecord, decision: unknown): RefundVerdict {
  const parsed = parseTerms(decisionSchema, decision);
  if (parsed.decision !== "accept") return parsed;
  const { amount, message = null } = parsed;
  return {
    decision: "accept",
    amount: amount === undefined ? null : unitsOf(sale, amount),
    message,
  };
}

function parseTerms<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  try {
    return parseValue(schema, value);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new MerchantError("refund-invalid", `A refund cannot be as it was given: ${problem}`, {
      cause,
    });
  }
}

function unitsOf(sale: SaleRecord, amount: Price): bigint {
  const { scale } = sale.state === "stray" ? sale.paid : subjectOf(sale);
  return priceUnits(amount, scale, `refund of ${sale.transactionNumber}`);
}

async function findAny(
  { store }: Pick<MtsDeps, "store">,
  transactionNumber: string,
): Promise<SaleRecord> {
  return expectKnown(await store.find(transactionNumber));
}

function expectKnown(sale: SaleRecord | undefined): SaleRecord {
  if (sale !== undefined) return sale;
  throw new MerchantError(
    "sale-unknown",
    "No sale has this transaction number. Take it from merchant.sales().",
  );
}
