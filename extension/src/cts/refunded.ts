/** A purchase of which all is given back goes no further, wherever it was on its way to the goods. */
import type { CtsDeps } from "./deps.ts";
import { RefusedError } from "./errors.ts";
import type { Purchase } from "./records.ts";
import { askRefundState, isFullyRefunded, isRefundable } from "./refund.ts";

/** Does `act`, the purchase's next step, unless there is none any more. True: something changed. */
export async function unlessRefunded(
  deps: CtsDeps,
  purchase: Purchase,
  act: () => Promise<boolean>,
): Promise<boolean> {
  if (await restsRefunded(deps, purchase)) return false;
  try {
    return await act();
  } catch (error) {
    if (await isRefundedInstead(deps, purchase, error)) return true;
    throw error;
  }
}

/**
 * Whether the shop delivers nothing because all of it was given back. Its problem says so to anybody who answers in its
 * place: it counts when the shop says it under the session too.
 *
 * @throws as `askRefundState`
 */
async function isRefundedInstead(
  deps: CtsDeps,
  purchase: Purchase,
  error: unknown,
): Promise<boolean> {
  const told = error instanceof RefusedError && error.code === "refunded";
  if (!told || !isRefundable(purchase)) return false;
  await askRefundState(deps, purchase);
  return isFullyRefunded(await deps.store.refund(purchase.purchaseId));
}

/**
 * Whether the purchase goes no further because all of it is given back: then it waits for nobody. What was under way
 * for its goods ends here.
 */
async function restsRefunded(
  deps: Pick<CtsDeps, "store" | "changed">,
  { purchaseId, state }: Purchase,
): Promise<boolean> {
  if (state !== "paid" && state !== "advised" && state !== "goods-requested") return false;
  if (!isFullyRefunded(await deps.store.refund(purchaseId))) return false;
  const changed = await deps.store.transact(async (transaction) => {
    const current = await transaction.purchase(purchaseId);
    if (current === undefined || current.waiting === null) return null;
    const next = { ...current, waiting: null };
    await transaction.putPurchase(next);
    return next;
  });
  if (changed !== null) deps.changed(changed);
  return true;
}
