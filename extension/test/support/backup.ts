/** Backups of a wallet of the tests' world: made, opened, restored, as the page and the background do together. */
import { concatBytes, PAYMENTS_PATH, parseValue } from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { IDBFactory } from "fake-indexeddb";
import { applyBackup, inspectBackup } from "../../src/cts/backup/apply.ts";
import { backupEntries, backupPurchases, prepareBackup } from "../../src/cts/backup/collect.ts";
import { type OpenedBackup, openBackup, writeBackup } from "../../src/cts/backup/file.ts";
import { type StoredRecordJson, storedRecordSchema } from "../../src/cts/backup/records.ts";
import { restoreRecords, wantedGoods } from "../../src/cts/backup/restore.ts";
import { WALLET_LIMITS } from "../../src/cts/limits.ts";
import { type Life, offered, pay, reached, seededBytes, type World } from "./world.ts";

const PASSPHRASE = "four words and a comma, really";
const kdf = { memory: WALLET_LIMITS.backupKdfMemoryLeast, passes: 1, lanes: 1 };
const random = seededBytes("restore");

/** A file of everything in this wallet. */
export async function backUp(from: Life, withGoods = false): Promise<Uint8Array> {
  const prepared = await prepareBackup(from.deps);
  const pages = {
    purchases: (ids: string[]) => backupPurchases(from.deps, ids),
    goods: from.deps.goods.read,
  };
  const createdAt = from.deps.nowSeconds();
  const entries = backupEntries(pages, prepared, { createdAt, withGoods });
  const deps = { randomBytes: random, cipher: nodeGoodsCipher, kdf };
  const pieces: Uint8Array[] = [];
  for await (const piece of writeBackup(deps, PASSPHRASE, entries, () => undefined)) {
    pieces.push(piece);
  }
  return concatBytes(...pieces);
}

export function openFile(
  file: Uint8Array,
  cipher: Parameters<typeof openBackup>[0] = nodeGoodsCipher,
): Promise<OpenedBackup> {
  const source = {
    front: async (most: number) => file.subarray(0, most),
    async *from(offset: number) {
      yield file.subarray(offset);
    },
  };
  return openBackup(cipher, source, PASSPHRASE, () => undefined);
}

/** What the page and the background do together; records travel as the messages carry them. */
export async function restoreInto(
  to: Life,
  file: Uint8Array,
  mostRecords = Number.POSITIVE_INFINITY,
) {
  const opened = await openFile(file);
  await inspectBackup(opened);
  let taken = 0;
  return applyBackup(opened, {
    async records(records: StoredRecordJson[]) {
      const sent = JSON.parse(JSON.stringify(records)) as unknown[];
      taken += sent.length;
      if (taken > mostRecords) throw new Error("the tab was closed");
      const parsed = sent.map((record) => parseValue(storedRecordSchema, record));
      const results = await restoreRecords(to.deps, parsed);
      await to.wallet.runner.resumeAll();
      return results;
    },
    wanted: (purchaseId, goodsId) => wantedGoods(to.deps, purchaseId, goodsId),
    goods: to.deps.goods,
  });
}

/** Another computer: an empty disk, the same servers. */
export async function newComputer(world: World): Promise<Life> {
  globalThis.indexedDB = new IDBFactory();
  return world.start();
}

/** A purchase that is complete. */
export async function bought(world: World, from: Life) {
  const purchase = await offered(world, from);
  await pay(from, purchase);
  return reached(from, purchase, "complete");
}

/** A payment whose reply is lost again and again. */
export async function underWay(world: World, from: Life) {
  world.hold.pauses = true;
  world.tps.server.fault = ({ path }) => (path === PAYMENTS_PATH ? "lose" : undefined);
  const purchase = await offered(world, from);
  await pay(from, purchase);
  return reached(from, purchase, "payment-requested", "checking-payment");
}
