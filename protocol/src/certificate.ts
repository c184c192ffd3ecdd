/**
 * The merchant certificate (paper, step 2 and section 3): after review of the merchant's application the
 * TPS binds merchant id, name, web origins and keys. A JWS that travels inside every quote.
 */
import * as v from "valibot";
import { type ProtocolCrypto, type Signer, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, decodeDocument, keyId, signDocument, verifyDocument } from "./jws.ts";
import { type KeyList, verifyIssued } from "./key-list.ts";
import { LIMITS } from "./limits.ts";
import {
  bytes,
  currency,
  displayText,
  identifier,
  message,
  scale,
  time,
  webOrigin,
} from "./schema.ts";
import type { SealingKey } from "./sealed-message.ts";

const origins = v.pipe(v.array(webOrigin), v.minLength(1), v.maxLength(LIMITS.certificateOrigins));

const certificateSchema = message({
  v: v.literal(1),
  /** The issuer's web origin. */
  iss: webOrigin,
  /** Serial number of the certificate. */
  jti: identifier,
  iat: time,
  nbf: time,
  exp: time,
  merchantId: identifier,
  /** The name that wallets show. */
  name: displayText(LIMITS.nameLength),
  /** Where this merchant may offer quotes. */
  origins,
  /** The MTS's X25519 key for session initiations. */
  suite: v.literal(SUITE),
  sealingKey: bytes(32),
  /** The MTS's Ed25519 key for refund orders and batches. */
  signingKey: bytes(32),
  currency,
  scale,
});

/** A verified merchant certificate. Times in seconds. */
export type MerchantCertificate = v.InferOutput<typeof certificateSchema>;
export type MerchantCertificateInput = v.InferInput<typeof certificateSchema>;

/** Issues a certificate under one of the TPS's signing keys. */
export async function createCertificate(
  signer: Signer,
  certificate: MerchantCertificateInput,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES.certificate, certificate);
}

/**
 * Verifies a certificate against the issuer's key list at `now` (seconds).
 *
 * @throws {ChitError} as `verifyIssued` does; `malformed-message`, `expired`, `not-yet-valid`.
 */
export function verifyCertificate(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  document: string,
  now: number,
): MerchantCertificate {
  const type = DOCUMENT_TYPES.certificate;
  const certificate = verifyIssued(crypto, list, document, type, certificateSchema);
  if (certificate.exp - certificate.iat > LIMITS.certificateLifeSeconds) {
    throw new ChitError("malformed-message", "A certificate lives 400 days at the most.");
  }
  if (now < certificate.nbf - LIMITS.clockSkewSeconds) {
    throw new ChitError(
      "not-yet-valid",
      `The certificate of "${certificate.name}" is not yet valid.`,
    );
  }
  if (now > certificate.exp) {
    throw new ChitError("expired", `The certificate of "${certificate.name}" has expired.`);
  }
  if (certificate.currency !== list.currency || certificate.scale !== list.scale) {
    throw new ChitError(
      "quote-inconsistent",
      "Certificate and key list differ in currency or scale.",
    );
  }
  return certificate;
}

/**
 * What a certificate says, its signature not verified: for one that was verified before, in a purchase long over, whose
 * dates and issuer's keys are of no matter any more.
 *
 * @throws {ChitError} `malformed-message`, `message-too-large`, `document-type-wrong`
 */
export function decodeCertificate(document: string): MerchantCertificate {
  return decodeDocument(document, DOCUMENT_TYPES.certificate, certificateSchema).payload;
}

/** The certified key that session initiations are sealed to. */
export function merchantSealingKey(certificate: MerchantCertificate): SealingKey {
  return {
    kid: keyId(certificate.sealingKey, "X25519"),
    publicKey: certificate.sealingKey,
  };
}

const applicationSchema = message({
  v: v.literal(1),
  iat: time,
  name: displayText(LIMITS.nameLength),
  origins,
  /** How the operator reaches the merchant: an e-mail address or telephone number. */
  contact: displayText(LIMITS.nameLength),
  suite: v.literal(SUITE),
  sealingKey: bytes(32),
  signingKey: bytes(32),
});

/** A merchant's application for a certificate, with the public keys it made. */
export type MerchantApplication = v.InferOutput<typeof applicationSchema>;
export type MerchantApplicationInput = v.InferInput<typeof applicationSchema>;

/** Signs an application with the merchant's own new signing key, which proves that it holds it. */
export async function createApplication(
  signer: Signer,
  application: MerchantApplicationInput,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES.application, application);
}

/**
 * Verifies that an application is signed by the key it asks to be certified.
 *
 * @throws {ChitError} as `verifyDocument` does.
 */
export function verifyApplication(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  document: string,
): MerchantApplication {
  const type = DOCUMENT_TYPES.application;
  const { payload } = decodeDocument(document, type, applicationSchema);
  return verifyDocument(crypto, payload.signingKey, document, type, applicationSchema);
}
