/**
 * What goes into a backup. The background gives its records in pages (`prepareBackup`, `backupPurchases`); the page that
 * writes the file joins them with the copies of goods (`backupEntries`).
 */
import { activationSecretHash } from "@chit/protocol";
import { changeAccount } from "../account-store.ts";
import type { CtsDeps } from "../deps.ts";
import { askDevices } from "../devices.ts";
import { WalletError } from "../errors.ts";
import { WALLET_LIMITS } from "../limits.ts";
import type { Account, Purchase } from "../records.ts";
import { loyaltyToRecord, refundToRecords } from "./after-sale.ts";
import { accountToRecord, purchaseToRecord } from "./convert.ts";
import type { Entry } from "./file.ts";
import type { RecordJson, StoredRecordJson } from "./records.ts";

/** The copy of one thing. */
export interface GoodsCopy {
  readonly purchaseId: string;
  readonly goodsId: string;
  /** Bytes. */
  readonly size: number;
}

/** How much there is to back up. */
export interface BackupContents {
  readonly accounts: number;
  readonly purchases: number;
  readonly addresses: number;
  readonly goods: number;
  readonly goodsBytes: number;
}

export async function backupContents(
  deps: Pick<CtsDeps, "store" | "goods">,
): Promise<BackupContents> {
  const { store } = deps;
  const complete = await store.purchasesIn(["complete"]);
  const copies = (await Promise.all(complete.map((one) => copiesOf(deps, one)))).flat();
  return {
    accounts: (await store.accounts()).length,
    purchases: (await store.purchaseIds()).length,
    addresses: (await store.addresses()).length,
    goods: copies.length,
    goodsBytes: copies.reduce((sum, { size }) => sum + size, 0),
  };
}

/** The first part of a backup. */
export interface PreparedBackup {
  readonly records: StoredRecordJson[];
  readonly purchaseIds: string[];
  /** Operators that gave no answer: their accounts need a new activation link after a restoration. */
  readonly withoutRecovery: string[];
}

/** Registers recovery secrets with the operators, as far as they can be reached, and gives the first records. */
export async function prepareBackup(deps: CtsDeps): Promise<PreparedBackup> {
  const { store } = deps;
  const accounts = await Promise.all(
    (await store.accounts()).map((one) => withRecovery(deps, one)),
  );
  const former = await store.formerAccounts();
  const settings = { kind: "settings", ...(await store.settings()) } as const;
  const addresses = (await store.addresses()).map((one) => ({ kind: "address", ...one }) as const);
  const loyalties = (await store.loyalties()).map(loyaltyToRecord);
  return {
    records: [
      settings,
      ...addresses,
      ...loyalties,
      ...[...accounts, ...former].map(accountToRecord),
    ],
    purchaseIds: await store.purchaseIds(),
    withoutRecovery: accounts
      .filter(({ recovery }) => recovery?.registered !== true)
      .map(({ facts }) => facts.operator),
  };
}

/** The account with a recovery secret that the TPS knows, if it can be reached. */
async function withRecovery(deps: CtsDeps, { accountKey }: Account): Promise<Account> {
  const kept = await changeAccount(deps, accountKey, (current) => ({
    ...current,
    recovery: current.recovery ?? freshRecovery(deps),
  }));
  const registered = await register(deps, kept);
  if (registered !== "void") return registered;
  // The operator has withdrawn it: no device would come of it, so the backups from now on carry another.
  const renewed = await changeAccount(deps, accountKey, (current) => ({
    ...current,
    recovery: freshRecovery(deps),
  }));
  const again = await register(deps, renewed);
  return again === "void" ? renewed : again;
}

const freshRecovery = (deps: CtsDeps) => ({
  secret: deps.crypto.randomBytes(16),
  registered: false,
});

/**
 * Tells the TPS the hash of the account's secret, which is on disk already: a lost answer is made good by the next
 * backup. `void`: the TPS will never take this secret.
 */
async function register(deps: CtsDeps, account: Account): Promise<Account | "void"> {
  const { accountKey, recovery } = account;
  if (recovery === null) return account;
  const secretHash = activationSecretHash(recovery.secret);
  try {
    await askDevices(deps, accountKey, { action: "invite", secretHash, use: "recovery" });
  } catch (error) {
    if (error instanceof WalletError && error.code === "activation-used") return "void";
    // Whatever else is wrong with the operator: a backup of the purchases is worth having without it.
    return account;
  }
  return changeAccount(deps, accountKey, (current) => ({
    ...current,
    recovery: { secret: recovery.secret, registered: true },
  }));
}

/** A page of purchases with their refunds, and which of their goods have a verified copy. What was deleted meanwhile is left out. */
export async function backupPurchases(
  deps: Pick<CtsDeps, "store" | "goods">,
  purchaseIds: readonly string[],
): Promise<{ records: StoredRecordJson[]; goods: GoodsCopy[] }> {
  const found = await Promise.all(purchaseIds.map((id) => deps.store.purchase(id)));
  const purchases = found.filter((one) => one !== undefined);
  const goods = await Promise.all(purchases.map((one) => copiesOf(deps, one)));
  const refunds = await Promise.all(purchases.map((one) => deps.store.refund(one.purchaseId)));
  const records = [...purchases.map(purchaseToRecord), ...refunds.flatMap(refundToRecords)];
  return { records, goods: goods.flat() };
}

/** Only of what is complete: goods that are still arriving go on arriving, on either computer. */
async function copiesOf(
  { goods }: Pick<CtsDeps, "goods">,
  purchase: Purchase,
): Promise<GoodsCopy[]> {
  if (purchase.state !== "complete") return [];
  const { purchaseId } = purchase;
  const copies: GoodsCopy[] = [];
  for (const { goodsId, size } of purchase.advice.goods) {
    const { verified } = await goods.progress(purchaseId, goodsId);
    if (verified) copies.push({ purchaseId, goodsId, size });
  }
  return copies;
}

/** Where the entries of a file come from. */
export interface BackupPages {
  purchases(
    purchaseIds: string[],
  ): Promise<{ readonly records: StoredRecordJson[]; readonly goods: GoodsCopy[] }>;
  goods(purchaseId: string, goodsId: string): AsyncIterable<Uint8Array>;
}

/** The file's entries in order: about, records, purchases, and the goods when they are wanted. */
export async function* backupEntries(
  pages: BackupPages,
  prepared: Pick<PreparedBackup, "records" | "purchaseIds">,
  options: { readonly createdAt: number; readonly withGoods: boolean },
): AsyncGenerator<Entry> {
  yield { record: { kind: "about", createdAt: options.createdAt } };
  for (const record of prepared.records) yield { record };
  const copies: GoodsCopy[] = [];
  const { backupPage } = WALLET_LIMITS;
  for (let from = 0; from < prepared.purchaseIds.length; from += backupPage) {
    const page = await pages.purchases(prepared.purchaseIds.slice(from, from + backupPage));
    for (const record of page.records) yield { record };
    if (options.withGoods) copies.push(...page.goods);
  }
  for (const copy of copies) yield* goodsEntries(pages, copy);
}

async function* goodsEntries(pages: BackupPages, copy: GoodsCopy): AsyncGenerator<Entry> {
  const record: RecordJson = { kind: "goods", ...copy };
  yield { record };
  let missing = copy.size;
  for await (const run of pages.goods(copy.purchaseId, copy.goodsId)) {
    missing -= run.length;
    if (run.length > 0) yield { run };
  }
  if (missing !== 0) {
    throw new WalletError("backup-goods-gone", "Goods were deleted while the backup was made.");
  }
}
