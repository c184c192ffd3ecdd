/**
 * What the background answers to the wallet's pages: views of accounts and purchases. Amounts are
 * wire strings in smallest units, times seconds.
 */
import type { Address } from "@chit/protocol";
import type { FailureView } from "./failure-codes.ts";
import type { RefundView, ReturnNotice } from "./refund-views.ts";

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
  /** How far its owner is on the way out of `out-of-sequence`; null in any other condition. */
  readonly drift: {
    /** The telephone gave the new PIN that is wanted. */
    readonly newPin: boolean;
    /** A number of payments that was entered, and was not right. */
    readonly refusedCount: number | null;
  } | null;
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
  /** Pages of the last hour whose offers the wallet refused, newest first. */
  readonly refusals: RefusalSummary[];
  /** Money that came back and was not looked at yet, newest first. */
  readonly returns: ReturnNotice[];
}

/** A wallet of an account, this one or another. */
export interface DeviceView {
  readonly deviceId: string;
  readonly name: string;
  readonly thisDevice: boolean;
  readonly state: "active" | "revoked";
  readonly pin: "awaiting-pin" | "active" | "locked";
  readonly activatedAt: number;
  /** Null: it never paid. */
  readonly lastUsedAt: number | null;
  /** Four digits to compare with the telephone and with the wallet itself. */
  readonly checkNumber: string;
}

export interface DevicesView {
  readonly devices: DeviceView[];
}

/** A link by which one more wallet joins the account; whoever has it can, so it is not kept. */
export interface InvitationView {
  readonly link: string;
  readonly expiresAt: number | null;
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
  | "recovering"
  | "declined"
  | "denied"
  | "failed"
  | "awaiting-payer"
  | "payer-quoted"
  | "payer-confirmed"
  | "payer-requested"
  | "payer-paid"
  | "payer-complete"
  | "payer-denied";

/** Whose the goods are: the initiator's, who paid or let somebody else pay; or somebody else's, for whom this wallet pays. */
export type PurchaseRole = "initiator" | "payer";

export interface PurchaseSummary {
  readonly purchaseId: string;
  readonly role: PurchaseRole;
  readonly state: PurchaseStateName;
  readonly shopName: string;
  readonly shopOrigin: string;
  /** First line's description. */
  readonly title: string;
  readonly amount: string;
  readonly currency: string;
  readonly scale: number;
  readonly createdAt: number;
  /** All of it was given back, or will be. */
  readonly givenBack: boolean;
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
  /** The link for whoever is to pay, or by which somebody else paid; null where nobody else was asked. */
  readonly payLink: string | null;
  /** Somebody else may be asked to pay: confirmable, and the shop has a page for that. */
  readonly mayBePaidByAnother: boolean;
  /** A link was shared, and called off. */
  readonly calledOff: boolean;
  /** How the shop took a payment that was made for somebody else; null before, and otherwise. */
  readonly payment: "first" | "further" | "returned" | null;
  /** The paper's steps that are done, with the time of each. */
  readonly steps: { readonly step: 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10; readonly at: number }[];
  /** A wrong PIN: tries left; the purchase is still open for another. */
  readonly wrongPin: { readonly attemptsLeft: number } | null;
  /** Why it was denied or failed, or its goods were not given again; null otherwise. */
  readonly failure: FailureView | null;
  /** What was asked back, and what came back; null: nothing was paid. */
  readonly refund: RefundView | null;
  /** Whether the box is ticked by which the shop may recognise the shopper; null: it does not ask. */
  readonly recognise: boolean | null;
  readonly goods: GoodsView[];
  readonly delivery: {
    readonly text: string;
    readonly carrier: string | null;
    readonly trackingUrl: string | null;
    readonly expectedFrom: number | null;
    readonly expectedUntil: number | null;
  } | null;
  /** Where it is shipped, as the shopper gave it. */
  readonly address: Address | null;
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

export interface RefusalSummary {
  readonly refusalId: string;
  readonly createdAt: number;
  readonly origin: string;
  readonly failure: FailureView;
}

export interface SavedAddress {
  readonly addressId: string;
  readonly address: Address;
}

export interface SettingsView {
  readonly keepGoods: boolean;
  readonly openWindow: boolean;
}

/** How much there is to back up. */
export interface BackupContentsView {
  readonly accounts: number;
  readonly purchases: number;
  readonly addresses: number;
  /** Verified copies of goods, and their bytes in all. */
  readonly goods: number;
  readonly goodsBytes: number;
}

/** What became of a record of a backup: new here, further than what was here, or nothing new. */
export type RestoredView = "added" | "updated" | "kept";

/** An account that a backup brought: this computer is not one of its wallets (yet). */
export interface UnconnectedAccountView {
  readonly accountKey: string;
  readonly issuer: string;
  readonly operator: string;
  readonly telephone: string;
  /** How the other computer was called. */
  readonly deviceName: string;
  /** It can be connected again from here; else the operator must give a new activation link. */
  readonly recoverable: boolean;
}
