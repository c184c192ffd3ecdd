/**
 * The states of a purchase at the CTS and the pure transitions between them. A state is on disk before the
 * effect that it names is begun, so that a wallet killed at any moment goes on from its disk.
 *
 *     quoted → session-initiated → quote-authenticated ⇄ payment-requested → paid → advised → goods-requested → complete
 *        └─────────────┴──→ declined, failed ←┘                └→ denied            └──────────────────────────┘
 *     goods again: complete → recovering → goods-requested → complete
 *     someone else pays, at the initiator: session-initiated, quote-authenticated → awaiting-payer → paid
 *     … and at the payer: payer-quoted → payer-confirmed ⇄ payer-requested → payer-paid → payer-complete
 *                              └───────────┴──→ declined, failed    └→ payer-denied
 */
import type { Address, DenialReason, ShippingAdvice } from "@chit/protocol";
import {
  commonOf,
  denied,
  expectState,
  moved,
  paid,
  requested,
  returned,
  withoutRedelivery,
} from "./purchase-moves.ts";
import type {
  Failure,
  FreshSession,
  Purchase,
  PurchaseStateName,
  StoredRecovery,
  StoredRequest,
  StoredSession,
} from "./records.ts";
import type { PaymentStanding } from "./schemas.ts";

/** What each state means, and what the wallet does in it by itself after a restart. */
export const PURCHASE_STATES = {
  /** The quote is verified and shown; the shopper decides. Nothing to do. */
  quoted: "open",
  /** Confirmed; the initiation is on disk. It is sent, again if need be, until step 4 verifies. */
  "session-initiated": "open",
  /** The shop proved that the quote is its own. Needs the PIN: after a restart the shopper types it again. */
  "quote-authenticated": "open",
  /** Somebody else is to pay, by the link. The shop is asked whether anybody has, until well after the quote expired. */
  "awaiting-payer": "open",
  /** The request is on disk. Its identical bytes are sent until the TPS's answer is here. */
  "payment-requested": "owed",
  /** The proof-of-payment is verified and on disk. It is forwarded until the shop advises. */
  paid: "owed",
  /** The shipping advice is verified. What is to be sent for is sent for. */
  advised: "owed",
  /** Goods are coming; each run of chunks is on disk before the next. */
  "goods-requested": "owed",
  /** Everything is here, or on its way by carrier. */
  complete: "settled",
  /** Goods are wanted again; the recovery request is on disk. Its identical bytes are sent until the shop answers. */
  recovering: "owed",
  /** The shopper did not want it. */
  declined: "settled",
  /** The TPS refused, with a signed denial. The shop is told, as far as it listens. */
  denied: "settled",
  /** Ended before any payment was requested. */
  failed: "settled",
  /** Somebody else's quote is verified and shown; whoever was given the link decides. */
  "payer-quoted": "open",
  /** Confirmed. Needs the PIN: after a restart it is typed again. */
  "payer-confirmed": "open",
  /** As `payment-requested`. */
  "payer-requested": "owed",
  /** The proof-of-payment is verified and on disk. It is forwarded until the shop gives a receipt. */
  "payer-paid": "owed",
  /** The shop has the proof. The goods are the initiator's. */
  "payer-complete": "settled",
  /** As `denied`. */
  "payer-denied": "settled",
} as const satisfies Record<PurchaseStateName, "open" | "owed" | "settled">;

/** The states of one of the three kinds. */
export function statesThatAre(kind: "open" | "owed" | "settled"): PurchaseStateName[] {
  const names = Object.keys(PURCHASE_STATES) as PurchaseStateName[];
  return names.filter((name) => PURCHASE_STATES[name] === kind);
}

/** What happened to a purchase. */
export type PurchaseEvent =
  /** Step 3 is prepared. */
  | {
      readonly type: "session-initiated";
      readonly accountKey: string;
      readonly address: Address | null;
      readonly session: StoredSession;
      /** Given where somebody else is to pay. */
      readonly payLink?: string;
    }
  /** Step 4 verified. */
  | { readonly type: "quote-authenticated" }
  /** Somebody else is to pay. */
  | { readonly type: "payer-asked"; readonly payLink: string }
  /** The link is called off: the initiator pays. */
  | { readonly type: "payer-called-off" }
  /** Whoever was given a link wants to pay from this account. */
  | { readonly type: "payer-confirmed"; readonly accountKey: string }
  /** The shop has the proof that this wallet forwarded for somebody else. */
  | { readonly type: "receipted"; readonly payment: PaymentStanding }
  /** It came with a backup: another device of the account pays than the one that began. */
  | { readonly type: "account-connected"; readonly accountKey: string }
  /** Step 5 is prepared. */
  | { readonly type: "payment-requested"; readonly request: StoredRequest }
  /** Step 6 said that nothing was judged (a wrong PIN, say): another request may be made. */
  | {
      readonly type: "request-returned";
      readonly because: Failure;
      readonly wrongPin: { readonly attemptsLeft: number } | null;
    }
  /** Step 6 brought a verified proof, or somebody else's payment did. */
  | { readonly type: "paid"; readonly proof: string }
  /** Step 6 brought a verified denial. */
  | { readonly type: "denied"; readonly denial: string; readonly reason: DenialReason }
  /** Step 8 verified. */
  | { readonly type: "advised"; readonly advice: ShippingAdvice }
  /** Step 9 begins. */
  | { readonly type: "goods-requested" }
  /** Nothing is left to do. */
  | { readonly type: "completed" }
  /** Goods are wanted again. */
  | { readonly type: "redelivery-wished"; readonly recovery: StoredRecovery }
  /** The shop acknowledged it. */
  | { readonly type: "redelivery-given"; readonly fresh: FreshSession }
  /** The shop gives them no more, or did not answer. */
  | { readonly type: "redelivery-refused"; readonly failure: Failure }
  | { readonly type: "denial-forwarded" }
  | { readonly type: "declined" }
  | { readonly type: "failed"; readonly failure: Failure };

