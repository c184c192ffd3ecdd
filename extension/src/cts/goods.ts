/** Steps 9 and 10 at the CTS: sends for one thing and keeps it, run by run, until its digest is the advised one. */
import {
  ChitError,
  concatBytes,
  createSendGoods,
  decryptGoods,
  equalBytes,
  type GoodsItem,
  LIMITS,
} from "@chit/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import type { CtsDeps } from "./deps.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { postSendGoods } from "./mts-client.ts";
import { quoteOf } from "./quote-of.ts";
import type { PurchaseIn } from "./records.ts";

type Requested = PurchaseIn<"goods-requested">;

/**
 * Steps 9 and 10 for one thing, from the chunk on that is still missing.
 *
 * @throws {ChitError} `goods-damaged`: what came is deleted, the next try begins anew
 * @throws {UnreachableError | RefusedError} what came is kept, the next try goes on behind it
 */
export async function openGoods(
  deps: CtsDeps,
  purchase: Requested,
  item: GoodsItem,
): Promise<void> {
  const { purchaseId } = purchase;
  const { goodsId } = item;
  if ((await deps.goods.progress(purchaseId, goodsId)).verified) return;

  const digest = new RunsDigest(deps.sha256);
  let received = 0;
  // SHA-256's inner state is not kept on disk: what is here already is read again.
  for await (const run of deps.goods.read(purchaseId, goodsId)) {
    digest.add(run);
    received += run.length;
  }
  const complete = received === item.size && received > 0;
  if (!complete && received % LIMITS.goodsChunkBytes !== 0) {
    await damaged(deps, purchaseId, goodsId, "The copy has a broken end.");
  }
  if (!complete) {
    for await (const run of receiveRuns(deps, purchase, item, received)) {
      const firstChunk = received / LIMITS.goodsChunkBytes;
      received += run.length;
      if (received > item.size) {
        await damaged(deps, purchaseId, goodsId, "More came than the shop had advised.");
      }
      digest.add(run);
      await deps.goods.append({ ...item, purchaseId }, firstChunk, run);
      // The last run of all is told with what it brings: the purchase is complete.
      if (received < item.size || item !== purchase.advice.goods.at(-1)) deps.changed(purchase);
    }
  }
  if (received !== item.size || !equalBytes(await digest.end(), item.digest)) {
    await damaged(deps, purchaseId, goodsId, "The goods are not the ones that the shop advised.");
  }
  await deps.goods.markVerified(purchaseId, goodsId, item.mediaType);
}

/** What is missing, in runs of whole chunks; what came before a break is handed out before the error. */
async function* receiveRuns(
  deps: CtsDeps,
  purchase: Requested,
  item: GoodsItem,
  received: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { merchantId, transactionNumber } = quoteOf(purchase);
  const subject = { merchantId, transactionNumber, goodsId: item.goodsId };
  const firstChunk = received / LIMITS.goodsChunkBytes;
  const { key, sendGoodsUrl: url } = purchase.fresh ?? {
    key: purchase.session.key,
    sendGoodsUrl: purchase.advice.sendGoodsUrl,
  };
  const sendGoods = createSendGoods(key, {
    ...subject,
    firstChunk,
    time: deps.nowSeconds(),
  });
  if (url === null)
    throw new ChitError("malformed-message", "The advice says no way to the goods.");
  const delivery = await postSendGoods(deps, url, sendGoods);
  const chunks = decryptGoods(deps.goodsCipher, key, subject, delivery, firstChunk);
  let run: Uint8Array[] = [];
  try {
    for await (const chunk of chunks) {
      run.push(chunk);
      if (run.length < WALLET_LIMITS.segmentChunks) continue;
      const full = run;
      run = [];
      yield concatBytes(...full) as Uint8Array<ArrayBuffer>;
    }
  } catch (error) {
    if (run.length > 0) yield concatBytes(...run) as Uint8Array<ArrayBuffer>;
    throw error;
  }
  if (run.length > 0) yield concatBytes(...run) as Uint8Array<ArrayBuffer>;
}

async function damaged(
  deps: CtsDeps,
  purchaseId: string,
  goodsId: string,
  detail: string,
): Promise<never> {
  await deps.goods.remove(purchaseId, goodsId);
  throw new ChitError("goods-damaged", detail);
}

/** The digest of runs as they come. Most things are one run, which the browser itself digests; JavaScript takes longer. */
class RunsDigest {
  readonly #ofWhole: CtsDeps["sha256"];
  readonly #hash = sha256.create();
  /** The only run so far, not in the hash yet. */
  #first: Uint8Array | null = null;
  #runs = 0;

  constructor(ofWhole: CtsDeps["sha256"]) {
    this.#ofWhole = ofWhole;
  }

  add(run: Uint8Array): void {
    this.#runs += 1;
    if (this.#runs === 1) {
      this.#first = run;
      return;
    }
    if (this.#first !== null) this.#hash.update(this.#first);
    this.#first = null;
    this.#hash.update(run);
  }

  async end(): Promise<Uint8Array> {
    return this.#first === null ? this.#hash.digest() : this.#ofWhole(this.#first);
  }
}
