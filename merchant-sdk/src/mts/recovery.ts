/** After the sale, at the MTS: what a wallet wishes that shows the sale's token. Nothing here knows of HTTP. */
import {
  ChitError,
  decodeRecoveryRequest,
  equalBytes,
  type OpenedRecovery,
  openRecoveryRequest,
  type RecoveryAnswer,
} from "@chit/protocol";
import { Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import type { MtsDeps } from "./deps.ts";
import { happen } from "./happen.ts";
import { callOff } from "./payer.ts";
import { findRedelivery, redeliveryRefusal } from "./redelivery.ts";
import { refund, refundState } from "./refunds.ts";
import { type OfferedSale, type PaidSale, paymentsOf, sessionOf } from "./sale.ts";
import { isRefunded, subjectOf } from "./subject.ts";

/** Bytes of the nonce of a sealed reply. */
const NONCE_BYTES = 16;

/**
 * Answers a recovery request. The same bytes get the same content, however often they come, and count once; so
 * a request that somebody recorded and plays again changes nothing, and its answer is for its maker's eyes.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `sealing-key-unknown`; `authentication-failed`, which
 * tells neither whether there is such a sale nor whether a wallet began it
 * @throws {Refusal} `not-paid`, `goods-unavailable`
 */
export async function answerRecovery(deps: MtsDeps, body: Uint8Array): Promise<Uint8Array> {
  const { transactionNumber } = decodeRecoveryRequest(body);
  const request = await openRecoveryRequest(deps.crypto, await deps.openingKey, body);
  const sale = await deps.store.find(transactionNumber);
  if (sale === undefined || sale.state === "stray" || !isInitiator(sale, request)) {
    throw new ChitError("authentication-failed", "The token is not that of such a sale.");
  }
  const answer = await grant(deps, sale, request);
  return request.acknowledge(answer, deps.crypto.randomBytes(NONCE_BYTES));
}

async function grant(
  deps: MtsDeps,
  sale: OfferedSale,
  request: OpenedRecovery,
): Promise<RecoveryAnswer> {
  const { wish } = request;
  switch (wish.wish) {
    case "redelivery":
      if (isRefunded(sale)) return REFUNDED;
      return redeliver(deps, expectAdvised(sale), request);
    case "refund":
      return refund(deps, sale, { ...wish, requestHash: request.requestHash });
    case "refund-state":
      return refundState(sale);
    case "payment":
      return { answer: "payment", proof: firstProof(sale) };
    case "call-off":
      return { answer: "payment", proof: firstProof(await callOff(deps, sale)) };
  }
}

/** The proof-of-payment that was accepted first; null while nobody paid. */
function firstProof(sale: OfferedSale): string | null {
  return paymentsOf(sale).find(({ document }) => document !== null)?.document ?? null;
}

/** Whether the request comes from whom the number is bound to. */
function isInitiator(sale: OfferedSale, { merchantId, wish }: OpenedRecovery): boolean {
  const session = sessionOf(sale);
  if (session === null || merchantId !== subjectOf(sale).merchantId) return false;
  return equalBytes(wish.token, session.key.token);
}

function expectAdvised(sale: OfferedSale): PaidSale {
  if (sale.state !== "paid" && sale.state !== "delivered") {
    throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
  }
  if (sale.advice === null) {
    throw new Refusal(
      "goods-unavailable",
      "The payment is recorded, but the goods were not prepared yet. Forward the proof-of-payment again.",
    );
  }
  return sale;
}

/** Looked at before all terms: nothing is given again for money that went back. */
const REFUNDED = { answer: "refused", reason: "refunded" } as const;

async function redeliver(
  deps: MtsDeps,
  { transactionNumber }: PaidSale,
  { requestHash, key }: OpenedRecovery,
): Promise<RecoveryAnswer> {
  const at = deps.clock();
  const until = at + MERCHANT_LIMITS.redeliveryKeySeconds;
  const terms = deps.recovery.redelivery;
  const redelivery = { requestHash, key, at, until };
  const after = expectAdvised(
    await happen(deps, transactionNumber, { type: "redelivery-wished", redelivery, terms }),
  );
  if (isRefunded(after)) return REFUNDED;
  const given = findRedelivery(after, requestHash);
  if (given !== undefined) {
    const sendGoodsUrl = `${after.endpoint}/goods`;
    return { answer: "redelivery", sendGoodsUrl, until: given.until };
  }
  const reason = redeliveryRefusal(after, terms, at);
  if (reason === null) throw new Error("A redelivery was given, but none is kept.");
  return { answer: "refused", reason };
}
