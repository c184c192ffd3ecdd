/**
 * What activation, account status and the devices exchange have in common: a sealed message of a device to the
 * TPS, outside of any payment, and its sealed reply. The plain part names type, suite, key and issuer alone.
 */
import * as v from "valibot";
import { type OpeningKey, type ProtocolCrypto, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import type { Label } from "./labels.ts";
import { header, message, messageBytes, parseMessage, thumbprint, webOrigin } from "./schema.ts";
import {
  decodeSealedMessage,
  openReply,
  openSealedMessage,
  pad,
  RESPONSE_SECRET_BYTES,
  type SealedMessage,
  type SealingKey,
  sealReply,
  startSealing,
  unpad,
} from "./sealed-message.ts";
import { labelledHash, transcript } from "./transcript.ts";

/** Every request is padded to multiples of this, and replies that do not say otherwise. */
const SEALED_BLOCK = 512;

/** One kind of exchange. */
export interface ExchangeKind {
  /** The `type` of the plain part; the reply's is the same with `-response` behind it. */
  readonly type: string;
  readonly request: Label;
  readonly response: Label;
  /** Replies are padded to multiples of so many bytes; 512 unless said. */
  readonly replyBlock?: number;
}

/** A sealed exchange under way: what the wallet keeps until the reply is here. */
export interface PendingExchange {
  readonly body: Uint8Array;
  readonly enc: Uint8Array;
  readonly responseSecret: Uint8Array;
}

const plainSchemaOf = (type: string) =>
  message({ ...header(type), suite: v.literal(SUITE), keyId: thumbprint, issuer: webOrigin });

/**
 * The exchange at the CTS.
 *
 * @param contentOf makes the sealed content, given `enc` and the exact bytes of the plain part to sign
 */
export async function createExchange(
  crypto: ProtocolCrypto,
  tpsKey: SealingKey,
  kind: ExchangeKind,
  issuer: string,
  contentOf: (enc: Uint8Array, plain: Uint8Array) => Promise<object>,
): Promise<PendingExchange> {
  const { type } = kind;
  const plain = messageBytes({ v: 1, type, suite: SUITE, keyId: tpsKey.kid, issuer });
  const sealing = await startSealing(crypto, kind.request, tpsKey);
  const sealed = messageBytes(await contentOf(sealing.enc, plain));
  const responseSecret = await sealing.export(kind.response, RESPONSE_SECRET_BYTES);
  const body = await sealing.seal(plain, pad(sealed, SEALED_BLOCK));
  return { body, enc: sealing.enc, responseSecret };
}

/** An exchange whose outside was read. */
export interface DecodedExchange {
  readonly keyId: string;
  readonly issuer: string;
  readonly sealed: SealedMessage;
}

/**
 * Which issuer and key an exchange is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeExchange(kind: ExchangeKind, body: Uint8Array): DecodedExchange {
  const sealed = decodeSealedMessage(body);
  const { keyId, issuer } = parseMessage(plainSchemaOf(kind.type), sealed.plain);
  return { keyId, issuer, sealed };
}

/**
 * The exchange at the TPS.
 *
 * @returns the sealed content, and a function that seals the reply; `nonce` is 16 fresh random bytes
 * @throws {ChitError} `malformed-message`, `sealing-key-unknown`, `authentication-failed`
 */
export async function openExchange<S extends v.GenericSchema>(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  kind: ExchangeKind,
  schema: S,
  body: Uint8Array,
): Promise<{
  decoded: DecodedExchange;
  content: v.InferOutput<S>;
  reply(result: object, nonce: Uint8Array): Promise<Uint8Array>;
}> {
  const decoded = decodeExchange(kind, body);
  const { keyId, sealed } = decoded;
  if (keyId !== key.keyId) {
    throw new ChitError(
      "sealing-key-unknown",
      `The message is sealed to ${keyId}, not to ${key.keyId}.`,
    );
  }
  const opened = await openSealedMessage(crypto, kind.request, key, sealed);
  const content = parseMessage(schema, unpad(opened.sealed, SEALED_BLOCK));
  const secret = await opened.export(kind.response, RESPONSE_SECRET_BYTES);
  const type = `${kind.type}-response`;
  return {
    decoded,
    content,
    reply: (result, nonce) => {
      const padded = pad(messageBytes({ v: 1, type, ...result }), replyBlock(kind));
      return sealReply(crypto, secret, sealed.enc, nonce, replyAad(kind, body), padded);
    },
  };
}

/**
 * Reads the reply at the CTS.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openExchangeReply<S extends v.GenericSchema>(
  crypto: Pick<ProtocolCrypto, "aead">,
  kind: ExchangeKind,
  schema: S,
  { body, enc, responseSecret }: PendingExchange,
  reply: Uint8Array,
): Promise<v.InferOutput<S>> {
  const padded = await openReply(crypto, responseSecret, enc, replyAad(kind, body), reply);
  return parseMessage(schema, unpad(padded, replyBlock(kind)));
}

function replyBlock(kind: ExchangeKind): number {
  return kind.replyBlock ?? SEALED_BLOCK;
}

function replyAad(kind: ExchangeKind, body: Uint8Array): Uint8Array {
  return transcript(kind.response, labelledHash(kind.request, body));
}
