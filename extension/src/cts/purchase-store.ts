/** Purchases as records: read. They are changed by `commit.ts`. */
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import type { Purchase } from "./records.ts";

/** The purchase of this id. @throws {WalletError} `unknown-purchase` */
export async function purchaseOf(
  deps: Pick<CtsDeps, "store">,
  purchaseId: string,
): Promise<Purchase> {
  const purchase = await deps.store.purchase(purchaseId);
  if (purchase === undefined) {
    throw new WalletError("unknown-purchase", "The wallet has no such purchase.");
  }
  return purchase;
}
