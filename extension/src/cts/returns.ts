/**
 * Money that came back: the account's TPS tells it, whoever began the refund. It is matched with the wallet's purchases
 * by the payment's name, the `jti` of the proof.
 */
import { type AccountMovement, amountToWire, decodeProof, parseAmount } from "@chit/protocol";
import { refreshStatus } from "./account.ts";
import { askRecords } from "./account-records.ts";
import { accountOf } from "./account-store.ts";
import type { Return } from "./after-sale-records.ts";
import type { CtsDeps } from "./deps.ts";
import { WALLET_LIMITS } from "./limits.ts";
import type { Account, Purchase } from "./records.ts";

/**
 * Asks what came back since the last time, and keeps it. An account that may not ask, or was asked a moment ago, is left
 * alone.
 *
 * @throws {WalletError | RefusedError | ChitError} as `askRecords` does
 */
export async function refreshReturns(deps: CtsDeps, accountKey: string): Promise<void> {
  const account = await accountOf(deps, accountKey);
  if (!mayAsk(account, deps.nowSeconds())) return;
  let found = 0;
  for (let page = 0; page < WALLET_LIMITS.returnPages; page += 1) {
    const { returns } = await accountOf(deps, accountKey);
    const told = await askRecords(deps, accountKey, {
      wish: "movements",
      after: returns?.after ?? null,
    });
    found += await keep(deps, accountKey, told);
    if (!told.more) break;
  }
  if (found === 0) return;
  deps.changed(null);
  // The balance that is shown has it too.
  await refreshStatus(deps, accountKey);
}

function mayAsk({ condition, returns }: Account, now: number): boolean {
  if (condition === "awaiting-pin" || condition === "device-revoked") return false;
  return returns === null || Math.abs(now - returns.askedAt) >= WALLET_LIMITS.returnsSeconds;
}

/** Movements and the place behind them are kept together: none is kept twice, none is left out. */
function keep(
  deps: CtsDeps,
  accountKey: string,
  told: { readonly movements: readonly AccountMovement[]; readonly next: string },
): Promise<number> {
  return deps.store.transact(async (transaction) => {
    const account = await transaction.account(accountKey);
    if (account === undefined) return 0;
    let found = 0;
    for (const movement of told.movements) {
      if (movement.kind !== "refund") continue;
      const { paymentId, orderId, amount, at } = movement;
      if ((await transaction.returned(paymentId, orderId)) !== undefined) continue;
      const wire = amountToWire(amount);
      const seen = false;
      await transaction.putReturn({ paymentId, orderId, accountKey, amount: wire, at, seen });
      found += 1;
    }
    const askedAt = deps.nowSeconds();
    await transaction.putAccount({ ...account, returns: { after: told.next, askedAt } });
    return found;
  });
}

/** The name of the purchase's payment; null: not paid. */
export function paymentIdOf(purchase: Purchase): string | null {
  return "proof" in purchase ? decodeProof(purchase.proof).jti : null;
}

/**
 * What came back of the purchase's payment, oldest first. Only the operator that took the money can say so: another one,
 * who knows the payment's name of the shop, would make the shopper believe that nothing is left to ask for.
 */
export async function returnsOf(
  { store }: Pick<CtsDeps, "store">,
  purchase: Purchase,
): Promise<Return[]> {
  if (!("proof" in purchase)) return [];
  const { jti, iss } = decodeProof(purchase.proof);
  const named = (await store.returns()).filter(({ paymentId }) => paymentId === jti);
  if (named.length === 0) return named;
  const holders = [...(await store.accounts()), ...(await store.formerAccounts())];
  const elsewhere = new Set(
    holders.filter(({ issuer }) => issuer !== iss).map(({ accountKey }) => accountKey),
  );
  const returns = named.filter(({ accountKey }) => !elsewhere.has(accountKey));
  return returns.sort((a, b) => a.at - b.at);
}

/** Smallest units. */
export function sumOf(returns: readonly Return[]): bigint {
  return returns.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
}

/** What came back lately and was not looked at yet, newest first. */
export async function newReturns({
  store,
  nowSeconds,
}: Pick<CtsDeps, "store" | "nowSeconds">): Promise<Return[]> {
  const oldest = nowSeconds() - WALLET_LIMITS.returnNoticeSeconds;
  const fresh = (await store.returns()).filter(({ seen, at }) => !seen && at >= oldest);
  return fresh.sort((a, b) => b.at - a.at);
}

/** The notices of these were put away. */
export async function seeReturns(
  deps: Pick<CtsDeps, "store" | "changed">,
  ids: readonly Pick<Return, "paymentId" | "orderId">[],
): Promise<void> {
  await deps.store.transact(async (transaction) => {
    for (const { paymentId, orderId } of ids) {
      const known = await transaction.returned(paymentId, orderId);
      if (known !== undefined) await transaction.putReturn({ ...known, seen: true });
    }
  });
  deps.changed(null);
}
