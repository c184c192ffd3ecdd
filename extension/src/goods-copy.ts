/**
 * The wallet's copies of goods. They may be larger than memory, so they do not travel in messages: the
 * background writes them into IndexedDB in segments of about a mebibyte, the wallet's pages read them from
 * there as one Blob, which the browser keeps on disk.
 */
import { openDB } from "idb";

/** A database of its own, so that a page never opens the one with keys and purchases. */
export const GOODS_DATABASE = "chit-goods";
const VERSION = 1;

/** A run of clear bytes. Key: purchase, goods, number of its first chunk. */
export interface GoodsSegment {
  readonly purchaseId: string;
  readonly goodsId: string;
  readonly firstChunk: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is known of one thing's copy; `verified` once its digest was found to be the advised one. */
export interface GoodsState {
  readonly purchaseId: string;
  readonly goodsId: string;
  readonly mediaType: string;
  readonly received: number;
  readonly verified: boolean;
}

/** Opens the database, and makes it where there is none. */
export function openGoodsDatabase() {
  return openDB<{
    segments: { key: [string, string, number]; value: GoodsSegment };
    states: { key: [string, string]; value: GoodsState };
  }>(GOODS_DATABASE, VERSION, {
    upgrade(database) {
      database.createObjectStore("segments", { keyPath: ["purchaseId", "goodsId", "firstChunk"] });
      database.createObjectStore("states", { keyPath: ["purchaseId", "goodsId"] });
    },
  });
}

/** The keys of all segments of one thing, in the order of its bytes. */
export function segmentsOf(purchaseId: string, goodsId: string): IDBKeyRange {
  return IDBKeyRange.bound([purchaseId, goodsId], [purchaseId, goodsId, []]);
}

/** The verified copy of one thing, or null when there is none (any more). */
export async function readGoods(purchaseId: string, goodsId: string): Promise<Blob | null> {
  const database = await openGoodsDatabase();
  try {
    const state = await database.get("states", [purchaseId, goodsId]);
    if (state?.verified !== true) return null;
    const parts: Blob[] = [];
    const transaction = database.transaction("segments");
    for await (const cursor of transaction.store.iterate(segmentsOf(purchaseId, goodsId))) {
      // One Blob a segment: its bytes leave this page's memory at once.
      parts.push(new Blob([cursor.value.bytes]));
    }
    return new Blob(parts, { type: state.mediaType });
  } finally {
    database.close();
  }
}
