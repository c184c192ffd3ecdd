/**
 * Step 10: the goods, encrypted under a key derived from the session's goods segment. The body is
 *
 *     salt (32 bytes) ‖ chunk ‖ chunk ‖ … ‖ last chunk
 *
 * Each chunk is AES-256-GCM of 65,536 bytes (the last one of 0 to 65,536) with its tag behind it. The nonce
 * is 7 zero bytes, the chunk's number (4 bytes, big-endian, from the first byte of the goods, also after a
 * resumption) and 1 for the last chunk, 0 for others (the STREAM construction). Every response has a fresh
 * salt and so a key of its own: a file that changed between two deliveries never meets a nonce again.
 */
import { concatBytes } from "./bytes.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import type { SessionKey } from "./session-key.ts";
import { openStream, STREAM_TAG_BYTES, type StreamCipher, sealStream } from "./stream.ts";
import { labelledKey } from "./transcript.ts";

/** Media type of an encrypted delivery. */
export const GOODS_MEDIA_TYPE = "application/vnd.chit.goods";
/** Bytes of the salt in front of the chunks. */
export const GOODS_SALT_BYTES = 32;
/** Bytes that each chunk grows by. */
export const GOODS_TAG_BYTES = STREAM_TAG_BYTES;

export type GoodsCipher = StreamCipher;

/** Which delivery a goods key is for. */
export interface GoodsSubject {
  readonly merchantId: string;
  readonly transactionNumber: string;
  readonly goodsId: string;
}

/** The key of one delivery, 32 bytes. */
export function goodsKey(
  key: Pick<SessionKey, "goods">,
  salt: Uint8Array,
  subject: GoodsSubject,
): Uint8Array {
  const { merchantId, transactionNumber, goodsId } = subject;
  return labelledKey(key.goods, salt, 32, LABELS.goods, merchantId, transactionNumber, goodsId);
}

/** Number of chunks of goods of `size` bytes: at least one. */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / LIMITS.goodsChunkBytes));
}

/** Length in bytes of the body that delivers goods of `size` bytes from chunk `firstChunk` on. */
export function deliveryLength(size: number, firstChunk: number): number {
  const chunks = chunkCount(size) - firstChunk;
  return GOODS_SALT_BYTES + size - firstChunk * LIMITS.goodsChunkBytes + chunks * GOODS_TAG_BYTES;
}

/**
 * Step 10 at the MTS.
 *
 * @param source the goods in clear from byte `firstChunk` × 65,536 on, in pieces of any size
 * @param salt 32 fresh random bytes
 */
export async function* encryptGoods(
  cipher: Pick<GoodsCipher, "seal">,
  key: Pick<SessionKey, "goods">,
  subject: GoodsSubject,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  firstChunk: number,
  salt: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const deliveryKey = goodsKey(key, salt, subject);
  yield salt;
  yield* sealStream(cipher, deliveryKey, source, firstChunk);
}

/**
 * Step 10 at the CTS: yields the chunks in clear, each as soon as it is authenticated.
 *
 * @param firstChunk the one that was asked for
 * @throws {ChitError} `goods-damaged` when a chunk was changed, moved, or the end is missing.
 */
export async function* decryptGoods(
  cipher: Pick<GoodsCipher, "open">,
  key: Pick<SessionKey, "goods">,
  subject: GoodsSubject,
  source: AsyncIterable<Uint8Array>,
  firstChunk: number,
): AsyncGenerator<Uint8Array> {
  const reader = new SaltReader(source);
  const salt = await reader.salt();
  const deliveryKey = goodsKey(key, salt, subject);
  yield* openStream(
    cipher,
    deliveryKey,
    reader.rest(),
    firstChunk,
    (cause) =>
      new ChitError("goods-damaged", "The delivery was changed or cut short on its way.", {
        cause,
      }),
  );
}

/** Splits the salt off the front of a delivery. */
class SaltReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  async salt(): Promise<Uint8Array> {
    let held: Uint8Array = new Uint8Array();
    while (held.length < GOODS_SALT_BYTES) {
      const { done, value } = await this.#iterator.next();
      if (done) throw new ChitError("goods-damaged", "The delivery ended before it began.");
      held = concatBytes(held, value);
    }
    this.#rest = held.subarray(GOODS_SALT_BYTES);
    return held.slice(0, GOODS_SALT_BYTES);
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      yield this.#rest;
      for (;;) {
        const { done, value } = await this.#iterator.next();
        if (done) return;
        yield value;
      }
    } finally {
      await this.#iterator.return?.();
    }
  }
}
