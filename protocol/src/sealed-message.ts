/**
 * A sealed message (steps 3 and 5, activation, account status): one part in plain, one part sealed by HPKE
 * base mode (RFC 9180) to the receiver's fixed key with the plain part as associated data. The paper's
 * "session key which is randomized on only the CTS end". On the wire, compact JSON:
 *
 *     {"plain":"<base64url of JSON>","enc":"<32 bytes>","ciphertext":"<base64url>"}
 *
 * The reply is sealed under a secret exported from the same context (RFC 9458 section 4.4):
 *
 *     {"nonce":"<16 bytes>","ciphertext":"<base64url>"}
 */

import type { Key, SenderContext } from "hpke";
import type * as v from "valibot";
import { hkdfSha256 } from "#hashes";
import { concatBytes, toBase64url, utf8 } from "./bytes.ts";
import { type OpeningKey, type ProtocolCrypto, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import type { Label } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import { bytes, bytesUpTo, message, messageBytes, parseMessage } from "./schema.ts";
import { transcript } from "./transcript.ts";

const ENC_BYTES = 32;
/** Bytes of the exported response secret and of the response nonce: max(Nn, Nk) of AES-128-GCM. */
export const RESPONSE_SECRET_BYTES = 16;

const wireSchema = message({
  plain: bytesUpTo(LIMITS.sealedMessageBytes),
  enc: bytes(ENC_BYTES),
  ciphertext: bytesUpTo(LIMITS.sealedMessageBytes),
});

const replySchema = message({
  nonce: bytes(RESPONSE_SECRET_BYTES),
  ciphertext: bytesUpTo(LIMITS.replyBytes),
});

/** A sealed message as it travels, decoded but not opened. */
export type SealedMessage = v.InferOutput<typeof wireSchema>;

/** The receiver's public key as its certificate or key list states it. */
export interface SealingKey {
  readonly kid: string;
  /** 32 bytes (X25519). */
  readonly publicKey: Uint8Array;
}

/** Exports `length` bytes for one purpose from an HPKE context (RFC 9180 section 5.3). */
export type Export = (label: Label, length: number) => Promise<Uint8Array>;

const infoFor = (purpose: Label, keyId: string): Uint8Array =>
  transcript("chit/1/hpke-info", purpose, SUITE, keyId);

const exporter =
  (context: Pick<SenderContext, "Export">): Export =>
  (label, length) =>
    context.Export(utf8(label), length);

/** The sender's side of an exchange: first exports, then exactly one seal. */
export interface Sealing {
  readonly enc: Uint8Array;
  readonly export: Export;
  /** The exact bytes to send. `plain` travels in clear and is authenticated; `sealed` is hidden. */
  seal(plain: Uint8Array, sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * Starts a sealed message to `recipient`.
 *
 * @throws {ChitError} `malformed-message` when its key is no X25519 key, or one of the few that agree on nothing.
 */
export async function startSealing(
  crypto: ProtocolCrypto,
  purpose: Label,
  recipient: SealingKey,
): Promise<Sealing> {
  const info = infoFor(purpose, recipient.kid);
  const { encapsulatedSecret: enc, ctx } = await encapsulate(crypto, recipient.publicKey, info);
  return {
    enc,
    export: exporter(ctx),
    async seal(plain, sealed) {
      return messageBytes({
        plain: toBase64url(plain),
        enc: toBase64url(enc),
        ciphertext: toBase64url(await ctx.Seal(sealed, plain)),
      });
    },
  };
}

async function encapsulate(crypto: ProtocolCrypto, publicKey: Uint8Array, info: Uint8Array) {
  try {
    const key: Key = await crypto.suite.DeserializePublicKey(publicKey);
    return await crypto.suite.SetupSender(key, { info });
  } catch (cause) {
    throw new ChitError("malformed-message", "The receiver's key cannot be sealed to.", { cause });
  }
}

/**
 * Reads the outside of a sealed message.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeSealedMessage(body: Uint8Array): SealedMessage {
  return parseMessage(wireSchema, body, LIMITS.sealedMessageBytes);
}

/**
 * Opens a sealed message.
 *
 * @throws {ChitError} `authentication-failed` when it was changed or sealed to another key or purpose.
 */
export async function openSealedMessage(
  crypto: ProtocolCrypto,
  purpose: Label,
  key: OpeningKey,
  received: SealedMessage,
): Promise<{ sealed: Uint8Array; export: Export }> {
  try {
    const info = infoFor(purpose, key.keyId);
    const context = await crypto.setUpRecipient(key, received.enc, info);
    const sealed = await context.open(received.ciphertext, received.plain);
    return { sealed, export: async (label, length) => context.export(utf8(label), length) };
  } catch (cause) {
    throw new ChitError("authentication-failed", "The sealed message does not open.", { cause });
  }
}

/**
 * Seals the reply to a sealed message under the secret exported for it.
 *
 * @param nonce 16 fresh random bytes
 * @param aad what the reply answers, usually the request's hash
 */
export async function sealReply(
  crypto: Pick<ProtocolCrypto, "aead">,
  secret: Uint8Array,
  enc: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const keys = replyKeys(crypto, secret, enc, nonce);
  const ciphertext = await crypto.aead.Seal(keys.key, keys.nonce, aad, plaintext);
  return messageBytes({ nonce: toBase64url(nonce), ciphertext: toBase64url(ciphertext) });
}

/**
 * Opens the reply to a sealed message.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openReply(
  crypto: Pick<ProtocolCrypto, "aead">,
  secret: Uint8Array,
  enc: Uint8Array,
  aad: Uint8Array,
  body: Uint8Array,
): Promise<Uint8Array> {
  const reply = parseMessage(replySchema, body);
  const keys = replyKeys(crypto, secret, enc, reply.nonce);
  try {
    return await crypto.aead.Open(keys.key, keys.nonce, aad, reply.ciphertext);
  } catch (cause) {
    throw new ChitError("authentication-failed", "The reply does not belong to this request.", {
      cause,
    });
  }
}

/** RFC 9458 section 4.4. */
function replyKeys(
  { aead }: Pick<ProtocolCrypto, "aead">,
  secret: Uint8Array,
  enc: Uint8Array,
  nonce: Uint8Array,
): { key: Uint8Array; nonce: Uint8Array } {
  const salt = concatBytes(enc, nonce);
  return {
    key: hkdfSha256(secret, salt, utf8("key"), aead.Nk),
    nonce: hkdfSha256(secret, salt, utf8("nonce"), aead.Nn),
  };
}

/** `content` behind its length (2 bytes) and filled with zeros to a multiple of `block` bytes. */
export function pad(content: Uint8Array, block: number): Uint8Array {
  if (content.length > LIMITS.sealedPartBytes) {
    throw new ChitError(
      "message-too-large",
      `The sealed part has ${content.length} bytes; at most ${LIMITS.sealedPartBytes} fit.`,
    );
  }
  const padded = new Uint8Array(Math.ceil((content.length + 2) / block) * block);
  new DataView(padded.buffer).setUint16(0, content.length);
  padded.set(content, 2);
  return padded;
}

/**
 * Undoes {@link pad}.
 *
 * @throws {ChitError} `malformed-message` when length or filling are not as `pad` makes them.
 */
export function unpad(padded: Uint8Array, block: number): Uint8Array {
  const length = padded.length >= 2 ? ((padded[0] as number) << 8) | (padded[1] as number) : -1;
  const fits = length >= 0 && Math.ceil((length + 2) / block) * block === padded.length;
  if (!fits || padded.subarray(length + 2).some((byte) => byte !== 0)) {
    throw new ChitError("malformed-message", "The sealed part is not padded as it should be.");
  }
  return padded.subarray(2, length + 2);
}
