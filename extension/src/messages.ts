/**
 * Every message between the wallet's parts: what its own pages ask of the background, what the background
 * answers, and the little that content scripts send and get. One table a direction; requests are checked by
 * schema on arrival, whoever sends them.
 */
import {
  addressSchema,
  displayText,
  identifier,
  LIMITS,
  message,
  month,
  positiveAmount,
  REFUND_REASONS,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { type StoredRecordJson, storedRecordSchema } from "./cts/backup/records.ts";
import { WALLET_LIMITS } from "./cts/limits.ts";
import type { FailureView } from "./failure-codes.ts";
import type { LoyaltyView } from "./loyalty-views.ts";
import type { NotarizationView } from "./notarization-view.ts";
import type { FundingView, StatementMonthsView, StatementView } from "./statement-views.ts";
import type {
  AccountView,
  ActivationView,
  BackupContentsView,
  DevicesView,
  InvitationView,
  OverviewView,
  PurchaseStateName,
  PurchaseSummary,
  PurchaseView,
  RefusalView,
  RestoredView,
  SavedAddress,
  SettingsView,
  UnconnectedAccountView,
} from "./views.ts";

export type * from "./failure-codes.ts";
export type * from "./loyalty-views.ts";
export type * from "./notarization-view.ts";
export type * from "./refund-views.ts";
export type * from "./statement-views.ts";
export type * from "./views.ts";

/** The wallet's own name of an account: `<issuer> <accountId> <deviceId>` hashed; not told to anybody. */
const accountKey = identifier;
const purchaseId = identifier;
/** An activation link is short; pasted text may have anything in it. */
const pastedLink = v.pipe(v.string(), v.maxLength(LIMITS.urlLength));

/** What the wallet's own pages may ask. */
export const walletRequests = {
  /** Everything that the home page shows. */
  overview: message({}),
  /** The history, newest first; `search` looks into shop names and line texts. */
  purchases: message({ search: v.pipe(v.string(), v.maxLength(200)), offset: whole(0, 1_000_000) }),
  purchase: message({ purchaseId }),
  /** Why the wallet refused a page's quote before there was anything to confirm. */
  refusal: message({ refusalId: identifier }),
  /** Reads an activation link and asks its operator for the key list; changes nothing. */
  inspectActivation: message({ link: pastedLink }),
  /** Makes the device key and activates it. Safe to repeat. */
  activate: message({ link: pastedLink, deviceName: displayText(LIMITS.nameLength) }),
  /** Asks the TPS for balance and state now. */
  refreshAccount: message({ accountKey }),
  /** The transaction count as heard by telephone, after drift. */
  setTransactionCount: message({ accountKey, count: whole(0, Number.MAX_SAFE_INTEGER) }),
  /** Forgets an account that was never used or whose device was revoked; its purchases stay. */
  removeAccount: message({ accountKey }),
  /** The account's wallets, as its TPS has them now. */
  devices: message({ accountKey }),
  /** Shuts one of them out for good; it may be this one. Safe to repeat. */
  revokeDevice: message({ accountKey, deviceId: identifier }),
  /** Makes a link by which one more wallet joins the account, once. */
  inviteDevice: message({ accountKey }),
  /** Which months the account's TPS has statements of. */
  statementMonths: message({ accountKey }),
  /** One month's statement, verified and compared with the wallet's own purchases. */
  statement: message({ accountKey, month }),
  /** How money is paid in. */
  funding: message({ accountKey }),
  /**
   * The shopper pressed Pay: steps 3 to 10 run; the answer comes as soon as the first state is on disk. Allowed
   * while the purchase is `confirmable`. Once a session was initiated its account and address stay: others are
   * ignored.
   */
  pay: message({
    purchaseId,
    accountKey,
    pin: v.pipe(v.string(), v.maxLength(LIMITS.pinDigitsMost)),
    address: v.nullable(addressSchema),
    rememberAddress: v.boolean(),
    /** Whether the shop may recognise the shopper from now on; kept for this shop, where it asks. */
    recognise: v.boolean(),
  }),
  /** Of a link that was shared: called off at the shop first. */
  decline: message({ purchaseId }),
  /**
   * Steps 3 and 4 run, then a link can be shared; needs no PIN. Allowed while `mayBePaidByAnother`. The address is
   * ignored once a session was initiated.
   */
  letSomeonePay: message({
    purchaseId,
    address: v.nullable(addressSchema),
    rememberAddress: v.boolean(),
  }),
  /** Calls a shared link off, so that the shopper can pay. */
  payMyself: message({ purchaseId }),
  /** Tries the next step of a waiting purchase now instead of at its next turn. */
  resume: message({ purchaseId }),
  /** Has the page that asked make a fresh offer; where its tab shows something else, opens the shop. */
  reopenShop: message({ purchaseId }),
  addresses: message({}),
  /** Saves an address (a new one when `addressId` is null). */
  saveAddress: message({ addressId: v.nullable(identifier), address: addressSchema }),
  deleteAddress: message({ addressId: identifier }),
  settings: message({}),
  saveSettings: message({
    /** Keep a copy of goods in the wallet, to open them again without the shop; else it goes after a day. */
    keepGoods: v.boolean(),
    /** Open the wallet's window by itself when a page asks for payment; else only mark the toolbar icon. */
    openWindow: v.boolean(),
  }),
  /** Deletes the wallet's copy of one purchase's goods. */
  deleteGoods: message({ purchaseId }),
  /** Gets the goods of one purchase from the shop again, where the wallet has no copy. */
  getGoodsAgain: message({ purchaseId }),
  /** A file by which a purchase's payment can be shown to anybody, off line. Safe to repeat. */
  notarize: message({ purchaseId }),
  /** Asks the shop for the money back: `amount` more than what was accepted already, or all of it (null). */
  askRefund: message({
    purchaseId,
    reason: v.picklist(REFUND_REASONS),
    text: v.nullable(displayText(LIMITS.refundTextLength)),
    amount: v.nullable(positiveAmount),
  }),
  /** Asks operator and shop how a purchase's refund stands. */
  refreshRefund: message({ purchaseId }),
  /** Asks the operator what came back to an account. */
  refreshReturns: message({ accountKey }),
  /** Money that came back, and was looked at now. */
  seeReturns: message({
    returns: v.pipe(
      v.array(message({ paymentId: identifier, orderId: identifier })),
      v.maxLength(WALLET_LIMITS.returnNotices),
    ),
  }),
  /** Shops that recognise the wallet's owner. */
  loyalty: message({}),
  /** One of them does no more: its pseudonym is given up for good. */
  stopLoyalty: message({ merchantId: identifier }),
  /** How much there is to back up; changes nothing. */
  backupContents: message({}),
  /** Registers recovery secrets as far as operators answer, and gives a backup's first records. */
  prepareBackup: message({}),
  /** The next page of purchases for a backup. */
  backupPurchases: message({
    purchaseIds: v.pipe(v.array(purchaseId), v.maxLength(WALLET_LIMITS.backupPage)),
  }),
  /** Records of a backup that the page opened. Safe to repeat. */
  restoreRecords: message({
    records: v.pipe(v.array(storedRecordSchema), v.maxLength(WALLET_LIMITS.backupPage)),
  }),
  /** What a copy of goods must be to be taken from a backup; null where none is wanted. */
  wantedGoods: message({ purchaseId, goodsId: identifier }),
  /** Accounts that a backup brought and this computer is not connected to. */
  unconnectedAccounts: message({}),
  /** The activation link that connects one of them again. */
  recoveryLink: message({ accountKey }),
} as const;

export type WalletRequestName = keyof typeof walletRequests;
export type WalletRequestInput<N extends WalletRequestName> = v.InferOutput<
  (typeof walletRequests)[N]
>;

/** How a page's request travels in `runtime.sendMessage`; the answer is a {@link WalletReply}. */
export interface WalletRequestMessage<N extends WalletRequestName = WalletRequestName> {
  readonly type: "wallet-request";
  readonly name: N;
  readonly input: v.InferInput<(typeof walletRequests)[N]>;
}

/** What each request answers. Amounts are wire strings in smallest units, times seconds. */
export interface WalletAnswers {
  overview: OverviewView;
  purchases: { readonly purchases: PurchaseSummary[]; readonly more: boolean };
  purchase: PurchaseView;
  refusal: RefusalView;
  inspectActivation: ActivationView;
  activate: AccountView;
  refreshAccount: AccountView;
  setTransactionCount: AccountView;
  removeAccount: null;
  devices: DevicesView;
  revokeDevice: DevicesView;
  inviteDevice: InvitationView;
  statementMonths: StatementMonthsView;
  statement: StatementView;
  /** Null where the operator has not said how. */
  funding: { readonly details: FundingView | null };
  pay: PurchaseView;
  decline: PurchaseView;
  letSomeonePay: PurchaseView;
  payMyself: PurchaseView;
  resume: PurchaseView;
  reopenShop: null;
  addresses: SavedAddress[];
  saveAddress: SavedAddress;
  deleteAddress: null;
  settings: SettingsView;
  saveSettings: SettingsView;
  deleteGoods: PurchaseView;
  getGoodsAgain: PurchaseView;
  notarize: NotarizationView;
  askRefund: PurchaseView;
  refreshRefund: PurchaseView;
  refreshReturns: null;
  seeReturns: null;
  loyalty: LoyaltyView[];
  stopLoyalty: LoyaltyView[];
  backupContents: BackupContentsView;
  prepareBackup: {
    readonly records: StoredRecordJson[];
    readonly purchaseIds: string[];
    /** Operators that gave no answer. */
    readonly withoutRecovery: string[];
  };
  backupPurchases: {
    readonly records: StoredRecordJson[];
    /** Verified copies of goods of these purchases. */
    readonly goods: {
      readonly purchaseId: string;
      readonly goodsId: string;
      readonly size: number;
    }[];
  };
  /** What became of each record. */
  restoreRecords: RestoredView[];
  /** `digest`: SHA-256, base64url. */
  wantedGoods: {
    readonly mediaType: string;
    readonly size: number;
    readonly digest: string;
  } | null;
  unconnectedAccounts: UnconnectedAccountView[];
  recoveryLink: { readonly link: string };
}

/** How every request is answered: a value, or a failure whose code the pages put into words. */
export type WalletReply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureView };

