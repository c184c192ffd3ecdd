/**
 * A notarization: one file by which a payment can be shown to anybody, without the issuer's or the shop's help. It is a
 * c2sp.org/tlog-proof whose extra data are the documents that the claim rests on; the root key of the issuer is all
 * that its reader must know.
 */
import * as v from "valibot";
import { decodeCertificate, type MerchantCertificate, verifyCertificate } from "../certificate.ts";
import type { ProtocolCrypto } from "../crypto.ts";
import { ChitError } from "../errors.ts";
import { DOCUMENT_TYPES, decodeDocument } from "../jws.ts";
import { type KeyList, verifyKeyList } from "../key-list.ts";
import { LIMITS } from "../limits.ts";
import { type PaymentClaims, readVerdict } from "../proof-of-payment.ts";
import { header, jws, message, messageBytes, parseMessage, time } from "../schema.ts";
import { type SignedCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import { logEntry } from "./entry.ts";
import { formatLogProof, type LogProof, parseLogProof } from "./log-proof.ts";
import { leafHash, verifyInclusion } from "./tree.ts";

const extraSchema = message({
  ...header("notarization"),
  proof: jws,
  /** Of the merchant that the proof names, as it was when the purchase was made. */
  certificate: jws,
  keyList: jws,
});

/** The documents in a notarization. */
export type NotarizedDocuments = Pick<
  v.InferOutput<typeof extraSchema>,
  "proof" | "certificate" | "keyList"
>;

/** Extension of the file's name. */
export const NOTARIZATION_EXTENSION = ".tlog-proof";

/** The text of the file. */
export function createNotarization(
  { proof, certificate, keyList }: NotarizedDocuments,
  place: Omit<LogProof, "extra">,
): string {
  const extra = messageBytes({ v: 1, type: "notarization", proof, certificate, keyList });
  return formatLogProof({ ...place, extra });
}

/** What a verified notarization shows. */
export interface Notarization {
  readonly payment: PaymentClaims;
  readonly certificate: MerchantCertificate;
  /** As of when the file was made. */
  readonly keyList: KeyList;
  /** Number of the payment in the log, from 0. */
  readonly index: number;
  /** The log's state that has the payment, with the time at which the issuer signed it. */
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Verifies a notarization under the issuer's root key (32 bytes). No clock is asked: the dates in the documents are held
 * against each other, and the file says the same for ever.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`; `authentication-failed`, `signing-key-unknown`,
 * `expired`, `not-yet-valid`, `document-type-wrong`, `transaction-mismatch`, `merchant-mismatch`
 */
export function verifyNotarization(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  rootKey: Uint8Array,
  text: string,
): Notarization {
  const { extra, index, path, checkpoint: note } = parseLogProof(text);
  const documents = parseMessage(extraSchema, extra, LIMITS.notarizationBytes);
  const keyList = verifyListOfItsTime(crypto, rootKey, documents.keyList);
  const payment = readVerdict(crypto, keyList, "proof", documents.proof);
  const quotedBy = quotedNotAfter(documents.certificate, payment.iat);
  const certificate = verifyCertificate(crypto, keyList, documents.certificate, quotedBy);
  if (certificate.merchantId !== payment.merchantId) {
    throw new ChitError(
      "merchant-mismatch",
      "The certificate is not of the merchant that was paid.",
    );
  }
  const checkpoint = verifyCheckpoint(crypto, keyList, note);
  if (payment.iat > checkpoint.at + LIMITS.clockSkewSeconds) {
    throw new ChitError("not-yet-valid", "The checkpoint was signed before the payment was made.");
  }
  const leaf = leafHash(logEntry(documents.proof));
  if (!verifyInclusion({ ...checkpoint, leaf, index }, path)) {
    throw new ChitError("authentication-failed", "The payment is not in the log's tree.");
  }
  return { payment, certificate, keyList, index, checkpoint };
}

/** A quote outlives its certificate by a day at the most; the certificate counts when the quote is made. */
function quotedNotAfter(document: string, paidAt: number): number {
  const { exp } = decodeCertificate(document);
  return paidAt - exp <= LIMITS.quoteLifeSeconds ? Math.min(paidAt, exp) : paidAt;
}

/** The key list as it was when the file was made: its own date is the "now" that it is held against. */
function verifyListOfItsTime(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  rootKey: Uint8Array,
  document: string,
): KeyList {
  const { keyListBytes } = LIMITS;
  const dated = v.object({ iat: time });
  const { payload } = decodeDocument(document, DOCUMENT_TYPES.keyList, dated, keyListBytes);
  return verifyKeyList(crypto, rootKey, document, payload.iat);
}
