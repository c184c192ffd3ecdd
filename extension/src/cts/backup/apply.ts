/**
 * The page's part of restoring. The whole file is read once before anything is written (`inspectBackup`): one that is
 * damaged or cut short changes nothing. What is written then (`applyBackup`) may be broken off and repeated.
 */
import { concatBytes, equalBytes, LIMITS } from "@chit/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import { WALLET_LIMITS } from "../limits.ts";
import type { GoodsStore } from "../store.ts";
import { purchaseFromRecord, recordToJson } from "./convert.ts";
import type { OpenedBackup, ReadEntry } from "./file.ts";
import { damagedBackup } from "./head.ts";
import type { PurchaseRecord, StoredRecordJson } from "./records.ts";
import type { Restored, WantedGoods } from "./restore.ts";

/** Records of each kind; refunds and recognition are not told by themselves. */
const NONE = { purchase: 0, refund: 0, loyalty: 0, address: 0, account: 0, settings: 0, goods: 0 };

/** What a file has in it. */
export interface BackupInside {
  /** Seconds. */
  readonly createdAt: number;
  readonly accounts: number;
  readonly purchases: number;
  readonly addresses: number;
  readonly goods: number;
  readonly goodsBytes: number;
}

/** Reads the whole file and counts. @throws {WalletError} `backup-damaged` */
export async function inspectBackup(opened: OpenedBackup): Promise<BackupInside> {
  const counts = { ...NONE, about: 0 };
  let createdAt = 0;
  let goodsBytes = 0;
  for await (const entry of opened.entries()) {
    if ("goods" in entry) {
      counts.goods += 1;
      for await (const run of entry.runs) goodsBytes += run.length;
      continue;
    }
    const { record } = entry;
    counts[record.kind] += 1;
    if (record.kind === "about") createdAt = record.createdAt;
    if (record.kind === "purchase") checkPurchase(record);
  }
  const { account: accounts, purchase: purchases, address: addresses, goods } = counts;
  return { createdAt, accounts, purchases, addresses, goods, goodsBytes };
}

function checkPurchase(record: PurchaseRecord): void {
  try {
    purchaseFromRecord(record);
  } catch (cause) {
    throw damagedBackup(cause);
  }
}

/** Where what was read goes. */
export interface RestoreSink {
  records(records: StoredRecordJson[]): Promise<Restored[]>;
  wanted(purchaseId: string, goodsId: string): Promise<WantedGoods | null>;
  readonly goods: GoodsStore;
}

/** How many were new or further than what was here. */
export interface RestoreResult {
  readonly purchases: number;
  readonly addresses: number;
  readonly accounts: number;
  readonly goods: number;
}

/** Writes everything that is not here yet. */
export async function applyBackup(opened: OpenedBackup, sink: RestoreSink): Promise<RestoreResult> {
  const changed = { ...NONE };
  let page: StoredRecordJson[] = [];
  const flush = async () => {
    const sent = page;
    page = [];
    const results = sent.length === 0 ? [] : await sink.records(sent);
    for (const [at, result] of results.entries()) {
      const kind = sent[at]?.kind;
      if (result !== "kept" && kind !== undefined) changed[kind] += 1;
    }
  };
  for await (const entry of opened.entries()) {
    if ("goods" in entry) {
      // A copy belongs to a purchase that must be here before it.
      await flush();
      if (await restoreGoods(sink, entry)) changed.goods += 1;
    } else if (entry.record.kind !== "about") {
      page.push(recordToJson(entry.record));
      if (page.length >= WALLET_LIMITS.backupPage) await flush();
    }
  }
  await flush();
  const { purchase: purchases, address: addresses, account: accounts, goods } = changed;
  return { purchases, addresses, accounts, goods };
}

type GoodsEntry = Extract<ReadEntry, { goods: unknown }>;

/** True when a copy was wanted, and is here now. What is left of an earlier try is deleted first. */
async function restoreGoods(sink: RestoreSink, { goods, runs }: GoodsEntry): Promise<boolean> {
  const { purchaseId, goodsId, size } = goods;
  const wanted = await sink.wanted(purchaseId, goodsId);
  if (wanted === null || wanted.size !== size) {
    for await (const _ of runs);
    return false;
  }
  const { mediaType, digest } = wanted;
  const hash = sha256.create();
  let firstChunk = 0;
  await sink.goods.remove(purchaseId, goodsId);
  for await (const run of wholeRuns(runs)) {
    hash.update(run);
    await sink.goods.append({ purchaseId, goodsId, mediaType }, firstChunk, run);
    firstChunk += run.length / LIMITS.goodsChunkBytes;
  }
  if (!equalBytes(hash.digest(), digest)) {
    await sink.goods.remove(purchaseId, goodsId);
    throw damagedBackup();
  }
  await sink.goods.markVerified(purchaseId, goodsId, mediaType);
  return true;
}

/** Runs as the wallet keeps them: all but the last of whole chunks. */
async function* wholeRuns(
  runs: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const size = WALLET_LIMITS.segmentChunks * LIMITS.goodsChunkBytes;
  let held: Uint8Array = new Uint8Array();
  for await (const run of runs) {
    held = concatBytes(held, run);
    while (held.length >= size) {
      yield Uint8Array.from(held.subarray(0, size));
      held = held.subarray(size);
    }
  }
  if (held.length > 0) yield Uint8Array.from(held);
}
