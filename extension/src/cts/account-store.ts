/** Accounts as records: read, and changed in one transaction. */
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import type { Account } from "./records.ts";

/** The account of this key. @throws {WalletError} `unknown-account` */
export async function accountOf(
  deps: Pick<CtsDeps, "store">,
  accountKey: string,
): Promise<Account> {
  const account = await deps.store.account(accountKey);
  if (account === undefined) throw unknownAccount();
  return account;
}

/**
 * Writes what `change` makes of the account as it is on disk now.
 *
 * @throws {WalletError} `unknown-account`
 */
export async function changeAccount(
  deps: Pick<CtsDeps, "store" | "changed">,
  accountKey: string,
  change: (account: Account) => Account,
): Promise<Account> {
  const changed = await deps.store.transact(async (transaction) => {
    const account = await transaction.account(accountKey);
    if (account === undefined) throw unknownAccount();
    const next = change(account);
    await transaction.putAccount(next);
    return next;
  });
  deps.changed(null);
  return changed;
}

/** Keeps that the TPS revoked this device. Once: pages ask again after every change. */
export async function keepRevoked(
  deps: Pick<CtsDeps, "store" | "changed">,
  accountKey: string,
): Promise<void> {
  if ((await accountOf(deps, accountKey)).condition === "device-revoked") return;
  await changeAccount(deps, accountKey, (account) => ({ ...account, condition: "device-revoked" }));
}

function unknownAccount(): WalletError {
  return new WalletError("unknown-account", "The wallet has no such account.");
}
