/** What `purchase-state.ts` is made of: the pieces of purchases that several transitions keep, drop or add. Pure. */
import type { DenialReason } from "@chit/protocol";
import { WalletError } from "./errors.ts";
import type {
  Failure,
  Purchase,
  PurchaseIn,
  PurchaseStateName,
  StepNumber,
  StoredRequest,
} from "./records.ts";

/** The purchase, if it is in one of the states. @throws {WalletError} `wrong-state` */
export function expectState<S extends PurchaseStateName>(
  purchase: Purchase,
  event: string,
  ...states: S[]
): PurchaseIn<S> {
  if ((states as string[]).includes(purchase.state)) return purchase as PurchaseIn<S>;
  throw new WalletError("wrong-state", `A purchase that is ${purchase.state} cannot be ${event}.`);
}

/** The purchase with these steps done; what it waited for is over. */
export function moved<P extends Pick<Purchase, "steps" | "waiting">>(
  purchase: P,
  now: number,
  ...steps: StepNumber[]
): P {
  const done = steps.map((step) => ({ step, at: now }));
  return { ...purchase, steps: [...purchase.steps, ...done], waiting: null };
}

/** Step 5, by the initiator or by whoever pays for it. */
export function requested(purchase: Purchase, request: StoredRequest, now: number): Purchase {
  const at = expectState(purchase, "payment-requested", "quote-authenticated", "payer-confirmed");
  const { wrongPin: _, ...from } = at;
  return from.state === "payer-confirmed"
    ? { ...moved(from, now, 5), state: "payer-requested", request }
    : { ...moved(from, now, 5), state: "payment-requested", request };
}

/** Step 6 judged nothing: step 5 may come again. */
export function returned(
  purchase: Purchase,
  because: Failure,
  wrongPin: { readonly attemptsLeft: number } | null,
): Purchase {
  const at = expectState(purchase, "request-returned", "payment-requested", "payer-requested");
  const { request: _, ...from } = at;
  const waiting = { ...because, tries: 0, retryAt: null };
  const steps = from.steps.filter(({ step }) => step !== 5);
  return from.state === "payer-requested"
    ? { ...from, steps, waiting, state: "payer-confirmed", wrongPin }
    : { ...from, steps, waiting, state: "quote-authenticated", wrongPin };
}

/** Step 6 brought a proof, or the shop told the initiator of somebody else's. */
export function paid(purchase: Purchase, proof: string, now: number): Purchase {
  if (purchase.state === "awaiting-payer") {
    return { ...moved(purchase, now, 6), state: "paid", proof };
  }
  const at = expectState(purchase, "paid", "payment-requested", "payer-requested");
  const { request: _, ...from } = at;
  return from.state === "payer-requested"
    ? { ...moved(from, now, 6), state: "payer-paid", proof }
    : { ...moved(from, now, 6), state: "paid", proof };
}

/** Step 6 brought a denial. */
export function denied(
  purchase: Purchase,
  { denial, reason }: { readonly denial: string; readonly reason: DenialReason },
  now: number,
): Purchase {
  const at = expectState(purchase, "denied", "payment-requested", "payer-requested");
  const { request: _, ...from } = at;
  const why = { denial, reason, forwarded: false };
  return from.state === "payer-requested"
    ? { ...moved(from, now, 6), state: "payer-denied", ...why }
    : { ...moved(from, now, 6), state: "denied", ...why };
}

/** What came of earlier redeliveries is over when there is another. */
export function withoutRedelivery(purchase: PurchaseIn<"complete" | "goods-requested">) {
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
export function commonOf(purchase: Purchase) {
  const { purchaseId, createdAt, shopName, shopOrigin, quoteUrl, quote, quoteHash, issuer, tabId } =
    purchase;
  const common = { purchaseId, createdAt, shopName, shopOrigin, quoteUrl, quote, quoteHash };
  const role = "role" in purchase && purchase.role !== undefined ? { role: purchase.role } : {};
  return { ...common, issuer, tabId, ...role, steps: purchase.steps, waiting: null };
}
