/** What does not stay for ever: offers that came to nothing, and copies of goods that were not to be kept. */
import type { CtsDeps } from "./deps.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { quoteOf } from "./quote-of.ts";
import type { Purchase, PurchaseIn, PurchaseStateName } from "./records.ts";

const NEVER_CONFIRMED: readonly PurchaseStateName[] = [
  "quoted",
  "payer-quoted",
  "declined",
  "failed",
];

/** Deletes the offers that are over and were never confirmed, a day after they were seen. */
export async function tidyOffers(
  deps: Pick<CtsDeps, "store" | "nowSeconds" | "changed">,
): Promise<void> {
  const now = deps.nowSeconds();
  const seen = await deps.store.purchasesIn([...NEVER_CONFIRMED]);
  const over = seen.filter((purchase) => isForgettable(purchase, now));
  if (over.length === 0) return;
  await deps.store.transact(async (transaction) => {
    for (const { purchaseId } of over) {
      // Looked at again: the shopper may have confirmed it in the quote's last second.
      const current = await transaction.purchase(purchaseId);
      if (current === undefined || !isForgettable(current, now)) continue;
      await transaction.removePurchase(purchaseId);
    }
  });
  deps.changed(null);
}

/** Whether nothing of a purchase ever happened but steps 1 and 2, and nothing can any more. */
function isForgettable({ state, steps, createdAt, quote }: Purchase, now: number): boolean {
  if (!NEVER_CONFIRMED.includes(state) || steps.some(({ step }) => step > 2)) return false;
  if (createdAt + WALLET_LIMITS.unconfirmedSeconds >= now) return false;
  // A declined offer that could still be paid would be offered anew.
  return quoteOf({ quote }).expiresAt < now;
}

/**
 * Deletes the copies of goods that the shopper did not want to keep, after a day: time enough to save them as
 * files. Whatever is kept or still arriving stays.
 */
export async function tidyGoods(
  deps: Pick<CtsDeps, "store" | "goods" | "nowSeconds" | "changed">,
): Promise<void> {
  if ((await deps.store.settings()).keepGoods) return;
  const latest = deps.nowSeconds() - WALLET_LIMITS.unkeptGoodsSeconds;
  for (const purchase of await deps.store.purchasesIn(["complete"])) {
    if (purchase.state !== "complete" || cameAt(purchase) > latest) continue;
    for (const { goodsId } of purchase.advice.goods) {
      const { verified } = await deps.goods.progress(purchase.purchaseId, goodsId);
      if (!verified) continue;
      await deps.goods.remove(purchase.purchaseId, goodsId);
      deps.changed(purchase);
    }
  }
}

/** When the goods came, for the first time or again. */
function cameAt({ steps, redeliveredAt }: PurchaseIn<"complete">): number {
  return redeliveredAt ?? steps.at(-1)?.at ?? 0;
}