/** The page of the wallet's own window, opened with `?purchase=<id>` or `?refusal=<id>`. */
export const PAYMENT_PAGE = "payment.html";
/** The page of everything else (toolbar popup and tab); routes in the fragment: `#/setup?link=…`, `#/purchases/<id>` … */
export const HOME_PAGE = "home.html";

/** Name of the BroadcastChannel on which the background says that something changed; pages then ask again. */
export const CHANGES_CHANNEL = "chit-wallet-changes";

/** From a content script: one URL of its own page's origin, and what it points at. No more (threat 18). */
export const pagePointer = message({
  type: v.literal("page-pointer"),
  relation: v.picklist(["payment-quote", "payer-quote", "chit-activation"]),
  url: v.pipe(v.string(), v.maxLength(LIMITS.urlLength)),
});
export type PagePointer = v.InferOutput<typeof pagePointer>;

/** A purchase's state as pages are told it: which role the wallet has, its page knows. */
export type PageStateName = Exclude<PurchaseStateName, `payer-${string}`>;

/** To the content script of the page that asked, which passes it on when `quoteUrl` is what its page points at. */
export type PageMessage =
  /** To be loaded again, for a fresh offer; answered with `true` by the page that still points at this quote. */
  | { readonly type: "page-reload"; readonly quoteUrl: string }
  | {
      readonly type: "purchase-state";
      readonly quoteUrl: string;
      readonly transactionNumber: string;
      readonly state: PageStateName;
    }
  | {
      readonly type: "page-goods";
      readonly quoteUrl: string;
      readonly transactionNumber: string;
      readonly name: string;
      readonly mediaType: string;
      readonly base64: string;
    };
