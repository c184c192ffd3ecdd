/**
 * The STREAM construction on AES-256-GCM: bytes of any length in chunks that are each authenticated in their place.
 * The nonce is 7 zero bytes, the chunk's number (4 bytes, big-endian) and 1 for the last chunk, 0 for others: a
 * chunk that was changed, moved, left out, or a missing end is noticed. Every key is for one stream alone.
 */
import { concatBytes, uint32 } from "./bytes.ts";
import { LIMITS } from "./limits.ts";

/** Bytes that each chunk grows by. */
export const STREAM_TAG_BYTES = 16;

/** AES-256-GCM with a 16-byte tag behind the ciphertext; `open` throws when the tag does not fit. */
export interface StreamCipher {
  seal(key: Uint8Array, nonce: Uint8Array, chunk: Uint8Array): Promise<Uint8Array> | Uint8Array;
  open(key: Uint8Array, nonce: Uint8Array, chunk: Uint8Array): Promise<Uint8Array> | Uint8Array;
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Seals pieces of any size, from chunk `firstChunk` on. */
export async function* sealStream(
  cipher: Pick<StreamCipher, "seal">,
  key: Uint8Array,
  source: Pieces,
  firstChunk: number,
): AsyncGenerator<Uint8Array> {
  let index = firstChunk;
  for await (const { chunk, last } of regroup(source, LIMITS.goodsChunkBytes)) {
    yield await cipher.seal(key, chunkNonce(index++, last), chunk);
  }
}

/**
 * Opens a stream: yields the chunks in clear, each as soon as it is authenticated.
 *
 * @param damaged makes the error that is thrown when a chunk was changed or moved, or the end is missing
 */
export async function* openStream(
  cipher: Pick<StreamCipher, "open">,
  key: Uint8Array,
  source: Pieces,
  firstChunk: number,
  damaged: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  let index = firstChunk;
  const sealedBytes = LIMITS.goodsChunkBytes + STREAM_TAG_BYTES;
  for await (const { chunk, last } of regroup(source, sealedBytes)) {
    let clear: Uint8Array;
    try {
      clear = await cipher.open(key, chunkNonce(index++, last), chunk);
    } catch (cause) {
      throw damaged(cause);
    }
    yield clear;
  }
}

function chunkNonce(index: number, last: boolean): Uint8Array {
  return concatBytes(new Uint8Array(7), uint32(index), Uint8Array.of(last ? 1 : 0));
}

/** Cuts pieces of any size into chunks of exactly `size` bytes and a last one of 0 to `size`. */
async function* regroup(
  source: Pieces,
  size: number,
): AsyncGenerator<{ chunk: Uint8Array; last: boolean }> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const piece of source) {
    pieces.push(piece);
    held += piece.length;
    // A full chunk stays back until it is known that another follows: only the last is marked as last.
    while (held > size) {
      // Pieces that are as long as chunks, as files are read, are passed on without a copy.
      const [first, ...rest] = joinUpTo(pieces, size);
      yield { chunk: first.subarray(0, size), last: false };
      pieces = first.length === size ? rest : [first.subarray(size), ...rest];
      held -= size;
    }
  }
  const [only] = pieces;
  const chunk = only !== undefined && pieces.length === 1 ? only : concatBytes(...pieces);
  yield { chunk, last: true };
}

/** The same bytes, the first piece at least `size` long. */
function joinUpTo(
  pieces: readonly Uint8Array[],
  size: number,
): readonly [Uint8Array, ...Uint8Array[]] {
  const [first, ...rest] = pieces;
  return first !== undefined && first.length >= size ? [first, ...rest] : [concatBytes(...pieces)];
}
