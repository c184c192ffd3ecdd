/**
 * Steps 3 and 4: session initiation (CTS → MTS) and quote authentication (MTS → CTS), one round trip.
 *
 * The sealed part of step 3 is `{"address":{…}|null,"loyalty":"…"|null}`. The longest there is fits into one block of its
 * padding, so all initiations have one size: it tells neither whether something is sent nor whether the shopper is known
 * again. The MAC of step 4
 * covers the merchant, the transaction number, the quote's hash, the hash of the sealed part and the hash of
 * the whole initiation.
 */
import * as v from "valibot";
import { equalBytes, toBase64url } from "./bytes.ts";
import { type OpeningKey, type ProtocolCrypto, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import {
  bytes,
  displayText,
  header,
  identifier,
  message,
  messageBytes,
  parseMessage,
  thumbprint,
} from "./schema.ts";
import {
  decodeSealedMessage,
  openSealedMessage,
  pad,
  type SealedMessage,
  type SealingKey,
  startSealing,
  unpad,
} from "./sealed-message.ts";
import { deriveSessionKey, type SessionKey } from "./session-key.ts";
import { labelledHash, labelledMac } from "./transcript.ts";

const SEALED_BLOCK = 4_096;

const addressLine = displayText(LIMITS.addressLineLength);

/** A postal address as the wallet sends it. `country` is ISO 3166-1 alpha-2. */
export const addressSchema = message({
  name: addressLine,
  /** Street and number, and whatever else stands above the town. */
  lines: v.pipe(v.array(addressLine), v.minLength(1), v.maxLength(4)),
  postalCode: v.exactOptional(displayText(20)),
  city: addressLine,
  region: v.exactOptional(addressLine),
  country: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "Expected a country of two capital letters.")),
  /** For the carrier, where the shopper wants to give it. */
  contact: v.exactOptional(addressLine),
});
export type Address = v.InferOutput<typeof addressSchema>;

const plainSchema = message({
  ...header("session-initiation"),
  suite: v.literal(SUITE),
  keyId: thumbprint,
  merchantId: identifier,
  transactionNumber: identifier,
  quoteHash: bytes(32),
});

const sealedSchema = message({
  address: v.nullable(addressSchema),
  /** The shopper's pseudonym at this shop (`loyalty.ts`); null unless the shop asked and the shopper agreed. */
  loyalty: v.nullable(identifier),
});
/** What the shopper tells the shop under the session. */
export type SessionTold = v.InferOutput<typeof sealedSchema>;

const authenticationSchema = message({ ...header("quote-authentication"), mac: bytes(32) });

/** What both sides of a session hold after step 3. */
export interface Session {
  readonly key: SessionKey;
  /** Hash of the initiation's exact bytes; names the session. */
  readonly sessionHash: Uint8Array;
  /** Hash of the sealed part (address and pseudonym). */
  readonly sealedHash: Uint8Array;
}

/** Which transaction a session is for. */
export interface SessionSubject {
  readonly merchantId: string;
  readonly transactionNumber: string;
  readonly quoteHash: Uint8Array;
}

/** Step 3 at the CTS: the exact bytes to send, and the session to keep. */
export async function createSessionInitiation(
  crypto: ProtocolCrypto,
  merchantKey: SealingKey,
  subject: SessionSubject,
  { address, loyalty }: SessionTold,
): Promise<{ body: Uint8Array; session: Session }> {
  const plain = messageBytes({
    v: 1,
    type: "session-initiation",
    suite: SUITE,
    keyId: merchantKey.kid,
    merchantId: subject.merchantId,
    transactionNumber: subject.transactionNumber,
    quoteHash: toBase64url(subject.quoteHash),
  });
  const sealed = pad(messageBytes({ address, loyalty }), SEALED_BLOCK);
  const sealing = await startSealing(crypto, LABELS.sessionInitiation, merchantKey);
  const key = await deriveSessionKey(sealing.export);
  const body = await sealing.seal(plain, sealed);
  return { body, session: { key, ...hashes(body, sealed) } };
}

/** A session initiation whose outside was read. */
export interface DecodedSessionInitiation extends SessionSubject {
  readonly keyId: string;
  readonly sealed: SealedMessage;
}

/**
 * Step 3 at the MTS, first half: which transaction and key the message is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeSessionInitiation(body: Uint8Array): DecodedSessionInitiation {
  const sealed = decodeSealedMessage(body);
  const { keyId, merchantId, transactionNumber, quoteHash } = parseMessage(
    plainSchema,
    sealed.plain,
  );
  return { keyId, merchantId, transactionNumber, quoteHash, sealed };
}

/**
 * Step 3 at the MTS, second half: opens it with the certified key.
 *
 * @throws {ChitError} `sealing-key-unknown`, `authentication-failed`, `malformed-message`
 */
export async function openSessionInitiation(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  body: Uint8Array,
): Promise<SessionTold & { session: Session }> {
  const decoded = decodeSessionInitiation(body);
  if (decoded.keyId !== key.keyId) {
    throw new ChitError(
      "sealing-key-unknown",
      `The session is sealed to ${decoded.keyId}, not to ${key.keyId}.`,
    );
  }
  const opened = await openSealedMessage(crypto, LABELS.sessionInitiation, key, decoded.sealed);
  const told = parseMessage(sealedSchema, unpad(opened.sealed, SEALED_BLOCK));
  const sessionKey = await deriveSessionKey(opened.export);
  return { ...told, session: { key: sessionKey, ...hashes(body, opened.sealed) } };
}

/** Step 4 at the MTS: authenticates the quote, and what the shopper told. Exact bytes. */
export function createQuoteAuthentication(session: Session, subject: SessionSubject): Uint8Array {
  return messageBytes({
    v: 1,
    type: "quote-authentication",
    mac: toBase64url(authenticationMac(session, subject)),
  });
}

/**
 * Step 4 at the CTS. No payment is requested before this verifies.
 *
 * @throws {ChitError} `malformed-message`, `authentication-failed`
 */
export function verifyQuoteAuthentication(
  session: Session,
  subject: SessionSubject,
  body: Uint8Array,
): void {
  const { mac } = parseMessage(authenticationSchema, body);
  if (!equalBytes(mac, authenticationMac(session, subject))) {
    throw new ChitError(
      "authentication-failed",
      "The shop could not prove that the quote is its own. Nothing was paid.",
    );
  }
}

function authenticationMac(session: Session, subject: SessionSubject): Uint8Array {
  return labelledMac(
    session.key.quoteAuthentication,
    LABELS.quoteAuthentication,
    subject.merchantId,
    subject.transactionNumber,
    subject.quoteHash,
    session.sealedHash,
    session.sessionHash,
  );
}

function hashes(body: Uint8Array, sealed: Uint8Array): Pick<Session, "sessionHash" | "sealedHash"> {
  return {
    sessionHash: labelledHash(LABELS.sessionInitiation, body),
    sealedHash: labelledHash(LABELS.sessionSealedPart, sealed),
  };
}
