/**
 * What the payment window shows for a purchase: one screen, decided in one place. Pure; the words are chosen
 * by keys.
 */
import type { AccountView, FailureView, PurchaseStateName, PurchaseView } from "../../messages.ts";

/** The window's screens. */
export type PaymentScreen =
  /** The offer, to be paid or declined; `problem` says why an attempt came back here. */
  | { readonly name: "confirm"; readonly problem: FailureView | null }
  /** Nothing in the wallet can pay this. */
  | { readonly name: "no-account" }
  /** Somebody else is to pay: the link, until it has happened. */
  | { readonly name: "shared" }
  /** Pay was pressed and it runs by itself. */
  | { readonly name: "progress"; readonly waiting: FailureView | null }
  /** Paid, and everything that was bought is here or announced. */
  | { readonly name: "receipt" }
  /** Paid, but what was bought did not arrive as promised. */
  | { readonly name: "paid-failed"; readonly failure: FailureView }
  /** It ended without a payment. */
  | {
      readonly name: "ended";
      readonly why: "declined" | "expired" | "denied" | "failed";
      readonly failure: FailureView | null;
    };

/**
 * The screen for a purchase.
 *
 * @param now seconds
 */
export function paymentScreen(purchase: PurchaseView, now: number): PaymentScreen {
  switch (purchase.state) {
    case "quoted":
    case "session-initiated":
    case "quote-authenticated":
    case "payer-quoted":
    case "payer-confirmed":
      return beforePayment(purchase, now);
    case "awaiting-payer":
      return { name: "shared" };
    case "payer-requested":
    case "payer-paid":
    case "payment-requested":
    case "paid":
    case "advised":
    case "goods-requested":
    case "recovering":
      return { name: "progress", waiting: purchase.waiting };
    case "complete":
    case "payer-complete":
      return { name: "receipt" };
    case "declined":
      return { name: "ended", why: "declined", failure: null };
    case "denied":
    case "payer-denied":
      return { name: "ended", why: "denied", failure: purchase.failure };
    case "failed":
      return failed(purchase);
  }
}

function beforePayment(purchase: PurchaseView, now: number): PaymentScreen {
  if (purchase.accounts.length === 0) return { name: "no-account" };
  const expired = now > purchase.expiresAt;
  if (purchase.confirmable) {
    return expired
      ? { name: "ended", why: "expired", failure: null }
      : { name: "confirm", problem: purchase.waiting };
  }
  // An offer that nobody confirmed and nobody may confirm any more has run out.
  const shown = purchase.state === "quoted" || purchase.state === "payer-quoted";
  return shown && expired
    ? { name: "ended", why: "expired", failure: null }
    : { name: "progress", waiting: purchase.waiting };
}

function failed(purchase: PurchaseView): PaymentScreen {
  const failure = purchase.failure ?? { code: "internal-error", detail: "" };
  if (isPaid(purchase)) return { name: "paid-failed", failure };
  const expired = failure.code === "expired" || failure.code === "quote-expired";
  return expired
    ? { name: "ended", why: "expired", failure }
    : { name: "ended", why: "failed", failure };
}

/** Whether money has moved, as far as the wallet knows: the signed proof of step 6 is here. */
export function isPaid(purchase: Pick<PurchaseView, "state" | "steps">): boolean {
  switch (purchase.state) {
    case "paid":
    case "advised":
    case "goods-requested":
    case "complete":
    case "recovering":
    case "payer-paid":
    case "payer-complete":
      return true;
    case "failed":
      return purchase.steps.some(({ step }) => step === 6);
    case "quoted":
    case "session-initiated":
    case "quote-authenticated":
    case "awaiting-payer":
    case "payment-requested":
    case "declined":
    case "denied":
    case "payer-quoted":
    case "payer-confirmed":
    case "payer-requested":
    case "payer-denied":
      return false;
  }
}

const UNASKED: readonly PurchaseStateName[] = [
  ...(["quoted", "session-initiated", "quote-authenticated"] as const),
  ...(["payer-quoted", "payer-confirmed"] as const),
];

/** Whether no payment was requested yet: it can still be declined, and nothing can have been paid. */
export function isUnasked(state: PurchaseStateName): boolean {
  return UNASKED.includes(state);
}

/**
 * The accounts to choose from. Once the session is open the choice is made: account and address are part of
 * it.
 */
export function payableAccounts(purchase: PurchaseView): readonly AccountView[] {
  if (purchase.accountKey === null) return purchase.accounts;
  return purchase.accounts.filter(({ accountKey }) => accountKey === purchase.accountKey);
}

/** The account that the window starts with: one that can pay, else the shop's preferred one. */
export function firstAccount(purchase: PurchaseView): string | null {
  const paid = purchase.accounts.find(({ accountKey }) => accountKey === purchase.accountKey);
  const ready = purchase.accounts.find(
    ({ condition }) => condition === "active" || condition === "pin-changed",
  );
  return (paid ?? ready ?? purchase.accounts[0])?.accountKey ?? null;
}

const OVER: readonly PurchaseStateName[] = [
  ...(["complete", "declined", "denied", "failed"] as const),
  ...(["payer-complete", "payer-denied"] as const),
];

/** Whether the window may go away without anything being lost or left open. */
export function isOver(state: PurchaseStateName): boolean {
  return OVER.includes(state);
}

/** How much of an offer's life is left, in the grain in which it is worth saying. */
export function timeLeft(
  expiresAt: number,
  now: number,
): { readonly minutes: number } | { readonly moments: true } | null {
  const seconds = expiresAt - now;
  if (seconds > 3_600) return null;
  return seconds < 60 ? { moments: true } : { minutes: Math.floor(seconds / 60) };
}
