/**
 * Accounts that a backup brought: of a device that is not here. They finish that device's purchases, which need no more
 * than the operator's pinned keys; and they are connected again as new devices.
 */
import { formatActivationLink } from "@chit/protocol";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import type { Account, FormerAccount } from "./records.ts";

/** The account that a purchase refers to: this device's own, or a former one. @throws {WalletError} `unknown-account` */
export async function holderOf(
  { store }: Pick<CtsDeps, "store">,
  accountKey: string,
): Promise<Account | FormerAccount> {
  const holder = (await store.account(accountKey)) ?? (await store.formerAccount(accountKey));
  if (holder === undefined) {
    throw new WalletError("unknown-account", "The wallet has no such account.");
  }
  return holder;
}

/** The account of this device that stands for `accountKey`: itself, or the same account connected again. */
export async function payingAccountOf(
  { store }: Pick<CtsDeps, "store">,
  accountKey: string,
): Promise<Account | undefined> {
  const own = await store.account(accountKey);
  if (own !== undefined) return own;
  const former = await store.formerAccount(accountKey);
  if (former === undefined) return undefined;
  return (await store.accounts()).find((account) => isSame(account, former) && isAlive(account));
}

/** The former accounts that this device is not connected to, one of each; with a recovery secret where one has it. */
export async function unconnectedAccounts({
  store,
}: Pick<CtsDeps, "store">): Promise<FormerAccount[]> {
  const alive = (await store.accounts()).filter(isAlive);
  const found: FormerAccount[] = [];
  for (const former of await store.formerAccounts()) {
    if (alive.some((account) => isSame(account, former))) continue;
    const at = found.findIndex((one) => isSame(one, former));
    if (at === -1) found.push(former);
    else if (found[at]?.recoverySecret === null) found[at] = former;
  }
  return found;
}

/**
 * The link that makes this computer a new device of a former account.
 *
 * @throws {WalletError} `unknown-account`; `no-recovery`: the backup has no secret for it
 */
export async function recoveryLink(
  deps: Pick<CtsDeps, "store">,
  accountKey: string,
): Promise<string> {
  const former = await deps.store.formerAccount(accountKey);
  if (former === undefined) {
    throw new WalletError("unknown-account", "The wallet has no such account.");
  }
  const { issuer, rootKey, recoverySecret } = former;
  if (recoverySecret === null) {
    throw new WalletError("no-recovery", "Ask the operator for a new activation link.");
  }
  return formatActivationLink({ issuer, rootKey, secret: recoverySecret });
}

function isSame(
  a: Pick<Account, "issuer" | "accountId">,
  b: Pick<Account, "issuer" | "accountId">,
): boolean {
  return a.issuer === b.issuer && a.accountId === b.accountId;
}

const isAlive = ({ condition }: Account) => condition !== "device-revoked";
