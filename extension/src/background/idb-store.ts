/**
 * The wallet's disk on IndexedDB. Everything is written with durability `strict`: with `relaxed`, the default
 * in Chromium, a power cut loses most of the last commits, and payments hang on them (threat 2).
 */
import { parseValue } from "@chit/protocol";
import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB } from "idb";
import type * as v from "valibot";
import {
  type Loyalty,
  loyaltySchema,
  type Refund,
  type Return,
  refundSchema,
  returnSchema,
} from "../cts/after-sale-records.ts";
import { type KnownLog, knownLogSchema } from "../cts/log-records.ts";
import {
  type Account,
  accountSchema,
  DEFAULT_SETTINGS,
  type FormerAccount,
  formerAccountSchema,
  type Purchase,
  purchaseSchema,
  type Refusal,
  refusalSchema,
  type SavedAddress,
  type Settings,
  savedAddressSchema,
  settingsSchema,
} from "../cts/records.ts";
import type { Store } from "../cts/store.ts";

export const WALLET_DATABASE = "chit-wallet";
const VERSION = 4;
const STRICT = { durability: "strict" } as const;
/** What one transaction may change. */
const TOGETHER = [
  "accounts",
  "formerAccounts",
  "purchases",
  "refunds",
  "returns",
  "loyalties",
] as const;

/** The device key as the browser holds it: the private half cannot be read, by nobody. */
export interface DeviceKeyRecord {
  readonly keyId: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: Uint8Array;
}

export interface WalletSchema extends DBSchema {
  accounts: { key: string; value: Account };
  formerAccounts: { key: string; value: FormerAccount };
  purchases: {
    key: string;
    value: Purchase;
    indexes: { state: string; quoteUrl: string; createdAt: number };
  };
  refunds: { key: string; value: Refund };
  returns: { key: [string, string]; value: Return };
  loyalties: { key: string; value: Loyalty };
  logs: { key: string; value: KnownLog };
  refusals: { key: string; value: Refusal };
  addresses: { key: string; value: SavedAddress };
  settings: { key: string; value: Settings };
  deviceKeys: { key: string; value: DeviceKeyRecord };
}

export type WalletDatabase = IDBPDatabase<WalletSchema>;

/** Opens the wallet's database; an older one is brought up to date step by step, keeping what it holds. */
export function openWalletDatabase(): Promise<WalletDatabase> {
  return openDB<WalletSchema>(WALLET_DATABASE, VERSION, {
    upgrade(database, oldVersion) {
      if (oldVersion < 1) createVersion1(database);
      if (oldVersion < 2) database.createObjectStore("formerAccounts", { keyPath: "accountKey" });
      if (oldVersion < 3) createVersion3(database);
      if (oldVersion < 4) database.createObjectStore("logs", { keyPath: "issuer" });
    },
  });
}

function createVersion1(database: WalletDatabase): void {
  database.createObjectStore("accounts", { keyPath: "accountKey" });
  const purchases = database.createObjectStore("purchases", { keyPath: "purchaseId" });
  purchases.createIndex("state", "state");
  purchases.createIndex("quoteUrl", "quoteUrl");
  purchases.createIndex("createdAt", "createdAt");
  database.createObjectStore("refusals", { keyPath: "refusalId" });
  database.createObjectStore("addresses", { keyPath: "addressId" });
  database.createObjectStore("settings");
  database.createObjectStore("deviceKeys", { keyPath: "keyId" });
}

function createVersion3(database: WalletDatabase): void {
  database.createObjectStore("refunds", { keyPath: "purchaseId" });
  database.createObjectStore("returns", { keyPath: ["paymentId", "orderId"] });
  database.createObjectStore("loyalties", { keyPath: "merchantId" });
}

const read = <S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> =>
  parseValue(schema, value);
const readMaybe = <S extends v.GenericSchema>(schema: S, value: unknown) =>
  value === undefined ? undefined : read(schema, value);

