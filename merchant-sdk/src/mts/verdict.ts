/** Step 7 at the MTS: verifies a forwarded proof or denial against the issuer's keys and the sale it is for. */
import {
  ChitError,
  decodeProof,
  type ForwardedVerdict,
  type KeyList,
  type PaymentClaims,
  readVerdict,
  type Verdict,
  verifyVerdict,
} from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { errorFields } from "../logger.ts";
import type { MtsDeps } from "./deps.ts";
import { unknownTransaction } from "./happen.ts";
import type { OfferedSale } from "./sale.ts";
import { subjectOf } from "./subject.ts";

type VerdictDeps = Pick<MtsDeps, "crypto" | "issuerKeys" | "certificate" | "logger" | "store">;

/** A verdict that verifies, and its sale; null when it is for this merchant, but for no number that the shop knows. */
export interface VerifiedVerdict {
  readonly verdict: Verdict;
  readonly document: string;
  readonly claims: PaymentClaims;
  readonly sale: OfferedSale | null;
}

/**
 * Verifies signature, issuer, own number, quote hash, amount and currency. A number that the shop forgot, or never gave, is
 * one all the same when the merchant is this one: the TPS took the money.
 *
 * @throws {Refusal} `signing-key-unknown`, `proof-invalid`, `proof-mismatch`, `transaction-unknown`
 */
export async function verifyForwarded(
  deps: VerdictDeps,
  forwarded: ForwardedVerdict,
): Promise<VerifiedVerdict> {
  const isProof = forwarded.type === "proof-of-payment";
  const verdict: Verdict = isProof ? "proof" : "denial";
  const document = isProof ? forwarded.proof : forwarded.denial;
  try {
    const list = await listFor(deps, verdict, document, forwarded.keyList);
    // A proof only says where its sale is until it is verified, together with the sale: to verify costs more than the rest.
    const { transactionNumber } = isProof
      ? decodeProof(document)
      : readVerdict(deps.crypto, list, verdict, document);
    const sale = await deps.store.find(transactionNumber);
    if (sale === undefined || sale.state === "stray") {
      const read = readVerdict(deps.crypto, list, verdict, document);
      if (read.merchantId !== deps.certificate.merchantId) throw unknownTransaction();
      return { verdict, document, claims: read, sale: null };
    }
    const claims = verifyVerdict(deps.crypto, list, verdict, document, subjectOf(sale));
    expectLaterThanQuote(claims, sale);
    return { verdict, document, claims, sale };
  } catch (error) {
    if (error instanceof ChitError) throw refuse(error);
    if (error instanceof MerchantError && error.code === "key-list-expired") {
      throw keyUnknown(error);
    }
    throw error;
  }
}

/**
 * Nobody pays a quote before there is one. A signing key stays listed after its time, for what it signed then; whoever
 * stole it could otherwise date new proofs back into that time, for ever. A day is left to clocks that differ.
 */
function expectLaterThanQuote({ iat }: PaymentClaims, { issuedAt }: OfferedSale): void {
  if (iat >= issuedAt - MERCHANT_LIMITS.proofBeforeQuoteSeconds) return;
  throw new ChitError("transaction-mismatch", "The proof-of-payment is older than the quote.");
}

/** The own list, or the forwarded one where only that knows the signing key. */
async function listFor(
  { crypto, issuerKeys, logger }: VerdictDeps,
  verdict: Verdict,
  document: string,
  forwardedList: string | undefined,
): Promise<KeyList> {
  const known = await knownList({ issuerKeys }, forwardedList);
  if (known !== undefined && forwardedList === undefined) return known;
  if (known !== undefined && knowsKey(crypto, known, verdict, document)) return known;
  if (forwardedList === undefined) return issuerKeys.current();
  try {
    return await issuerKeys.adopt(forwardedList);
  } catch (error) {
    logger.warn(errorFields(error), "A forwarded key list was refused.");
    return issuerKeys.current();
  }
}

/** The own list; one that expired is no obstacle when a newer one was forwarded. */
async function knownList(
  { issuerKeys }: Pick<VerdictDeps, "issuerKeys">,
  forwardedList: string | undefined,
): Promise<KeyList | undefined> {
  try {
    return await issuerKeys.current();
  } catch (error) {
    if (forwardedList === undefined) throw error;
    return undefined;
  }
}

function knowsKey(
  crypto: VerdictDeps["crypto"],
  list: KeyList,
  verdict: Verdict,
  document: string,
): boolean {
  try {
    readVerdict(crypto, list, verdict, document);
    return true;
  } catch (error) {
    return !(error instanceof ChitError && error.code === "signing-key-unknown");
  }
}

function refuse(error: ChitError): Refusal {
  switch (error.code) {
    case "signing-key-unknown":
      return keyUnknown(error);
    case "transaction-mismatch":
      return new Refusal("proof-mismatch", error.message, { cause: error });
    default:
      return new Refusal("proof-invalid", error.message, { cause: error });
  }
}

/** Whoever forwards can help: the list is signed by the pinned root key. */
function keyUnknown(cause: Error): Refusal {
  return new Refusal(
    "signing-key-unknown",
    "Forward the proof again together with the issuer's newest key list.",
    { cause },
  );
}
