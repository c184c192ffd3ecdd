/** How a purchase is written: what happened to it, or what it waits for. On disk when the promise resolves. */
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { type PurchaseEvent, transition } from "./purchase-state.ts";
import type { Purchase } from "./records.ts";

/** Writes what happened, in one go; true. The purchase is read anew: the shopper may have declined meanwhile. */
export async function commit(
  deps: Pick<CtsDeps, "store" | "nowSeconds" | "changed">,
  { purchaseId }: Purchase,
  ...events: PurchaseEvent[]
): Promise<true> {
  const changed = await deps.store.transact(async (transaction) => {
    const current = await transaction.purchase(purchaseId);
    if (current === undefined) {
      throw new WalletError("unknown-purchase", "The wallet has no such purchase.");
    }
    const now = deps.nowSeconds();
    const next = events.reduce((purchase, event) => transition(purchase, event, now), current);
    await transaction.putPurchase(next);
    return next;
  });
  deps.changed(changed);
  return true;
}

/** Writes what the purchase waits for, unless it went on meanwhile. `retryAt` null: it waits for somebody. */
export async function setWaiting(
  deps: Pick<CtsDeps, "store" | "changed">,
  purchase: Purchase,
  code: string,
  detail: string,
  tries = 0,
  retryAt: number | null = null,
): Promise<void> {
  const changed = await deps.store.transact(async (transaction) => {
    const current = await transaction.purchase(purchase.purchaseId);
    if (current === undefined || current.state !== purchase.state) return null;
    const next: Purchase = { ...current, waiting: { code, detail, tries, retryAt } };
    await transaction.putPurchase(next);
    return next;
  });
  if (changed !== null) deps.changed(changed);
}
