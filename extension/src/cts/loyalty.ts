/**
 * Shops that recognise the wallet's owner: nobody does unless the shopper ticks the box in the payment window, shop by
 * shop. Each has a secret of its own, so that nothing is common to what two shops are told.
 */
import { LOYALTY_SECRET_BYTES, loyaltyPseudonym, type Quote } from "@chit/protocol";
import type { LoyaltyView } from "../loyalty-views.ts";
import type { Loyalty } from "./after-sale-records.ts";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import type { Purchase } from "./records.ts";

/**
 * Keeps what the shopper chose for this shop, before the shop is told.
 *
 * @returns the pseudonym to tell, or null: the shop did not ask, or is not to know
 */
export async function chooseLoyalty(
  deps: CtsDeps,
  { shopName, shopOrigin }: Purchase,
  { merchantId, loyalty: asked }: Pick<Quote, "merchantId" | "loyalty">,
  on: boolean,
): Promise<string | null> {
  if (!asked) return null;
  const now = deps.nowSeconds();
  const secret = deps.crypto.randomBytes(LOYALTY_SECRET_BYTES);
  return deps.store.transact(async (transaction) => {
    const known = await transaction.loyalty(merchantId);
    if (!on) {
      if (known?.on) await transaction.putLoyalty({ ...known, on });
      return null;
    }
    const current = known ?? { merchantId, secret, epoch: 0, told: null };
    const told = { first: current.told?.first ?? now, last: now };
    await transaction.putLoyalty({ ...current, on, shopName, shopOrigin, told });
    return loyaltyPseudonym(current.secret, merchantId, current.epoch);
  });
}

/** Whether the box is ticked when the payment window opens; null: the shop does not ask. */
export async function loyaltyChoice(
  { store }: Pick<CtsDeps, "store">,
  { merchantId, loyalty: asked }: Pick<Quote, "merchantId" | "loyalty">,
): Promise<boolean | null> {
  if (!asked) return null;
  return (await store.loyalty(merchantId))?.on ?? false;
}

/**
 * The shop recognises its customer no more: the pseudonym is given up, and a later one is another.
 *
 * @throws {WalletError} `wrong-state`: the shop knows none
 */
export async function stopLoyalty(
  deps: Pick<CtsDeps, "store" | "changed">,
  merchantId: string,
): Promise<void> {
  await deps.store.transact(async (transaction) => {
    const known = await transaction.loyalty(merchantId);
    if (known === undefined) {
      throw new WalletError("wrong-state", "This shop does not recognise you.");
    }
    await transaction.putLoyalty({ ...known, epoch: known.epoch + 1, on: false, told: null });
  });
  deps.changed(null);
}

/** The shops that know a pseudonym of the wallet's owner, told last first. */
export async function loyaltyViews({ store }: Pick<CtsDeps, "store">): Promise<LoyaltyView[]> {
  const views = (await store.loyalties()).flatMap(loyaltyView);
  return views.sort((a, b) => b.lastTold - a.lastTold);
}

function loyaltyView({ merchantId, secret, epoch, on, shopName, shopOrigin, told }: Loyalty) {
  if (told === null) return [];
  const { first, last } = told;
  const pseudonym = loyaltyPseudonym(secret, merchantId, epoch);
  return [{ merchantId, shopName, shopOrigin, on, firstTold: first, lastTold: last, pseudonym }];
}

/**
 * What the wallet keeps of a shop that a backup has too. A later epoch wins, so that a pseudonym that was given up stays
 * so; otherwise what is here stays, be it of another secret.
 */
export function mergedLoyalty(backup: Loyalty, here: Loyalty | undefined): Loyalty | null {
  if (here === undefined) return backup;
  return backup.epoch > here.epoch ? backup : null;
}
