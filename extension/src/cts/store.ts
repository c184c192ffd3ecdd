/**
 * Where the wallet keeps its records. The IndexedDB one is `background/idb-store.ts`; tests use the same on an
 * IndexedDB in memory. Whoever writes gets the answer when the record is on disk, not before (durability
 * `strict`): payments hang on it.
 */
import type { Loyalty, Refund, Return } from "./after-sale-records.ts";
import type { KnownLog } from "./log-records.ts";
import type {
  Account,
  FormerAccount,
  Purchase,
  PurchaseStateName,
  Refusal,
  SavedAddress,
  Settings,
} from "./records.ts";

/** Accounts, purchases and what belongs to them inside one transaction: all of it is written or nothing. */
export interface StoreTransaction {
  account(accountKey: string): Promise<Account | undefined>;
  formerAccount(accountKey: string): Promise<FormerAccount | undefined>;
  purchase(purchaseId: string): Promise<Purchase | undefined>;
  putAccount(account: Account): Promise<void>;
  putFormerAccount(account: FormerAccount): Promise<void>;
  putPurchase(purchase: Purchase): Promise<void>;
  removePurchase(purchaseId: string): Promise<void>;
  refund(purchaseId: string): Promise<Refund | undefined>;
  putRefund(refund: Refund): Promise<void>;
  returned(paymentId: string, orderId: string): Promise<Return | undefined>;
  putReturn(returned: Return): Promise<void>;
  loyalty(merchantId: string): Promise<Loyalty | undefined>;
  putLoyalty(loyalty: Loyalty): Promise<void>;
}

/** The wallet's disk. Records are checked as they are read; a broken one throws `malformed-message`. */
export interface Store {
  /**
   * Runs `change` in one transaction that no other write can come between. `change` may await the
   * transaction's own methods only. When it throws, nothing is written.
   */
  transact<T>(change: (transaction: StoreTransaction) => Promise<T>): Promise<T>;

  accounts(): Promise<Account[]>;
  account(accountKey: string): Promise<Account | undefined>;
  removeAccount(accountKey: string): Promise<void>;
  /** Accounts of other devices, as backups had them. */
  formerAccounts(): Promise<FormerAccount[]>;
  formerAccount(accountKey: string): Promise<FormerAccount | undefined>;

  /** Of all purchases, in no order. */
  purchaseIds(): Promise<string[]>;
  purchase(purchaseId: string): Promise<Purchase | undefined>;
  /** The newest purchase whose quote came from this URL. */
  purchaseByQuoteUrl(quoteUrl: string): Promise<Purchase | undefined>;
  purchasesIn(states: readonly PurchaseStateName[]): Promise<Purchase[]>;
  /** Newest first: skips `offset` that match, then gives up to `most`. */
  history(
    offset: number,
    most: number,
    matches: (purchase: Purchase) => boolean,
  ): Promise<Purchase[]>;

  refund(purchaseId: string): Promise<Refund | undefined>;
  refunds(): Promise<Refund[]>;
  /** Money that came back, of all payments, in no order. */
  returns(): Promise<Return[]>;
  /** Shops that recognise the wallet's owner, or did. */
  loyalties(): Promise<Loyalty[]>;
  loyalty(merchantId: string): Promise<Loyalty | undefined>;

  /** What is known of an issuer's log of payments. */
  log(issuer: string): Promise<KnownLog | undefined>;
  putLog(log: KnownLog): Promise<void>;

  refusal(refusalId: string): Promise<Refusal | undefined>;
  /** Newest first. */
  refusals(): Promise<Refusal[]>;
  putRefusal(refusal: Refusal): Promise<void>;
  removeRefusal(refusalId: string): Promise<void>;

  addresses(): Promise<SavedAddress[]>;
  putAddress(address: SavedAddress): Promise<void>;
  removeAddress(addressId: string): Promise<void>;

  settings(): Promise<Settings>;
  putSettings(settings: Settings): Promise<void>;
}

/** The device keys: made here, never given out. */
export interface DeviceKeys {
  /** The public key (32 bytes) of the key of this name, which is made on first use. */
  create(keyId: string): Promise<Uint8Array>;
  /** Ed25519 signature, 64 bytes. */
  sign(keyId: string, message: Uint8Array): Promise<Uint8Array>;
  remove(keyId: string): Promise<void>;
}

/** How much of one thing is here. */
export interface GoodsProgress {
  readonly received: number;
  readonly verified: boolean;
}

/** Where goods are kept, in runs of whole chunks. */
export interface GoodsStore {
  progress(purchaseId: string, goodsId: string): Promise<GoodsProgress>;
  /** Adds the run that begins at chunk `firstChunk`; it is on disk when the promise resolves. */
  append(
    subject: { readonly purchaseId: string; readonly goodsId: string; readonly mediaType: string },
    firstChunk: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<void>;
  /** The bytes that are here, in order. */
  read(purchaseId: string, goodsId: string): AsyncIterable<Uint8Array>;
  /** Their digest was found to be the advised one. */
  markVerified(purchaseId: string, goodsId: string, mediaType: string): Promise<void>;
  remove(purchaseId: string, goodsId: string): Promise<void>;
}
