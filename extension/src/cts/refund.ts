/**
 * Money back (PROTOCOL.md, section 8): the wallet asks the shop, by the purchase's token under a fresh session, and asks
 * again how it stands. The request is on disk before it is sent, and its identical bytes are sent until it is answered,
 * so that a kill or a lost answer asks for nothing twice. What came back to the account itself is told by the TPS alone
 * (`returns.ts`).
 */
import {
  amountToWire,
  createRecoveryRequest,
  decodeCertificate,
  merchantSealingKey,
  openRecoveryAcknowledgment,
  parseAmount,
  type RecoveryAnswer,
  type RecoveryRefusal,
  type RefundAnswer,
  type RefundReason,
} from "@chit/protocol";
import type { WalletFailureCode } from "../messages.ts";
import type { Refund } from "./after-sale-records.ts";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { postRecovery } from "./mts-client.ts";
import { quoteOf } from "./quote-of.ts";
import type { Failure, Purchase } from "./records.ts";
import { returnsOf, sumOf } from "./returns.ts";

/** A purchase that is paid and whose session this wallet has: by its token the shop is asked. */
export type Refundable = Extract<Purchase, { proof: string; session: unknown }>;

/** What the shopper asks for. `amount`: so much more than what is accepted already; null: all of it. */
export interface RefundWishInput {
  readonly reason: RefundReason;
  readonly text: string | null;
  readonly amount: bigint | null;
}

/** Whether the shop can be asked for the money of this purchase at all. */
export function isRefundable(purchase: Purchase): purchase is Refundable {
  return "proof" in purchase && "session" in purchase;
}

/** Whether all of it was accepted to be given back: nothing more can be asked for, and nothing more comes. */
export function isFullyRefunded(refund: Refund | undefined): boolean {
  const answer = refund?.answer ?? null;
  return answer !== null && answer.accepted === answer.of;
}

/** Whether something is still to come: an answer, a decision, or the money. */
export function isRefundOpen({ request, answer }: Refund): boolean {
  if (request !== null) return true;
  if (answer === null) return false;
  return answer.decision === "asked" || answer.given !== answer.accepted;
}

/**
 * Prepares the request; resolves when it is on disk. It is sent by `refunds.ts`.
 *
 * @throws {WalletError} `wrong-state`: not paid, asked already, or refunded; `refund-amount`: more than what is left
 */
export async function prepareRefund(
  deps: CtsDeps,
  purchase: Purchase,
  wish: RefundWishInput,
): Promise<void> {
  if (!isRefundable(purchase)) {
    throw new WalletError("wrong-state", "Only what this wallet began and was paid is given back.");
  }
  const { purchaseId } = purchase;
  const known = await deps.store.refund(purchaseId);
  if (isFullyRefunded(known) || isUndecided(known)) {
    throw new WalletError("wrong-state", "The money was asked for already.");
  }
  const settled = await settledOf(deps, purchase, known);
  const amount = wish.amount === null ? null : totalOf(purchase, settled, wish.amount);
  const quote = quoteOf(purchase);
  const key = merchantSealingKey(decodeCertificate(quote.certificate));
  const { reason, text } = wish;
  const { body, enc, responseSecret } = await createRecoveryRequest(deps.crypto, key, quote, {
    wish: "refund",
    token: purchase.session.key.token,
    reason,
    text,
    amount,
  });
  const wire = amount === null ? null : amountToWire(amount);
  await changeRefund(deps, purchaseId, (current) => {
    if (isUndecided(current)) {
      throw new WalletError("wrong-state", "The money was asked for already.");
    }
    return {
      ...current,
      asked: { reason, text, amount: wire, at: deps.nowSeconds() },
      request: { body, enc, responseSecret },
      failure: null,
    };
  });
}

const isUndecided = (refund: Refund | undefined) =>
  refund !== undefined && (refund.request !== null || refund.answer?.decision === "asked");

/** What was accepted so far, as the shop told it, or as the money that came back shows, if that is more. */
export async function settledOf(
  deps: Pick<CtsDeps, "store">,
  purchase: Purchase,
  refund: Refund | undefined,
): Promise<bigint> {
  const accepted = parseAmount(refund?.answer?.accepted ?? "0");
  const back = sumOf(await returnsOf(deps, purchase));
  return accepted > back ? accepted : back;
}

