/**
 * Step 6 for a request that came with a backup. The identical bytes are sent as ever, and debit at most once. But the
 * device that made them is not this one: the answer changes the purchase and no account, and where the TPS has gone on
 * since, nobody here can know any more whether that purchase was paid.
 */
import type { PaymentResponse } from "@chit/protocol";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { type PurchaseEvent, transition } from "./purchase-state.ts";
import type { Purchase, PurchaseIn } from "./records.ts";

/** A request-for-payment is under way, by the initiator or by whoever pays for it. */
export type Requested = PurchaseIn<"payment-requested" | "payer-requested">;

/**
 * What the answer makes of the purchase; its proof or denial is verified already.
 *
 * @throws {WalletError} `payment-unknown`: the TPS keeps the answer no more
 */
export async function settleRestored(
  deps: CtsDeps,
  { purchaseId }: Requested,
  response: PaymentResponse,
): Promise<Purchase> {
  const event = eventOf(response);
  if (event === null) throw paymentUnknown(response.outcome);
  const settled = await deps.store.transact(async (transaction) => {
    const current = await transaction.purchase(purchaseId);
    if (current === undefined) {
      throw new WalletError("unknown-purchase", "The wallet has no such purchase.");
    }
    const next = transition(current, event, deps.nowSeconds());
    await transaction.putPurchase(next);
    return next;
  });
  deps.changed(settled);
  return settled;
}

/** The payment may have been made or not: only the account's list of payments tells. */
export function paymentUnknown(outcome: string): WalletError {
  return new WalletError(
    "payment-unknown",
    `The operator does not keep its answer to this payment any more (${outcome}).`,
  );
}

/** Null: the answer says nothing of this payment. */
function eventOf(response: PaymentResponse): PurchaseEvent | null {
  switch (response.outcome) {
    case "paid":
      return { type: "paid", proof: response.proof };
    case "denied":
      return { type: "denied", denial: response.denial, reason: response.reason };
    case "wrong-pin": {
      // Told for this request's own place in the sequence: so it was not paid.
      const because = { code: "pin-needed", detail: "Nothing was paid: type this device's PIN." };
      return { type: "request-returned", because, wrongPin: null };
    }
    // All of these the TPS finds before it looks at the place in the sequence, which may be long past.
    case "pin-locked":
    case "awaiting-pin":
    case "pin-changed":
    case "out-of-sequence":
    case "device-revoked":
    case "refused":
      return null;
  }
}
