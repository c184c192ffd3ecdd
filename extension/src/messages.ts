/**
 * Every message between the wallet's parts: what its own pages ask of the background, what the background
 * answers, and the little that content scripts send and get. One table a direction; requests are checked by
 * schema on arrival, whoever sends them.
 */
import { addressSchema, displayText, identifier, LIMITS, message, whole } from "@chit/protocol";
import * as v from "valibot";

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
  }),
  decline: message({ purchaseId }),
  /** Tries the next step of a waiting purchase now instead of at its next turn. */
  resume: message({ purchaseId }),
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
  pay: PurchaseView;
  decline: PurchaseView;
  resume: PurchaseView;
  addresses: SavedAddress[];
  saveAddress: SavedAddress;
  deleteAddress: null;
  settings: SettingsView;
  saveSettings: SettingsView;
  deleteGoods: PurchaseView;
}

/** How every request is answered: a value, or a failure whose code the pages put into words. */
export type WalletReply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureView };

/**
 * The wallet's own failure codes, beside the protocol's (`ChitErrorCode`, `ProblemCode`, `DENIAL_REASONS`).
 * The pages have words for each; a code that they do not know gets general words and its `detail`.
 */
export type WalletFailureCode =
  /** The shop's server cannot be reached, or answered with something that is no answer. */
  | "shop-unreachable"
  /** The operator's TPS cannot be reached, or answered with something that is no answer. */
  | "issuer-unreachable"
  /** The answer of the TPS does not verify. As a `waiting`: asked again with the identical bytes. */
  | "issuer-answer-forged"
  /** As a `waiting`: sent, not answered yet; the next try comes by itself. */
  | "checking-payment"
  | "waiting-for-shop"
  | "waiting-for-goods"
  /** A page points at a quote, but no account of this wallet fits it (the wallet has no key list to judge by). */
  | "no-account"
  | "certificate-missing"
  | "certificate-revoked"
  | "certificate-invalid"
  /** Activation: no such link or secret, used before, or past its time. */
  | "activation-invalid"
  | "activation-used"
  /** The account has another payment under way: one at a time. */
  | "account-busy"
  /** The state of the account does not allow it; the account's `condition` says why. */
  | "account-not-ready"
  | "out-of-sequence"
  | "device-revoked"
  | "pin-locked"
  | "awaiting-pin"
  /** The PIN was not typed, or the wallet was stopped before it was used: type it and press Pay again. */
  | "pin-needed"
  | "wrong-pin"
  /** The PIN was set anew by telephone: type the new one. */
  | "pin-changed"
  /** The TPS does not know this device (any more). */
  | "device-unknown"
  /** A hold is on the account. */
  | "account-held"
  /** After drift the telephone has to give a new PIN as well as the count. */
  | "new-pin-needed"
  /** The TPS refuses the message as such; `detail` has its words. Asked again later. */
  | "issuer-refused"
  /** The shop's server refuses the message; `detail` has its words. After payment asked again later. */
  | "shop-refused"
  /** The shop's answer after payment does not verify under the session; asked again later. */
  | "shop-answer-forged"
  /** Asked for something that the wallet does not have (any more). */
  | "unknown-purchase"
  | "unknown-refusal"
  | "unknown-account"
  /** Not possible in the purchase's state. */
  | "wrong-state"
  /** The computer's disk is full, or refuses to keep the wallet's data. */
  | "storage-failed"
  /** A fault of the wallet itself. */
  | "internal-error";

/** Something that went wrong. `code` picks the words (`_locales`); `detail` is for the curious. */
export interface FailureView {
  /** A {@link WalletFailureCode} or a code of the protocol. */
  readonly code: string;
  readonly detail: string;
}

/** What keeps an account from paying, or `active`. */
export type AccountCondition =
  /** Ready to pay. */
  | "active"
  /** New wallet: call the telephone service for the first PIN. */
  | "awaiting-pin"
  /** Five wrong PINs: call for a new one. */
  | "pin-locked"
  /** The PIN was set anew by telephone: use the new one from now on. It pays. */
  | "pin-changed"
  /** Used elsewhere, it seems (drift): call, then enter the new PIN and the transaction count. */
  | "out-of-sequence"
  /** A hold was placed by telephone or by the operator. */
  | "held"
  /** This device was revoked. */
  | "device-revoked";

export interface AccountView {
  readonly accountKey: string;
  readonly issuer: string;
  readonly operator: string;
  /** The telephone service. */
  readonly telephone: string;
  readonly currency: string;
  readonly scale: number;
  readonly condition: AccountCondition;
  /** As last heard; null before the first time. */
  readonly balance: string | null;
  readonly balanceAt: number | null;
  readonly deviceName: string;
  /** Four digits to compare with the telephone. */
  readonly checkNumber: string;
  readonly transactionCount: number;
}

export interface ActivationView {
  readonly issuer: string;
  readonly operator: string;
  readonly telephone: string;
  readonly currency: string;
}

