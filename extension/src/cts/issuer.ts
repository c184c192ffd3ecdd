/**
 * The issuer as an account knows it: its key list (pinned, never an older one), the key that requests are sealed to, and
 * the sealed exchanges of a device with the TPS outside of payments.
 */
import {
  type ActivationLink,
  ChitError,
  currentSealingKey,
  type KeyList,
  type PendingExchange,
  type SealingKey,
  verifyKeyList,
} from "@chit/protocol";
import { accountOf, changeAccount } from "./account-store.ts";
import type { CtsDeps } from "./deps.ts";
import { RefusedError, UnreachableError, WalletError } from "./errors.ts";
import { holderOf } from "./former-accounts.ts";
import { WALLET_LIMITS } from "./limits.ts";
import type { Account } from "./records.ts";
import { fetchKeyList } from "./tps-client.ts";

/** The account's key list, fetched anew when it has expired. */
export async function keyListOf(
  deps: CtsDeps,
  account: Pick<Account, "accountKey" | "rootKey" | "keyList">,
): Promise<KeyList> {
  try {
    return verifyKeyList(deps.crypto, account.rootKey, account.keyList, deps.nowSeconds());
  } catch (error) {
    if (error instanceof ChitError && error.code === "expired") {
      return refreshKeyList(deps, account.accountKey);
    }
    throw error;
  }
}

/**
 * Fetches the issuer's key list and keeps it when it verifies under the pinned root key and is not older; for a former
 * account too.
 */
export async function refreshKeyList(deps: CtsDeps, accountKey: string): Promise<KeyList> {
  const { issuer, rootKey, keyListSequence } = await holderOf(deps, accountKey);
  const document = await reachIssuer(fetchKeyList(deps, issuer));
  const list = verifyIssuerList(deps, { issuer, rootKey }, document, keyListSequence);
  const fresh = { keyList: document, keyListSequence: list.sequence, facts: factsOf(list) };
  if ((await deps.store.account(accountKey)) === undefined) {
    await deps.store.transact(async (transaction) => {
      const former = await transaction.formerAccount(accountKey);
      if (former === undefined || list.sequence < former.keyListSequence) return;
      await transaction.putFormerAccount({ ...former, ...fresh });
    });
    return list;
  }
  await changeAccount(deps, accountKey, (account) => ({
    ...account,
    ...(list.sequence < account.keyListSequence ? {} : fresh),
    keyListAt: deps.nowSeconds(),
  }));
  return list;
}

/** The key that the account's next request is sealed to; asks for the key list when it is a day old. */
export async function sealingKeyFor(deps: CtsDeps, account: Account): Promise<SealingKey> {
  const now = deps.nowSeconds();
  const stale = now - account.keyListAt > WALLET_LIMITS.keyListSeconds;
  const list = stale
    ? await refreshKeyList(deps, account.accountKey).catch(() => keyListOf(deps, account))
    : await keyListOf(deps, account);
  try {
    return currentSealingKey(list, now);
  } catch {
    return currentSealingKey(await refreshKeyList(deps, account.accountKey), now);
  }
}

/** One sealed exchange: how its request is made for a key, sent, and its reply opened. */
export interface SealedExchange<T> {
  create(key: SealingKey, account: Account): Promise<PendingExchange>;
  post(deps: CtsDeps, issuer: string, body: Uint8Array): Promise<Uint8Array>;
  open(pending: PendingExchange, reply: Uint8Array): Promise<T>;
}

/**
 * Runs a sealed exchange of the account's device with its TPS; once more under the issuer's new key where the TPS
 * does not hold the one that it was sealed to.
 *
 * @throws {WalletError} `unknown-account`, `issuer-unreachable`; {RefusedError}; {ChitError} when the reply does not
 * verify
 */
export async function askIssuer<T>(
  deps: CtsDeps,
  accountKey: string,
  exchange: SealedExchange<T>,
): Promise<T> {
  const ask = async () => {
    const account = await accountOf(deps, accountKey);
    const pending = await exchange.create(await sealingKeyFor(deps, account), account);
    const reply = await reachIssuer(exchange.post(deps, account.issuer, pending.body));
    return exchange.open(pending, reply);
  };
  return ask().catch(async (error: unknown) => {
    if (!(error instanceof RefusedError && error.code === "sealing-key-unknown")) throw error;
    await refreshKeyList(deps, accountKey);
    return ask();
  });
}

/** What the key list says for people. */
export function factsOf({ operator, telephone, currency, scale }: KeyList): Account["facts"] {
  return { operator, telephone, currency, scale };
}

/**
 * The key list of a document that the pinned issuer signed.
 *
 * @param known the sequence that is held already; an older list is refused
 */
export function verifyIssuerList(
  deps: CtsDeps,
  pinned: Pick<ActivationLink, "issuer" | "rootKey">,
  document: string,
  known: number,
): KeyList {
  const list = verifyKeyList(deps.crypto, pinned.rootKey, document, deps.nowSeconds(), known);
  if (list.iss === pinned.issuer) return list;
  throw new ChitError(
    "transaction-mismatch",
    `The key list is of ${list.iss}, not of ${pinned.issuer}.`,
  );
}

/** Waits for an answer of the issuer. @throws {WalletError} `issuer-unreachable` */
export async function reachIssuer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    throw new WalletError("issuer-unreachable", error.message, { cause: error });
  }
}
