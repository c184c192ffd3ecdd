/**
 * Step 9: send goods (CTS → MTS), as the shipping advice says; authenticated under the session, so that only
 * the initiator can call the goods off. The answer is step 10, see `goods.ts`.
 */
import type * as v from "valibot";
import { equalBytes, toBase64url, uint32, uint64 } from "./bytes.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import {
  bytes,
  header,
  identifier,
  message,
  messageBytes,
  parseMessage,
  time,
  whole,
} from "./schema.ts";
import type { SessionKey } from "./session-key.ts";
import { labelledMac } from "./transcript.ts";

/** Chunks are numbered with 32 bits. */
const MOST_CHUNKS = 0xffff_ffff;

const sendGoodsSchema = message({
  ...header("send-goods"),
  merchantId: identifier,
  transactionNumber: identifier,
  goodsId: identifier,
  /** First chunk wanted; 0 for all, more to resume after a break. */
  firstChunk: whole(0, MOST_CHUNKS),
  /** When the wallet asked, in seconds. */
  time,
  mac: bytes(32),
});

/** A send-goods message, its MAC not yet verified. */
export type SendGoods = v.InferOutput<typeof sendGoodsSchema>;
type SendGoodsContent = Omit<SendGoods, "v" | "type" | "mac">;

/** Step 9 at the CTS. Exact bytes. */
export function createSendGoods(
  key: Pick<SessionKey, "sendGoods">,
  content: SendGoodsContent,
): Uint8Array {
  return messageBytes({
    v: 1,
    type: "send-goods",
    merchantId: content.merchantId,
    transactionNumber: content.transactionNumber,
    goodsId: content.goodsId,
    firstChunk: content.firstChunk,
    time: content.time,
    mac: toBase64url(sendGoodsMac(key, content)),
  });
}

/**
 * Step 9 at the MTS, first half: which transaction it is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeSendGoods(body: Uint8Array): SendGoods {
  return parseMessage(sendGoodsSchema, body, LIMITS.sendGoodsBytes);
}

/**
 * Step 9 at the MTS, second half.
 *
 * @throws {ChitError} `authentication-failed` when it does not come from the session's initiator.
 */
export function verifySendGoods(key: Pick<SessionKey, "sendGoods">, received: SendGoods): void {
  if (!isSendGoodsOf(key, received)) {
    throw new ChitError(
      "authentication-failed",
      "Send goods does not come from this session's wallet.",
    );
  }
}

/** Whether send goods comes from the initiator of this session: a sale may have several after the first. */
export function isSendGoodsOf(key: Pick<SessionKey, "sendGoods">, received: SendGoods): boolean {
  return equalBytes(received.mac, sendGoodsMac(key, received));
}

function sendGoodsMac(key: Pick<SessionKey, "sendGoods">, content: SendGoodsContent): Uint8Array {
  return labelledMac(
    key.sendGoods,
    LABELS.sendGoods,
    content.merchantId,
    content.transactionNumber,
    content.goodsId,
    uint32(content.firstChunk),
    uint64(content.time),
  );
}
