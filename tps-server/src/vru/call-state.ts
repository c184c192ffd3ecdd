/** The states of a call, as they are kept in the database between two webhooks. No secret is among them. */
import { message, PIN_STATES } from "@chit/protocol";
import * as v from "valibot";
import { VRU_LIMITS } from "./limits.ts";

/** The languages spoken; each has a file of texts. */
export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What is said before the question, once. */
const NOTICES = [
  /** Nothing was keyed in. */
  "silence",
  /** A key that the menu does not have. */
  "wrong-key",
  /** Fewer or other keys than the digits asked for. */
  "wrong-length",
  /** Telephone id and passcode do not belong together, whichever is wrong. */
  "not-matching",
  /** No wallet was activated for the account yet. */
  "no-wallet",
  /** The wallet that the caller did not recognise was revoked. */
  "stranger-revoked",
  /** A wallet of the caller's was revoked, as they wished. */
  "wallet-revoked",
  /** The wallet was revoked meanwhile, in another call. */
  "wallet-gone",
  /** The PIN told before can no longer be repeated; this one replaces it. */
  "earlier-pin-void",
  /** Another call set a newer PIN before this one could repeat its own. */
  "pin-replaced",
  "hold-placed",
  "hold-lifted",
  /** So many cases were opened today that no more are taken. */
  "too-many-cases",
  /** The operator did not answer the telephone. */
  "nobody-there",
] as const;
export type Notice = (typeof NOTICES)[number];

/** Why a call ended. */
const END_REASONS = [
  /** A PIN was given out, and nothing else was wanted: most calls. */
  "pin-told",
  /** A problem was reported, and nothing else was wanted. */
  "case-told",
  /** Three wrong pairs of id and passcode. */
  "too-many-tries",
  /** Too many silences or wrong keys in a row. */
  "no-answer",
  /** Too many failures of all callers in this hour. */
  "service-closed",
  /** Too many failures from this telephone in this hour. */
  "caller-throttled",
  /** The caller hung up. */
  "hung-up",
  /** The call is unknown: it began too long ago, or never did. */
  "expired",
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What a problem may be about: in the order of their keys, from 1. */
export const CATEGORIES = ["lost-computer", "unknown-payment", "shop", "other"] as const;
export type Category = (typeof CATEGORIES)[number];

const language = v.picklist(LANGUAGES);
const small = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const wallet = message({
  deviceId: v.string(),
  name: v.string(),
  pin: v.picklist(PIN_STATES),
  /** 4 digits that wallet and telephone both tell. */
  checkNumber: v.string(),
});
const caller = message({
  accountId: v.string(),
  /** Holds in force: PINs may be set, payments are not made. The operator's is not the caller's to lift. */
  held: message({ byOperator: v.boolean(), byHolder: v.boolean() }),
  /** Wallets that are not revoked, the oldest first. */
  wallets: v.array(wallet),
});
const asked = {
  /** Silences and wrong keys in a row. */
  misses: small,
  notice: v.nullable(v.picklist(NOTICES)),
};
const identified = { ...asked, language, caller };
const ofWallet = { ...identified, deviceId: v.string() };
const caseNumber = v.string();

/** The schema of {@link CallState}: what comes out of the database is checked like anything else. */
export const callStateSchema = v.variant("name", [
  /** Greeted; a key chooses the language. */
  message({ name: v.literal("choosing-language"), ...asked }),
  /** The telephone id is asked for. */
  message({
    name: v.literal("entering-id"),
    ...asked,
    language,
    /** Wrong pairs of id and passcode so far. */
    tries: small,
  }),
  /** The passcode is asked for. The id is not looked up before: a wrong one sounds like a right one. */
  message({
    name: v.literal("entering-passcode"),
    ...asked,
    language,
    tries: small,
    telephoneId: v.string(),
  }),
  /** A new wallet: does it show this check number? */
  message({ name: v.literal("comparing-check-number"), ...ofWallet }),
  /** What may be done. */
  message({ name: v.literal("main-menu"), ...identified }),
  /** Several wallets: which one? `page` counts from 0. */
  message({ name: v.literal("choosing-wallet"), ...identified, page: small }),
  /** What may be done for one wallet. */
  message({ name: v.literal("wallet-menu"), ...ofWallet }),
  /**
   * A PIN is set and told. `generation` says which; `count` is the wallet's transaction count, told as well.
   */
  message({ name: v.literal("pin-told"), ...ofWallet, generation: small, count: small }),
  /** The wallet's transaction count is told. */
  message({ name: v.literal("count-told"), ...ofWallet, count: small }),
  /** Shall the wallet be revoked, for good? */
  message({ name: v.literal("confirming-revocation"), ...ofWallet }),
  /** The balance is told. It is read whenever this state is said, and is not in it. */
  message({ name: v.literal("balance-told"), ...identified }),
  /** The last payments are told; as the balance. */
  message({ name: v.literal("payments-told"), ...identified }),
  /** Who holds the account is told; the caller's own hold may be placed or lifted. */
  message({ name: v.literal("hold-menu"), ...identified }),
  /** What is the problem about? */
  message({ name: v.literal("choosing-problem"), ...identified }),
  /** A case is open and its number told. A computer is lost: shall the account be held? */
  message({ name: v.literal("offering-hold"), ...identified, caseNumber }),
  /** The caller speaks after the tone. `opened`: the case was opened just now, its number is told first. */
  message({ name: v.literal("recording"), ...identified, caseNumber, opened: v.boolean() }),
  /** The number is told again. `recorded`: something was said after the tone. */
  message({ name: v.literal("case-told"), ...identified, caseNumber, recorded: v.boolean() }),
  /** The operator's number is told, and the call connected there. */
  message({ name: v.literal("handed-over"), ...identified }),
  /** Goodbye was said, or nobody is there to hear it. `language` is null when none was chosen. */
  message({
    name: v.literal("ended"),
    language: v.nullable(language),
    reason: v.picklist(END_REASONS),
  }),
]);

export type CallState = v.InferOutput<typeof callStateSchema>;
/** A caller who has shown telephone id and passcode. */
export type Caller = v.InferOutput<typeof caller>;
/** A wallet as the telephone knows it. */
export type Wallet = v.InferOutput<typeof wallet>;
/** A state in which the caller is known. */
export type Identified = Extract<CallState, { caller: Caller }>;
/** A state about one wallet. */
export type AboutWallet = Extract<CallState, { deviceId: string }>;
/** The state of one name. */
export type StateOf<Name extends CallState["name"]> = Extract<CallState, { name: Name }>;

/** Where every call begins. */
export const FIRST_STATE: CallState = { name: "choosing-language", misses: 0, notice: null };

/** The part of the wallets that one menu offers. */
export function walletsOfPage(state: StateOf<"choosing-wallet">): {
  offered: readonly Wallet[];
  more: boolean;
} {
  const from = state.page * VRU_LIMITS.walletsInAMenu;
  const offered = state.caller.wallets.slice(from, from + VRU_LIMITS.walletsInAMenu);
  return { offered, more: state.caller.wallets.length > VRU_LIMITS.walletsInAMenu };
}
