/**
 * The proof-of-payment and the denial-of-payment (step 6, forwarded in step 7): JWS of the TPS, made from the
 * plain part of the request alone. They name no customer and are harmless to whoever else sees them.
 */
import * as v from "valibot";
import { equalBytes, toBase64url } from "./bytes.ts";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, decodeDocument, signDocument } from "./jws.ts";
import { type KeyList, verifyIssued } from "./key-list.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import { amountToWire } from "./money.ts";
import type { PaymentOrder } from "./request-for-payment.ts";
import {
  bytes,
  currency,
  header,
  identifier,
  jws,
  message,
  messageBytes,
  parseMessage,
  positiveAmount,
  scale,
  time,
  webOrigin,
} from "./schema.ts";
import type { Session, SessionSubject } from "./session-initiation.ts";
import { labelledMac } from "./transcript.ts";

const claimsSchema = message({
  v: v.literal(1),
  iss: webOrigin,
  /** Random, unlinked to the account; names this payment in settlements. */
  jti: identifier,
  iat: time,
  merchantId: identifier,
  transactionNumber: identifier,
  amount: positiveAmount,
  currency,
  scale,
  quoteHash: bytes(32),
});

/** What a verified proof or denial says. */
export type PaymentClaims = v.InferOutput<typeof claimsSchema>;

/** Whether a document says "paid" or "not paid". */
export type Verdict = "proof" | "denial";

/** Signs a proof or a denial. `iat` in seconds; `jti` 16 random bytes as base64url. */
export async function createVerdict(
  signer: Signer,
  verdict: Verdict,
  order: PaymentOrder,
  jti: string,
  iat: number,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES[verdict], {
    v: 1,
    iss: order.issuer,
    jti,
    iat,
    merchantId: order.merchantId,
    transactionNumber: order.transactionNumber,
    amount: amountToWire(order.amount),
    currency: order.currency,
    scale: order.scale,
    quoteHash: toBase64url(order.quoteHash),
  });
}

/** The fields that a proof shares with what was to be paid. */
export type PaidSubject = Pick<
  PaymentOrder,
  "merchantId" | "transactionNumber" | "amount" | "currency" | "scale" | "quoteHash"
>;

/**
 * Verifies a proof or denial under the issuer's key list, and that it is for exactly `expected`.
 *
 * @throws {ChitError} as `verifyIssued` does; `transaction-mismatch`.
 */
export function verifyVerdict(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  verdict: Verdict,
  document: string,
  expected: PaidSubject,
): PaymentClaims {
  const claims = readVerdict(crypto, list, verdict, document);
  const matches =
    claims.merchantId === expected.merchantId &&
    claims.transactionNumber === expected.transactionNumber &&
    claims.amount === expected.amount &&
    claims.currency === expected.currency &&
    claims.scale === expected.scale &&
    equalBytes(claims.quoteHash, expected.quoteHash);
  if (!matches) {
    throw new ChitError(
      "transaction-mismatch",
      `The ${verdict}-of-payment is for another quote or amount.`,
    );
  }
  return claims;
}

/**
 * Verifies a proof or denial without knowing yet what it is for.
 *
 * @throws {ChitError} as `verifyIssued` does.
 */
export function readVerdict(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  verdict: Verdict,
  document: string,
): PaymentClaims {
  return verifyIssued(crypto, list, document, DOCUMENT_TYPES[verdict], claimsSchema);
}

/**
 * What a proof says that was verified before, when it was kept: nothing is verified here.
 *
 * @throws {ChitError} `malformed-message`, `document-type-wrong`
 */
export function decodeProof(document: string): PaymentClaims {
  return decodeDocument(document, DOCUMENT_TYPES.proof, claimsSchema).payload;
}

const forwardSchema = v.variant("type", [
  message({
    ...header("proof-of-payment"),
    proof: jws,
    keyList: v.exactOptional(jws),
    /** By the session's initiator, who gets the shipping advice; everybody else gets a receipt. */
    mac: v.exactOptional(bytes(32)),
  }),
  message({ ...header("denial-of-payment"), denial: jws, keyList: v.exactOptional(jws) }),
]);

/** Step 7 as it travels. */
export type ForwardedVerdict = v.InferOutput<typeof forwardSchema>;

/** What goes with a forwarded document. */
export interface ForwardExtras {
  /** Root-signed: with it an MTS that does not know the signing key yet needs not ask the TPS. */
  readonly keyList?: string;
  /** {@link adviceRequestMac}, from the session's initiator. */
  readonly mac?: Uint8Array;
}

/** Step 7, by whomever: forwards a proof or denial in clear. */
export function createForward(
  verdict: Verdict,
  document: string,
  { keyList, mac }: ForwardExtras = {},
): Uint8Array {
  return messageBytes({
    v: 1,
    type: `${verdict}-of-payment`,
    [verdict]: document,
    ...(keyList === undefined ? {} : { keyList }),
    ...(mac === undefined ? {} : { mac: toBase64url(mac) }),
  });
}

/**
 * Shows that a proof is forwarded by the session's initiator. The advice names goods, carrier and tracking, which are
 * nobody else's business: neither a payer's nor the TPS's, which both have the proof.
 */
export function adviceRequestMac(
  session: Session,
  subject: SessionSubject,
  proof: string,
): Uint8Array {
  return labelledMac(
    session.key.shippingAdvice,
    LABELS.adviceRequest,
    subject.merchantId,
    subject.transactionNumber,
    subject.quoteHash,
    session.sessionHash,
    proof,
  );
}

/** Step 7 at the MTS: whether the initiator of `session` forwarded it, and gets the advice. */
export function asksForAdvice(
  session: Session,
  subject: SessionSubject,
  { proof, mac }: { readonly proof: string; readonly mac?: Uint8Array },
): boolean {
  return mac !== undefined && equalBytes(mac, adviceRequestMac(session, subject, proof));
}

/**
 * Step 7 at the MTS: reads a forwarded proof or denial; nothing is verified yet.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`
 */
export function decodeForward(body: Uint8Array): ForwardedVerdict {
  return parseMessage(forwardSchema, body, LIMITS.keyListBytes + LIMITS.jwsBytes);
}
