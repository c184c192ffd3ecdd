/** The background's part of restoring: records into the store, each whole or not at all, as often as it is asked. */
import { equalBytes } from "@chit/protocol";
import type { CtsDeps } from "../deps.ts";
import { WALLET_LIMITS } from "../limits.ts";
import type { FormerAccount, Purchase } from "../records.ts";
import { restoreLoyalty, restoreRefund } from "./after-sale.ts";
import { accountFromRecord, purchaseFromRecord } from "./convert.ts";
import { isFurther } from "./merge.ts";
import type { StoredRecord } from "./records.ts";

type RestoreDeps = Pick<CtsDeps, "store" | "changed">;
/** What became of a record: new here, further than what was here, or nothing new. */
export type Restored = "added" | "updated" | "kept";

/** Restores records in their order and tells what became of each. */
export async function restoreRecords(
  deps: RestoreDeps,
  records: readonly StoredRecord[],
): Promise<Restored[]> {
  const results: Restored[] = [];
  for (const record of records) results.push(await restoreRecord(deps, record));
  deps.changed(null);
  return results;
}

async function restoreRecord(deps: RestoreDeps, record: StoredRecord): Promise<Restored> {
  switch (record.kind) {
    case "settings":
      return restoreSettings(deps, record);
    case "address":
      return restoreAddress(deps, record);
    case "account":
      return restoreAccount(deps, accountFromRecord(record));
    case "purchase":
      return restorePurchase(deps, purchaseFromRecord(record));
    case "refund":
      return (await restoreRefund(deps, record)) ? "added" : "kept";
    case "loyalty":
      return (await restoreLoyalty(deps, record)) ? "updated" : "kept";
  }
}

/** A wallet that is in use keeps its own settings. */
async function restoreSettings(
  { store }: RestoreDeps,
  { keepGoods, openWindow }: Extract<StoredRecord, { kind: "settings" }>,
): Promise<Restored> {
  const used = [store.accounts(), store.formerAccounts(), store.purchaseIds()];
  if ((await Promise.all(used)).some(({ length }) => length > 0)) return "kept";
  await store.putSettings({ keepGoods, openWindow });
  return "updated";
}

async function restoreAddress(
  { store }: RestoreDeps,
  { addressId, address }: Extract<StoredRecord, { kind: "address" }>,
): Promise<Restored> {
  const here = await store.addresses();
  const text = JSON.stringify(address);
  const known = here.some(
    (one) => one.addressId === addressId || JSON.stringify(one.address) === text,
  );
  if (known || here.length >= WALLET_LIMITS.addresses) return "kept";
  await store.putAddress({ addressId, address });
  return "added";
}

/** A device that is here is left alone, whatever a backup says of it: an account is never forked. */
function restoreAccount({ store }: RestoreDeps, backup: FormerAccount): Promise<Restored> {
  return store.transact(async (transaction) => {
    const { accountKey } = backup;
    if ((await transaction.account(accountKey)) !== undefined) return "kept";
    const here = await transaction.formerAccount(accountKey);
    if (here === undefined) {
      await transaction.putFormerAccount(backup);
      return "added";
    }
    // Another issuer, root key or account under this name is not that account: its purchases rest on what is pinned here.
    if (!isSameAccount(backup, here)) return "kept";
    const newer = backup.keyListSequence > here.keyListSequence ? backup : here;
    // Of two secrets the later restored one: whoever finds one withdrawn gets further with another file.
    const recoverySecret = backup.recoverySecret ?? here.recoverySecret;
    await transaction.putFormerAccount({ ...newer, recoverySecret });
    return "kept";
  });
}

function isSameAccount(a: FormerAccount, b: FormerAccount): boolean {
  const same = a.issuer === b.issuer && a.accountId === b.accountId;
  return same && equalBytes(a.rootKey, b.rootKey);
}

function restorePurchase({ store }: RestoreDeps, backup: Purchase): Promise<Restored> {
  return store.transact(async (transaction) => {
    const here = await transaction.purchase(backup.purchaseId);
    if (here === undefined) {
      await transaction.putPurchase(backup);
      return "added";
    }
    const own = "accountKey" in here && (await transaction.account(here.accountKey)) !== undefined;
    if (!isFurther(backup, here, own)) return "kept";
    await transaction.putPurchase({ ...backup, tabId: here.tabId });
    return "updated";
  });
}

/** A thing that a purchase here has paid for, and of which there is no copy. */
export interface WantedGoods {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: Uint8Array;
}

/** What a copy must be to be taken, or null where none is wanted. Goods that still arrive are left to the shop. */
export async function wantedGoods(
  { store, goods }: Pick<CtsDeps, "store" | "goods">,
  purchaseId: string,
  goodsId: string,
): Promise<WantedGoods | null> {
  const purchase = await store.purchase(purchaseId);
  if (purchase?.state !== "complete") return null;
  const item = purchase.advice.goods.find((one) => one.goodsId === goodsId);
  if (item === undefined || (await goods.progress(purchaseId, goodsId)).verified) return null;
  const { mediaType, size, digest } = item;
  return { mediaType, size, digest };
}
