/**
 * After the sale: a recovery request (CTS → MTS) and its acknowledgment (MTS → CTS), one round trip (paper,
 * section 3). The wallet refers back to the transaction by the token, sealed under a session that is fresh: goods
 * that are sent for again travel under that one, so the keys of the first session need not live for ever.
 *
 * Sealed parts are `{"wish":…,"token":"<32 bytes>",…}` and `{"v":1,"type":"recovery-acknowledgment","answer":…}`
 * (`recovery-wishes.ts`), padded to multiples of 512 bytes. Whoever reads an acknowledgment knows that the holder of
 * the merchant's key gave it to this very request.
 */
import * as v from "valibot";
import { type OpeningKey, type ProtocolCrypto, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import {
  decodeAnswer,
  decodeWish,
  encodeAnswer,
  encodeWish,
  type RecoveryAnswer,
  type RecoveryWish,
} from "./recovery-wishes.ts";
import { header, identifier, message, messageBytes, parseMessage, thumbprint } from "./schema.ts";
import {
  decodeSealedMessage,
  type Export,
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
import { SEGMENT_BYTES, type SessionKey } from "./session-key.ts";
import { labelledHash, transcript } from "./transcript.ts";

const SEALED_BLOCK = 512;

const plainSchema = message({
  ...header("recovery"),
  suite: v.literal(SUITE),
  keyId: thumbprint,
  merchantId: identifier,
  transactionNumber: identifier,
});

/** The two segments that deliver goods: of the first session, or of a recovery's fresh one. */
export type DeliveryKey = Pick<SessionKey, "sendGoods" | "goods">;

/** Which transaction is referred back to. */
export interface RecoverySubject {
  readonly merchantId: string;
  readonly transactionNumber: string;
}

/** A recovery under way: what the wallet keeps until the acknowledgment is here. */
export interface PendingRecovery {
  /** The exact bytes to send; they may be sent again. */
  readonly body: Uint8Array;
  readonly enc: Uint8Array;
  readonly responseSecret: Uint8Array;
  /** The fresh session. */
  readonly key: DeliveryKey;
}

/** The request at the CTS. */
export async function createRecoveryRequest(
  crypto: ProtocolCrypto,
  merchantKey: SealingKey,
  { merchantId, transactionNumber }: RecoverySubject,
  wish: RecoveryWish,
): Promise<PendingRecovery> {
  const type = "recovery";
  const keyId = merchantKey.kid;
  const plain = messageBytes({ v: 1, type, suite: SUITE, keyId, merchantId, transactionNumber });
  const sealed = pad(encodeWish(wish), SEALED_BLOCK);
  const sealing = await startSealing(crypto, LABELS.recovery, merchantKey);
  const key = await deliveryKey(sealing.export);
  const responseSecret = await sealing.export(LABELS.recoveryAcknowledgment, RESPONSE_SECRET_BYTES);
  const body = await sealing.seal(plain, sealed);
  return { body, enc: sealing.enc, responseSecret, key };
}

/** A recovery request whose outside was read. */
export interface DecodedRecovery extends RecoverySubject {
  readonly keyId: string;
  readonly sealed: SealedMessage;
}

/**
 * The request at the MTS, first half: which transaction and key it is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeRecoveryRequest(body: Uint8Array): DecodedRecovery {
  const sealed = decodeSealedMessage(body);
  const { keyId, merchantId, transactionNumber } = parseMessage(plainSchema, sealed.plain);
  return { keyId, merchantId, transactionNumber, sealed };
}

/** An opened recovery request. Its token is not compared yet. */
export interface OpenedRecovery extends RecoverySubject {
  readonly wish: RecoveryWish;
  readonly key: DeliveryKey;
  /** Hash of the request's exact bytes; names the fresh session. */
  readonly requestHash: Uint8Array;
  /** The acknowledgment's exact bytes; `nonce` is 16 fresh random bytes. */
  acknowledge(answer: RecoveryAnswer, nonce: Uint8Array): Promise<Uint8Array>;
}

/**
 * The request at the MTS, second half: opens it with the certified key.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `sealing-key-unknown`, `authentication-failed`
 */
export async function openRecoveryRequest(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  body: Uint8Array,
): Promise<OpenedRecovery> {
  const { keyId, merchantId, transactionNumber, sealed } = decodeRecoveryRequest(body);
  if (keyId !== key.keyId) {
    throw new ChitError(
      "sealing-key-unknown",
      `The recovery request is sealed to ${keyId}, not to ${key.keyId}.`,
    );
  }
  const opened = await openSealedMessage(crypto, LABELS.recovery, key, sealed);
  const wish = decodeWish(unpad(opened.sealed, SEALED_BLOCK));
  const secret = await opened.export(LABELS.recoveryAcknowledgment, RESPONSE_SECRET_BYTES);
  return {
    merchantId,
    transactionNumber,
    wish,
    key: await deliveryKey(opened.export),
    requestHash: labelledHash(LABELS.recovery, body),
    acknowledge(answer, nonce) {
      const padded = pad(encodeAnswer(answer), SEALED_BLOCK);
      return sealReply(crypto, secret, sealed.enc, nonce, acknowledgmentAad(body), padded);
    },
  };
}

/**
 * The acknowledgment at the CTS. Another origin than the quote's URLs in `sendGoodsUrl` is for the caller to refuse.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openRecoveryAcknowledgment(
  crypto: Pick<ProtocolCrypto, "aead">,
  { body, enc, responseSecret }: Pick<PendingRecovery, "body" | "enc" | "responseSecret">,
  reply: Uint8Array,
): Promise<RecoveryAnswer> {
  const padded = await openReply(crypto, responseSecret, enc, acknowledgmentAad(body), reply);
  return decodeAnswer(unpad(padded, SEALED_BLOCK));
}

async function deliveryKey(exportSecret: Export): Promise<DeliveryKey> {
  const [sendGoods, goods] = await Promise.all([
    exportSecret(LABELS.sendGoods, SEGMENT_BYTES),
    exportSecret(LABELS.goods, SEGMENT_BYTES),
  ]);
  return { sendGoods, goods };
}

function acknowledgmentAad(body: Uint8Array): Uint8Array {
  return transcript(LABELS.recoveryAcknowledgment, labelledHash(LABELS.recovery, body));
}
