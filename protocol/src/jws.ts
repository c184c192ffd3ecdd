/**
 * Signed documents: JWS compact serialization (RFC 7515) with Ed25519 (RFC 8037), each kind with a `typ` of
 * its own (RFC 8725 section 3.11), so that a denial can never be read as a proof.
 */

import * as v from "valibot";
import { sha256 } from "#hashes";
import { fromBase64url, toBase64url, utf8 } from "./bytes.ts";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { message, messageBytes, parseMessage, thumbprint } from "./schema.ts";

/** `typ` of every signed document. */
export const DOCUMENT_TYPES = {
  keyList: "chit-key-list+jwt",
  certificate: "chit-merchant-certificate+jwt",
  application: "chit-merchant-application+jwt",
  proof: "chit-proof-of-payment+jwt",
  denial: "chit-denial-of-payment+jwt",
  refundOrder: "chit-refund-order+jwt",
  settlementReport: "chit-settlement-report+jwt",
  merchantRequest: "chit-merchant-request+jwt",
  batch: "chit-batch+jwt",
  batchResult: "chit-batch-result+jwt",
  accountStatement: "chit-account-statement+jwt",
  merchantStatement: "chit-merchant-statement+jwt",
} as const;

/** One of {@link DOCUMENT_TYPES}. */
export type DocumentType = (typeof DOCUMENT_TYPES)[keyof typeof DOCUMENT_TYPES];

const headerSchema = message({
  alg: v.literal("EdDSA"),
  typ: v.picklist(Object.values(DOCUMENT_TYPES)),
  kid: thumbprint,
});

/** A signed document taken apart, its signature not yet verified. */
export interface UnverifiedDocument<P> {
  readonly kid: string;
  readonly payload: P;
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/** The key id of a public key: its JWK thumbprint (RFC 7638, RFC 8037), base64url, 43 characters. */
export function keyId(publicKey: Uint8Array, crv: "Ed25519" | "X25519" = "Ed25519"): string {
  const jwk = `{"crv":"${crv}","kty":"OKP","x":"${toBase64url(publicKey)}"}`;
  return toBase64url(sha256(utf8(jwk)));
}

/** Signs `payload` as a document of this type. The result is ASCII: `header.payload.signature`. */
export async function signDocument(
  signer: Signer,
  type: DocumentType,
  payload: object,
): Promise<string> {
  const header = toBase64url(messageBytes({ alg: "EdDSA", typ: type, kid: signer.kid }));
  const input = `${header}.${toBase64url(messageBytes(payload))}`;
  return `${input}.${toBase64url(await signer.sign(utf8(input)))}`;
}

/**
 * Takes a document apart and checks its form, not its signature.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`.
 */
export function decodeDocument<S extends v.GenericSchema>(
  document: string,
  type: DocumentType,
  schema: S,
  mostBytes: number = LIMITS.jwsBytes,
): UnverifiedDocument<v.InferOutput<S>> {
  if (document.length > mostBytes) {
    throw new ChitError("message-too-large", `A ${type} has at most ${mostBytes} bytes.`);
  }
  const [header, payload, signature, ...rest] = document.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new ChitError(
      "malformed-message",
      `A ${type} has three parts: header.payload.signature.`,
    );
  }
  const { typ, kid } = parseMessage(headerSchema, fromBase64url(header));
  if (typ !== type) {
    throw new ChitError("document-type-wrong", `Expected a ${type}, but this is a ${typ}.`);
  }
  return {
    kid,
    payload: parseMessage(schema, fromBase64url(payload), mostBytes),
    signingInput: utf8(`${header}.${payload}`),
    signature: fromBase64url(signature),
  };
}

/**
 * Verifies a document under one public key (32 bytes) and returns its payload.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`,
 * `signing-key-unknown` when it names another key, `authentication-failed`.
 */
export function verifyDocument<S extends v.GenericSchema>(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  publicKey: Uint8Array,
  document: string,
  type: DocumentType,
  schema: S,
  mostBytes: number = LIMITS.jwsBytes,
): v.InferOutput<S> {
  return verifyDecoded(crypto, publicKey, decodeDocument(document, type, schema, mostBytes), type);
}

/**
 * Verifies a document that is already taken apart, and returns its payload.
 *
 * @throws {ChitError} `signing-key-unknown` when it names another key, `authentication-failed`.
 */
export function verifyDecoded<P>(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  publicKey: Uint8Array,
  decoded: UnverifiedDocument<P>,
  type: DocumentType,
): P {
  if (decoded.kid !== keyId(publicKey)) {
    throw new ChitError(
      "signing-key-unknown",
      `The ${type} is signed by another key: ${decoded.kid}.`,
    );
  }
  if (!crypto.verifyEd25519(publicKey, decoded.signingInput, decoded.signature)) {
    throw new ChitError("authentication-failed", `The signature of the ${type} does not verify.`);
  }
  return decoded.payload;
}