/**
 * The purchase after `event`, at `now` (seconds).
 *
 * @throws {WalletError} `wrong-state` when the event cannot happen in the purchase's state.
 */
export function transition(purchase: Purchase, event: PurchaseEvent, now: number): Purchase {
  switch (event.type) {
    case "session-initiated": {
      const { type, ...begun } = event;
      const from = expectState(purchase, type, "quoted");
      return { ...moved(from, now, 3), state: "session-initiated", ...begun };
    }
    case "quote-authenticated": {
      const from = expectState(purchase, event.type, "session-initiated");
      const { payLink } = from;
      return payLink === undefined
        ? { ...moved(from, now, 4), state: "quote-authenticated", wrongPin: null }
        : { ...moved(from, now, 4), state: "awaiting-payer", payLink };
    }
    case "account-connected": {
      const from = expectState(purchase, event.type, "quote-authenticated", "payer-confirmed");
      return { ...from, accountKey: event.accountKey };
    }
    case "payment-requested":
      return requested(purchase, event.request, now);
    case "request-returned":
      return returned(purchase, event.because, event.wrongPin);
    case "paid":
      return paid(purchase, event.proof, now);
    case "denied":
      return denied(purchase, event, now);
    case "advised": {
      const from = expectState(purchase, event.type, "paid");
      return { ...moved(from, now, 7, 8), state: "advised", advice: event.advice };
    }
    case "goods-requested": {
      const from = expectState(purchase, event.type, "advised");
      return { ...moved(from, now, 9), state: "goods-requested" };
    }
    case "completed": {
      const from = expectState(purchase, event.type, "advised", "goods-requested");
      if (from.state === "advised") return { ...moved(from, now), state: "complete" };
      const { fresh, ...rest } = from;
      // The steps are those of the purchase, each once.
      const isFirst = !from.steps.some(({ step }) => step === 10);
      const done = isFirst ? moved(rest, now, 10) : moved(rest, now);
      return fresh === undefined
        ? { ...done, state: "complete" }
        : { ...done, state: "complete", redeliveredAt: now };
    }
    case "redelivery-wished": {
      const from = expectState(purchase, event.type, "complete", "goods-requested");
      return { ...withoutRedelivery(from), state: "recovering", recovery: event.recovery };
    }
    case "redelivery-given": {
      const { recovery: _, ...from } = expectState(purchase, event.type, "recovering");
      return { ...moved(from, now), state: "goods-requested", fresh: event.fresh };
    }
    case "redelivery-refused": {
      const { recovery: _, ...from } = expectState(purchase, event.type, "recovering");
      return { ...moved(from, now), state: "complete", notAgain: event.failure };
    }
    case "payer-asked": {
      const from = expectState(purchase, event.type, "quote-authenticated");
      const { wrongPin: _, ...rest } = from;
      return { ...moved(rest, now), state: "awaiting-payer", payLink: event.payLink };
    }
    case "payer-called-off": {
      const { payLink: _, ...from } = expectState(purchase, event.type, "awaiting-payer");
      return { ...moved(from, now), state: "quote-authenticated", wrongPin: null, calledOff: true };
    }
    case "payer-confirmed": {
      const from = expectState(purchase, event.type, "payer-quoted");
      const { accountKey } = event;
      return { ...moved(from, now), state: "payer-confirmed", accountKey, wrongPin: null };
    }
    case "receipted": {
      const from = expectState(purchase, event.type, "payer-paid");
      return { ...moved(from, now, 7), state: "payer-complete", payment: event.payment };
    }
    case "denial-forwarded": {
      const from = expectState(purchase, event.type, "denied", "payer-denied");
      return { ...from, forwarded: true, waiting: null };
    }
    case "declined": {
      const from = expectState(purchase, event.type, ...OPEN);
      const shared = from.state === "awaiting-payer" ? { calledOff: true as const } : {};
      return { ...commonOf(purchase), ...shared, state: "declined" };
    }
    case "failed":
      expectState(purchase, event.type, ...OPEN);
      return { ...commonOf(purchase), state: "failed", failure: event.failure };
  }
}

const OPEN = [
  ...["quoted", "session-initiated", "quote-authenticated", "awaiting-payer"],
  ...["payer-quoted", "payer-confirmed"],
] as const;