/** Refunds are told cumulatively: what is asked for now comes on top of what was accepted. */
function totalOf(purchase: Refundable, settled: bigint, more: bigint): bigint {
  const total = settled + more;
  if (more <= 0n || total > quoteOf(purchase).amount) {
    throw new WalletError("refund-amount", "Give an amount that is not more than what is left.");
  }
  return total;
}

/**
 * Sends the prepared request's identical bytes and keeps the answer.
 *
 * @throws {UnreachableError | RefusedError} as `exchange` does; {ChitError} when the answer is not genuine
 */
export async function sendRefund(deps: CtsDeps, purchase: Refundable): Promise<void> {
  const { purchaseId } = purchase;
  const refund = await deps.store.refund(purchaseId);
  if (refund === undefined || refund.request === null) return;
  const { recoveryUrl } = quoteOf(purchase);
  const reply = await postRecovery(deps, recoveryUrl, refund.request.body);
  const answer = await openRecoveryAcknowledgment(deps.crypto, refund.request, reply);
  await keepAnswer(deps, purchase, answer);
}

/**
 * Asks how it stands. Changes nothing at the shop, so nothing of it is kept before.
 *
 * @throws as {@link sendRefund}
 */
export async function askRefundState(deps: CtsDeps, purchase: Refundable): Promise<void> {
  const quote = quoteOf(purchase);
  const key = merchantSealingKey(decodeCertificate(quote.certificate));
  const { token } = purchase.session.key;
  const wish = { wish: "refund-state", token } as const;
  const request = await createRecoveryRequest(deps.crypto, key, quote, wish);
  const reply = await postRecovery(deps, quote.recoveryUrl, request.body);
  const answer = await openRecoveryAcknowledgment(deps.crypto, request, reply);
  // While a request is under way its own answer counts.
  if ((await deps.store.refund(purchase.purchaseId))?.request) return;
  await keepAnswer(deps, purchase, answer);
}

async function keepAnswer(
  deps: CtsDeps,
  purchase: Refundable,
  answer: RecoveryAnswer,
): Promise<void> {
  const { amount } = quoteOf(purchase);
  switch (answer.answer) {
    case "refund":
      if (answer.of !== amount) throw otherQuestion();
      await changeRefund(deps, purchase.purchaseId, (current) => ({
        ...current,
        request: null,
        failure: null,
        answer: answerRecord(answer),
      }));
      return;
    case "refused":
      await endRequest(deps, purchase.purchaseId, refusal(answer.reason));
      return;
    case "redelivery":
    case "payment":
      throw otherQuestion();
  }
}

/** The request will get no (other) answer: what was asked for is no longer under way. */
export function endRequest(
  deps: Pick<CtsDeps, "store" | "changed">,
  purchaseId: string,
  failure: Failure,
): Promise<void> {
  return changeRefund(deps, purchaseId, (current) => ({ ...current, request: null, failure }));
}

/** Why there is no answer yet; the request stays. */
export async function noteFailure(
  deps: Pick<CtsDeps, "store" | "changed">,
  purchaseId: string,
  failure: Failure,
): Promise<void> {
  if ((await deps.store.refund(purchaseId))?.failure?.code === failure.code) return;
  await changeRefund(deps, purchaseId, (current) => ({ ...current, failure }));
}

async function changeRefund(
  deps: Pick<CtsDeps, "store" | "changed">,
  purchaseId: string,
  change: (refund: Refund) => Refund,
): Promise<void> {
  await deps.store.transact(async (transaction) => {
    const none = { purchaseId, asked: null, request: null, failure: null, answer: null };
    const current = (await transaction.refund(purchaseId)) ?? none;
    await transaction.putRefund(change(current));
  });
  deps.changed(null);
}

function answerRecord(answer: RefundAnswer): NonNullable<Refund["answer"]> {
  const { decision, message, at } = answer;
  const [accepted, of, given] = [answer.accepted, answer.of, answer.given].map(amountToWire);
  return { decision, accepted, of, given, message, at } as NonNullable<Refund["answer"]>;
}

function refusal(reason: RecoveryRefusal): Failure {
  const codes: Partial<Record<RecoveryRefusal, WalletFailureCode>> = {
    refunded: "refunded",
    "too-often": "refund-too-often",
    "more-than-paid": "refund-amount",
  };
  return { code: codes[reason] ?? "refund-refused", detail: reason };
}

function otherQuestion(): WalletError {
  return new WalletError("shop-answer-forged", "The shop answered another question.");
}