export function idbStore(database: WalletDatabase): Store {
  return {
    async transact(change) {
      const transaction = database.transaction(TOGETHER, "readwrite", STRICT);
      // Each is looked up when it is used: six look-ups for one record would take their time.
      const accounts = () => transaction.objectStore("accounts");
      const formerAccounts = () => transaction.objectStore("formerAccounts");
      const purchases = () => transaction.objectStore("purchases");
      const refunds = () => transaction.objectStore("refunds");
      const returns = () => transaction.objectStore("returns");
      const loyalties = () => transaction.objectStore("loyalties");
      try {
        const result = await change({
          account: async (key) => readMaybe(accountSchema, await accounts().get(key)),
          formerAccount: async (key) =>
            readMaybe(formerAccountSchema, await formerAccounts().get(key)),
          purchase: async (key) => readMaybe(purchaseSchema, await purchases().get(key)),
          putAccount: async (account) => void (await accounts().put(account)),
          putFormerAccount: async (account) => void (await formerAccounts().put(account)),
          putPurchase: async (purchase) => void (await purchases().put(purchase)),
          removePurchase: (key) => purchases().delete(key),
          refund: async (key) => readMaybe(refundSchema, await refunds().get(key)),
          putRefund: async (refund) => void (await refunds().put(refund)),
          returned: async (...key) => readMaybe(returnSchema, await returns().get(key)),
          putReturn: async (returned) => void (await returns().put(returned)),
          loyalty: async (key) => readMaybe(loyaltySchema, await loyalties().get(key)),
          putLoyalty: async (loyalty) => void (await loyalties().put(loyalty)),
        });
        await transaction.done;
        return result;
      } catch (error) {
        // `done` rejects as well then; the error that counts is the first.
        transaction.done.catch(() => undefined);
        if (transaction.error === null) abortQuietly(() => transaction.abort());
        throw error;
      }
    },

    accounts: async () =>
      (await database.getAll("accounts")).map((value) => read(accountSchema, value)),
    account: async (key) => readMaybe(accountSchema, await database.get("accounts", key)),
    removeAccount: (key) => write(database, "accounts", (store) => store.delete(key)),
    formerAccounts: async () =>
      (await database.getAll("formerAccounts")).map((value) => read(formerAccountSchema, value)),
    formerAccount: async (key) =>
      readMaybe(formerAccountSchema, await database.get("formerAccounts", key)),

    purchaseIds: () => database.getAllKeys("purchases"),
    purchase: async (key) => readMaybe(purchaseSchema, await database.get("purchases", key)),
    async purchaseByQuoteUrl(quoteUrl) {
      const found = await database.getAllFromIndex("purchases", "quoteUrl", quoteUrl);
      const newest = found.sort((a, b) => b.createdAt - a.createdAt)[0];
      return readMaybe(purchaseSchema, newest);
    },
    async purchasesIn(states) {
      // One transaction: each of many would wait for its turn behind whoever writes.
      const index = database.transaction("purchases").store.index("state");
      const lists = await Promise.all(states.map((state) => index.getAll(state)));
      return lists.flat().map((value) => read(purchaseSchema, value));
    },
    async history(offset, most, matches) {
      const found: Purchase[] = [];
      let skip = offset;
      const index = database.transaction("purchases").store.index("createdAt");
      for await (const cursor of index.iterate(null, "prev")) {
        const purchase = read(purchaseSchema, cursor.value);
        if (!matches(purchase)) continue;
        if (skip > 0) skip -= 1;
        else found.push(purchase);
        if (found.length >= most) break;
      }
      return found;
    },

    refund: async (key) => readMaybe(refundSchema, await database.get("refunds", key)),
    refunds: async () =>
      (await database.getAll("refunds")).map((value) => read(refundSchema, value)),
    returns: async () =>
      (await database.getAll("returns")).map((value) => read(returnSchema, value)),
    loyalties: async () =>
      (await database.getAll("loyalties")).map((value) => read(loyaltySchema, value)),
    loyalty: async (key) => readMaybe(loyaltySchema, await database.get("loyalties", key)),

    log: async (issuer) => readMaybe(knownLogSchema, await database.get("logs", issuer)),
    putLog: (log) => write(database, "logs", (store) => store.put(log)),

    refusal: async (key) => readMaybe(refusalSchema, await database.get("refusals", key)),
    async refusals() {
      const all = (await database.getAll("refusals")).map((value) => read(refusalSchema, value));
      return all.sort((a, b) => b.createdAt - a.createdAt);
    },
    putRefusal: (refusal) => write(database, "refusals", (store) => store.put(refusal)),
    removeRefusal: (key) => write(database, "refusals", (store) => store.delete(key)),

    addresses: async () =>
      (await database.getAll("addresses")).map((value) => read(savedAddressSchema, value)),
    putAddress: (address) => write(database, "addresses", (store) => store.put(address)),
    removeAddress: (key) => write(database, "addresses", (store) => store.delete(key)),

    settings: async () =>
      readMaybe(settingsSchema, await database.get("settings", "settings")) ?? DEFAULT_SETTINGS,
    putSettings: (settings) =>
      write(database, "settings", (store) => store.put(settings, "settings")),
  };
}

type SideStore = "accounts" | "logs" | "refusals" | "addresses" | "settings";

/** One write of one record, on disk when it resolves. */
async function write<N extends SideStore>(
  database: WalletDatabase,
  name: N,
  change: (store: IDBPObjectStore<WalletSchema, [N], N, "readwrite">) => Promise<unknown>,
): Promise<void> {
  const transaction = database.transaction(name, "readwrite", STRICT);
  await Promise.all([change(transaction.store), transaction.done]);
}

/** A transaction that has failed by itself cannot be aborted again. */
function abortQuietly(abort: () => void): void {
  try {
    abort();
  } catch {
    // It has ended already.
  }
}
