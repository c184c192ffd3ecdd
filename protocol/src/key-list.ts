/**
 * The TPS's key list: what a wallet or a merchant must know of an issuer. A JWS signed by the issuer's root
 * key, which wallets pin at activation and merchants at approval. Published at `KEY_LIST_PATH`.
 */
import * as v from "valibot";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import {
  DOCUMENT_TYPES,
  type DocumentType,
  decodeDocument,
  keyId,
  signDocument,
  verifyDecoded,
  verifyDocument,
} from "./jws.ts";
import { LIMITS } from "./limits.ts";
import {
  bytes,
  currency,
  displayText,
  message,
  scale,
  telephoneNumber,
  thumbprint,
  time,
  webOrigin,
  whole,
} from "./schema.ts";
import type { SealingKey } from "./sealed-message.ts";

/** Where an issuer publishes its key list (a JWS, `application/jwt`). */
export const KEY_LIST_PATH = "/.well-known/chit/keys";
/** Where an issuer publishes the same signing keys as a plain JWKS (RFC 7517). */
export const JWKS_PATH = "/.well-known/jwks.json";

const signingKeySchema = message({
  kid: thumbprint,
  /** The Ed25519 public key, 32 bytes. */
  publicKey: bytes(32),
  /** The key signs from `notBefore` until `notAfter`; it stays listed for as long as its documents count. */
  notBefore: time,
  notAfter: time,
});

const sealingKeySchema = message({
  kid: thumbprint,
  suite: v.literal(SUITE),
  /** The X25519 public key, 32 bytes. */
  publicKey: bytes(32),
  /** Wallets seal to the key from `notBefore` until `notAfter`; the TPS opens with it for longer. */
  notBefore: time,
  notAfter: time,
});

const keyListSchema = message({
  v: v.literal(1),
  /** The issuer: the web origin of its TPS. */
  iss: webOrigin,
  iat: time,
  exp: time,
  /** Grows with every change; nobody goes back to a smaller one. */
  sequence: whole(1, Number.MAX_SAFE_INTEGER),
  operator: displayText(LIMITS.nameLength),
  /** The number of the telephone service (VRU), as people dial it. */
  telephone: telephoneNumber,
  currency,
  scale,
  signingKeys: v.pipe(v.array(signingKeySchema), v.minLength(1), v.maxLength(LIMITS.keys)),
  sealingKeys: v.pipe(v.array(sealingKeySchema), v.minLength(1), v.maxLength(LIMITS.keys)),
});

/** A verified key list. Times in seconds. */
export type KeyList = v.InferOutput<typeof keyListSchema>;
/** What {@link createKeyList} signs: the same with keys as base64url text. */
export type KeyListInput = v.InferInput<typeof keyListSchema>;

/** Signs a key list with the issuer's root key. */
export async function createKeyList(root: Signer, list: KeyListInput): Promise<string> {
  return signDocument(root, DOCUMENT_TYPES.keyList, list);
}

/**
 * Verifies a key list under the pinned root key.
 *
 * @param now seconds
 * @param known the `sequence` of the list already held, 0 for none
 * @throws {ChitError} as `verifyDocument` does; `key-list-older`, `expired`, `not-yet-valid`.
 */
export function verifyKeyList(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  rootKey: Uint8Array,
  document: string,
  now: number,
  known = 0,
): KeyList {
  const list = verifyDocument(
    crypto,
    rootKey,
    document,
    DOCUMENT_TYPES.keyList,
    keyListSchema,
    LIMITS.keyListBytes,
  );
  checkKeyIds(list);
  if (list.sequence < known) {
    throw new ChitError(
      "key-list-older",
      `The key list has sequence ${list.sequence}, but ${known} is already known.`,
    );
  }
  if (list.iat > now + LIMITS.clockSkewSeconds) {
    throw new ChitError("not-yet-valid", "The key list is dated in the future. Check the clock.");
  }
  if (list.exp < now - LIMITS.clockSkewSeconds) {
    throw new ChitError("expired", "The key list has expired. Fetch a new one from the issuer.");
  }
  return list;
}

/** A sealing key under another's id would be refused by the TPS only after the shopper typed the PIN. */
function checkKeyIds({ signingKeys, sealingKeys }: KeyList): void {
  const wrong =
    signingKeys.find(({ kid, publicKey }) => kid !== keyId(publicKey)) ??
    sealingKeys.find(({ kid, publicKey }) => kid !== keyId(publicKey, "X25519"));
  if (wrong !== undefined) {
    throw new ChitError(
      "malformed-message",
      `The key id ${wrong.kid} is not its key's thumbprint.`,
    );
  }
}

/** The key that wallets seal to at `now` (seconds): of those in force the one that came last. */
export function currentSealingKey(list: KeyList, now: number): SealingKey {
  const inForce = list.sealingKeys.filter((key) => key.notBefore <= now && now <= key.notAfter);
  const latest = inForce.sort((a, b) => b.notBefore - a.notBefore)[0];
  if (latest === undefined) {
    throw new ChitError("expired", "The key list has no sealing key in force. Fetch a new one.");
  }
  return latest;
}

/**
 * Verifies a document that one of the list's signing keys signed, at a time when that key signed.
 *
 * @throws {ChitError} as `verifyDocument` does; `signing-key-unknown`, `expired`, `transaction-mismatch`
 * when another issuer made it.
 */
export function verifyIssued<S extends v.GenericSchema<unknown, { iss: string; iat: number }>>(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  document: string,
  type: DocumentType,
  schema: S,
  mostBytes: number = LIMITS.jwsBytes,
): v.InferOutput<S> {
  const decoded = decodeDocument(document, type, schema, mostBytes);
  const { kid } = decoded;
  const key = list.signingKeys.find((candidate) => candidate.kid === kid);
  if (key === undefined) {
    throw new ChitError(
      "signing-key-unknown",
      `The ${type} is signed by ${kid}, which ${list.iss} does not list.`,
    );
  }
  const payload = verifyDecoded(crypto, key.publicKey, decoded, type);
  if (payload.iss !== list.iss) {
    throw new ChitError(
      "transaction-mismatch",
      `The ${type} was issued by ${payload.iss}, not ${list.iss}.`,
    );
  }
  const skew = LIMITS.clockSkewSeconds;
  if (payload.iat < key.notBefore - skew || payload.iat > key.notAfter + skew) {
    throw new ChitError("expired", `The ${type} is dated outside of its key's time.`);
  }
  return payload;
}

/** The list's signing keys as a JWKS (RFC 7517), for any JOSE library. */
export function toJwks(list: KeyListInput): { keys: Record<string, string>[] } {
  return {
    keys: list.signingKeys.map(({ kid, publicKey }) => ({
      kty: "OKP",
      crv: "Ed25519",
      use: "sig",
      alg: "EdDSA",
      kid,
      x: publicKey,
    })),
  };
}
