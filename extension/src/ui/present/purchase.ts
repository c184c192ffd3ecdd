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
      return beforePayment(purchase, now);
    case "payment-requested":
    case "paid":
    case "advised":
    case "goods-requested":
    case "recovering":
      return { name: "progress", waiting: purchase.waiting };
    case "complete":
      return { name: "receipt" };
    case "declined":
      return { name: "ended", why: "declined", failure: null };
    case "denied":
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
  return purchase.state === "quoted" && expired
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
      return true;
    case "failed":
      return purchase.steps.some(({ step }) => step === 6);
    case "quoted":
    case "session-initiated":
    case "quote-authenticated":
    case "payment-requested":
    case "declined":
    case "denied":
      return false;
  }
}

/** Whether no payment was requested yet: it can still be declined, and nothing can have been paid. */
export function isUnasked(state: PurchaseStateName): boolean {
  return state === "quoted" || state === "session-initiated" || state === "quote-authenticated";
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

/** Whether the window may go away without anything being lost or left open. */
export function isOver(state: PurchaseStateName): boolean {
  return state === "complete" || state === "declined" || state === "denied" || state === "failed";
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
