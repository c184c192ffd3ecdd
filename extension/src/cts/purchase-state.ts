/**
 * The states of a purchase at the CTS and the pure transitions between them. A state is on disk before the
 * effect that it names is begun, so that a wallet killed at any moment goes on from its disk.
 *
 *     quoted → session-initiated → quote-authenticated ⇄ payment-requested → paid → advised → goods-requested → complete
 *        └─────────────┴──→ declined, failed ←┘                └→ denied            └──────────────────────────┘
 *     goods again: complete → recovering → goods-requested → complete
 */
import type { Address, DenialReason, ShippingAdvice } from "@chit/protocol";
import { WalletError } from "./errors.ts";
import type {
  Failure,
  FreshSession,
  Purchase,
  PurchaseIn,
  PurchaseStateName,
  StepNumber,
  StoredRecovery,
  StoredRequest,
  StoredSession,
} from "./records.ts";

/** What each state means, and what the wallet does in it by itself after a restart. */
export const PURCHASE_STATES = {
  /** The quote is verified and shown; the shopper decides. Nothing to do. */
  quoted: "open",
  /** Confirmed; the initiation is on disk. It is sent, again if need be, until step 4 verifies. */
  "session-initiated": "open",
  /** The shop proved that the quote is its own. Needs the PIN: after a restart the shopper types it again. */
  "quote-authenticated": "open",
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
    }
  /** Step 4 verified. */
  | { readonly type: "quote-authenticated" }
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
  /** Step 6 brought a verified proof. */
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
      const { accountKey, address, session } = event;
      const from = expectState(purchase, event.type, "quoted");
      return { ...moved(from, now, 3), state: "session-initiated", accountKey, address, session };
    }
    case "quote-authenticated": {
      const from = expectState(purchase, event.type, "session-initiated");
      return { ...moved(from, now, 4), state: "quote-authenticated", wrongPin: null };
    }
    case "account-connected": {
      const from = expectState(purchase, event.type, "quote-authenticated");
      return { ...from, accountKey: event.accountKey };
    }
    case "payment-requested": {
      const { wrongPin: _, ...from } = expectState(purchase, event.type, "quote-authenticated");
      return { ...moved(from, now, 5), state: "payment-requested", request: event.request };
    }
    case "request-returned": {
      const { request: _, ...from } = expectState(purchase, event.type, "payment-requested");
      const waiting = { ...event.because, tries: 0, retryAt: null };
      const steps = from.steps.filter(({ step }) => step !== 5);
      return { ...from, steps, waiting, state: "quote-authenticated", wrongPin: event.wrongPin };
    }
    case "paid": {
      const { request: _, ...from } = expectState(purchase, event.type, "payment-requested");
      return { ...moved(from, now, 6), state: "paid", proof: event.proof };
    }
    case "denied": {
      const { request: _, ...from } = expectState(purchase, event.type, "payment-requested");
      const { denial, reason } = event;
      return { ...moved(from, now, 6), state: "denied", denial, reason, forwarded: false };
    }
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
    case "denial-forwarded":
      return { ...expectState(purchase, event.type, "denied"), forwarded: true, waiting: null };
    case "declined":
      expectState(purchase, event.type, ...OPEN);
      return { ...commonOf(purchase), state: "declined" };
    case "failed":
      expectState(purchase, event.type, ...OPEN);
      return { ...commonOf(purchase), state: "failed", failure: event.failure };
  }
}

const OPEN = ["quoted", "session-initiated", "quote-authenticated"] as const;

function expectState<S extends PurchaseStateName>(
  purchase: Purchase,
  event: string,
  ...states: S[]
): PurchaseIn<S> {
  if ((states as string[]).includes(purchase.state)) return purchase as PurchaseIn<S>;
  throw new WalletError("wrong-state", `A purchase that is ${purchase.state} cannot be ${event}.`);
}

/** The purchase with these steps done; what it waited for is over. */
function moved<P extends Pick<Purchase, "steps" | "waiting">>(
  purchase: P,
  now: number,
  ...steps: StepNumber[]
): P {
  const done = steps.map((step) => ({ step, at: now }));
  return { ...purchase, steps: [...purchase.steps, ...done], waiting: null };
}

/** What came of earlier redeliveries is over when there is another. */
function withoutRedelivery(purchase: PurchaseIn<"complete" | "goods-requested">) {
  switch (purchase.state) {
    case "complete": {
      const { redeliveredAt: _, notAgain: __, ...rest } = purchase;
      return { ...rest, waiting: null };
    }
    case "goods-requested": {
      const { fresh: _, ...rest } = purchase;
      return { ...rest, waiting: null };
    }
  }
}

/** What every state has: the session's keys of a purchase that was never requested are dropped. */
function commonOf(purchase: Purchase) {
  const { purchaseId, createdAt, shopName, shopOrigin, quoteUrl, quote, quoteHash, issuer, tabId } =
    purchase;
  const common = { purchaseId, createdAt, shopName, shopOrigin, quoteUrl, quote, quoteHash };
  return { ...common, issuer, tabId, steps: purchase.steps, waiting: null };
}
