/** Copies of goods in IndexedDB, in runs of chunks; `../goods-copy.ts` is where the pages read them. */
import type { GoodsStore } from "../cts/store.ts";
import { type openGoodsDatabase, segmentsOf } from "../goods-copy.ts";

type GoodsDatabase = Awaited<ReturnType<typeof openGoodsDatabase>>;
const STORES = ["segments", "states"] as const;

export function goodsStore(database: GoodsDatabase): GoodsStore {
  return {
    async progress(purchaseId, goodsId) {
      const state = await database.get("states", [purchaseId, goodsId]);
      return { received: state?.received ?? 0, verified: state?.verified ?? false };
    },
    async append({ purchaseId, goodsId, mediaType }, firstChunk, bytes) {
      const transaction = database.transaction(STORES, "readwrite", { durability: "strict" });
      const states = transaction.objectStore("states");
      const held = (await states.get([purchaseId, goodsId]))?.received ?? 0;
      const received = held + bytes.length;
      await Promise.all([
        transaction.objectStore("segments").put({ purchaseId, goodsId, firstChunk, bytes }),
        states.put({ purchaseId, goodsId, mediaType, received, verified: false }),
        transaction.done,
      ]);
    },
    async *read(purchaseId, goodsId) {
      // A cursor's transaction would end while the reader works: one short transaction a run.
      const keys = await database.getAllKeys("segments", segmentsOf(purchaseId, goodsId));
      for (const key of keys) {
        const segment = await database.get("segments", key);
        if (segment !== undefined) yield segment.bytes;
      }
    },
    async markVerified(purchaseId, goodsId, mediaType) {
      const transaction = database.transaction("states", "readwrite", { durability: "strict" });
      const state = await transaction.store.get([purchaseId, goodsId]);
      const received = state?.received ?? 0;
      await transaction.store.put({ purchaseId, goodsId, mediaType, received, verified: true });
      await transaction.done;
    },
    async remove(purchaseId, goodsId) {
      const transaction = database.transaction(STORES, "readwrite", { durability: "strict" });
      await Promise.all([
        transaction.objectStore("segments").delete(segmentsOf(purchaseId, goodsId)),
        transaction.objectStore("states").delete([purchaseId, goodsId]),
        transaction.done,
      ]);
    },
  };
}
