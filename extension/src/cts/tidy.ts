/** Copies of goods that the shopper did not want to keep go after a day: time enough to save them as files. */
import type { CtsDeps } from "./deps.ts";
import { WALLET_LIMITS } from "./limits.ts";

/** Deletes the copies that are past their time; whatever is kept or still arriving stays. */
export async function tidyGoods(
  deps: Pick<CtsDeps, "store" | "goods" | "nowSeconds" | "changed">,
): Promise<void> {
  if ((await deps.store.settings()).keepGoods) return;
  const latest = deps.nowSeconds() - WALLET_LIMITS.unkeptGoodsSeconds;
  for (const purchase of await deps.store.purchasesIn(["complete"])) {
    if (purchase.state !== "complete" || (purchase.steps.at(-1)?.at ?? 0) > latest) continue;
    for (const { goodsId } of purchase.advice.goods) {
      const { verified } = await deps.goods.progress(purchase.purchaseId, goodsId);
      if (!verified) continue;
      await deps.goods.remove(purchase.purchaseId, goodsId);
      deps.changed(purchase);
    }
  }
}