export interface OverviewView {
  readonly accounts: AccountView[];
  readonly recent: PurchaseSummary[];
  /** Purchases that wait for something or for somebody, newest first. */
  readonly attention: PurchaseSummary[];
}

/** The states of a purchase at the CTS; see `cts/purchase-state.ts`. */
export type PurchaseStateName =
  | "quoted"
  | "session-initiated"
  | "quote-authenticated"
  | "payment-requested"
  | "paid"
  | "advised"
  | "goods-requested"
  | "complete"
  | "declined"
  | "denied"
  | "failed";

export interface PurchaseSummary {
  readonly purchaseId: string;
  readonly state: PurchaseStateName;
  readonly shopName: string;
  readonly shopOrigin: string;
  /** First line's description. */
  readonly title: string;
  readonly amount: string;
  readonly currency: string;
  readonly scale: number;
  readonly createdAt: number;
  /** Set while it waits: what for, in a code. */
  readonly waiting: FailureView | null;
}

export interface PurchaseView extends PurchaseSummary {
  readonly transactionNumber: string;
  readonly kind: "digital" | "physical" | "mixed";
  readonly addressRequired: boolean;
  readonly lines: {
    readonly description: string;
    readonly quantity: number;
    readonly amount: string;
  }[];
  readonly expiresAt: number;
  /** Operators whose payments the shop takes, as origins. */
  readonly issuers: readonly string[];
  /** Accounts that the shop accepts, the preferred first. Empty: none fits. */
  readonly accounts: AccountView[];
  /** The account that paid or pays; null before. */
  readonly accountKey: string | null;
  /**
   * The shopper may type the PIN and press Pay, for the first time or again; `waiting` says why again. False
   * while the steps run, and from the request-for-payment on.
   */
  readonly confirmable: boolean;
  /** The paper's steps that are done, with the time of each. */
  readonly steps: { readonly step: 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10; readonly at: number }[];
  /** A wrong PIN: tries left; the purchase is still open for another. */
  readonly wrongPin: { readonly attemptsLeft: number } | null;
  /** Why it was denied or failed; null otherwise. */
  readonly failure: FailureView | null;
  readonly goods: GoodsView[];
  readonly delivery: {
    readonly text: string;
    readonly carrier: string | null;
    readonly trackingUrl: string | null;
    readonly expectedFrom: number | null;
    readonly expectedUntil: number | null;
  } | null;
  /** Where it is shipped, as the shopper gave it. */
  readonly address: v.InferOutput<typeof addressSchema> | null;
  /** For the curious: names and values as the protocol has them, no secrets. */
  readonly technical: { readonly name: string; readonly value: string }[];
}

export interface GoodsView {
  readonly goodsId: string;
  readonly name: string;
  readonly filename: string;
  readonly mediaType: string;
  /** Bytes in all and received so far. */
  readonly size: number;
  readonly received: number;
  readonly presentation: "save" | "page";
  /** Whether the wallet holds a verified copy: then `readGoods` of `goods-copy.ts` has its bytes. */
  readonly stored: boolean;
}

/** A quote that could not be shown: no certificate, another origin, a forged quote, an unknown operator … */
export interface RefusalView {
  readonly origin: string;
  /** Operators whose payments the shop says it takes, as origins; empty where that was not read. */
  readonly issuers: readonly string[];
  readonly failure: FailureView;
}

export interface SavedAddress {
  readonly addressId: string;
  readonly address: v.InferOutput<typeof addressSchema>;
}

export interface SettingsView {
  readonly keepGoods: boolean;
  readonly openWindow: boolean;
}

/** The page of the wallet's own window, opened with `?purchase=<id>` or `?refusal=<id>`. */
export const PAYMENT_PAGE = "payment.html";
/** The page of everything else (toolbar popup and tab); routes in the fragment: `#/setup?link=…`, `#/purchases/<id>` … */
export const HOME_PAGE = "home.html";

/** Name of the BroadcastChannel on which the background says that something changed; pages then ask again. */
export const CHANGES_CHANNEL = "chit-wallet-changes";

/** From a content script: one URL of its own page's origin, and what it points at. No more (threat 18). */
export const pagePointer = message({
  type: v.literal("page-pointer"),
  relation: v.picklist(["payment-quote", "chit-activation"]),
  url: v.pipe(v.string(), v.maxLength(LIMITS.urlLength)),
});
export type PagePointer = v.InferOutput<typeof pagePointer>;

/** To the content script of the page that asked, which passes it on when `quoteUrl` is what its page points at. */
export type PageMessage =
  | {
      readonly type: "purchase-state";
      readonly quoteUrl: string;
      readonly transactionNumber: string;
      readonly state: PurchaseStateName;
    }
  | {
      readonly type: "page-goods";
      readonly quoteUrl: string;
      readonly transactionNumber: string;
      readonly name: string;
      readonly mediaType: string;
      readonly base64: string;
    };
