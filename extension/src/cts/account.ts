/** Accounts at the CTS: activation, the issuer's key list (pinned, never older), status, the sealing key. */
import {
  type ActivationLink,
  ChitError,
  createAccountStatusRequest,
  createActivation,
  currentSealingKey,
  deviceCheckNumber,
  INITIAL_MODIFIER,
  type KeyList,
  openAccountStatus,
  openActivationResponse,
  parseActivationLink,
  type SealingKey,
  toBase64url,
  utf8,
  verifyKeyList,
} from "@chit/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import { accountAfterCount, accountAfterStatus } from "./account-rules.ts";
import type { CtsDeps } from "./deps.ts";
import { RefusedError, UnreachableError, WalletError } from "./errors.ts";
import { WALLET_LIMITS } from "./limits.ts";
import type { Account } from "./records.ts";
import { fetchKeyList, postAccountStatus, postActivation } from "./tps-client.ts";

/** An identifier that `text` determines: 16 bytes of its hash, base64url. */
function derivedId(text: string): string {
  return toBase64url(sha256(utf8(text)).slice(0, 16));
}

/**
 * Names the device key of one activation link, so that activating again uses the same key; null when the text
 * is no activation link.
 */
export function deviceKeyIdOf(text: string): string | null {
  try {
    return deviceKeyIdFor(readLink(text));
  } catch {
    return null;
  }
}

function deviceKeyIdFor(link: ActivationLink): string {
  return derivedId(`device ${link.issuer} ${toBase64url(link.secret)}`);
}

/** Reads an activation link and the operator's key list; changes nothing. */
export async function inspectActivation(deps: CtsDeps, text: string): Promise<KeyList> {
  const link = readLink(text);
  return verifyIssuerList(deps, link, await reachIssuer(fetchKeyList(deps, link.issuer)), 0);
}

/**
 * Makes the device key and activates it. Repeated with the same link it uses the same key, and so gets the same
 * answer (a lost reply loses nothing).
 *
 * @throws {WalletError} `activation-invalid`, `activation-used`, `issuer-unreachable`; {ChitError} when the
 * operator's answers do not verify.
 */
export async function activate(deps: CtsDeps, text: string, deviceName: string): Promise<Account> {
  const link = readLink(text);
  const deviceKeyId = deviceKeyIdFor(link);
  const known = (await deps.store.accounts()).find((held) => held.deviceKeyId === deviceKeyId);
  if (known !== undefined) return known;
  const document = await reachIssuer(fetchKeyList(deps, link.issuer));
  const list = verifyIssuerList(deps, link, document, 0);
  const now = deps.nowSeconds();
  const deviceKey = await deps.deviceKeys.create(deviceKeyId);
  const pending = await createActivation(deps.crypto, currentSealingKey(list, now), link, {
    publicKey: deviceKey,
    name: deviceName,
    sign: (message) => deps.deviceKeys.sign(deviceKeyId, message),
  });
  const reply = await reachIssuer(postActivation(deps, link.issuer, pending.body));
  const result = await openActivationResponse(deps.crypto, pending, reply);
  if (result.outcome === "refused") {
    throw new WalletError(
      "activation-used",
      "The operator does not take this link: it was used, is out of date, or was withdrawn.",
    );
  }
  const account: Account = {
    accountKey: derivedId(`${link.issuer} ${result.accountId} ${result.deviceId}`),
    issuer: link.issuer,
    rootKey: link.rootKey,
    keyList: document,
    keyListSequence: list.sequence,
    facts: factsOf(list),
    keyListAt: now,
    accountId: result.accountId,
    deviceId: result.deviceId,
    deviceName,
    deviceKeyId,
    deviceKey,
    modifier: INITIAL_MODIFIER,
    count: 0,
    pinGeneration: 0,
    condition: "awaiting-pin",
    driftGeneration: null,
    balance: null,
    balanceAt: null,
    statusAt: null,
    pendingPurchaseId: null,
  };
  await deps.store.transact((transaction) => transaction.putAccount(account));
  deps.changed(null);
  return account;
}

/** The account's key list, fetched anew when it has expired. */
export async function keyListOf(deps: CtsDeps, account: Account): Promise<KeyList> {
  try {
    return verifyKeyList(deps.crypto, account.rootKey, account.keyList, deps.nowSeconds());
  } catch (error) {
    if (error instanceof ChitError && error.code === "expired") {
      return refreshKeyList(deps, account.accountKey);
    }
    throw error;
  }
}

/** Fetches the issuer's key list and keeps it when it verifies under the pinned root key and is not older. */
export async function refreshKeyList(deps: CtsDeps, accountKey: string): Promise<KeyList> {
  const { issuer, rootKey, keyListSequence } = await accountOf(deps, accountKey);
  const document = await reachIssuer(fetchKeyList(deps, issuer));
  const list = verifyIssuerList(deps, { issuer, rootKey }, document, keyListSequence);
  await changeAccount(deps, accountKey, (account) => ({
    ...account,
    ...(list.sequence < account.keyListSequence
      ? {}
      : { keyList: document, keyListSequence: list.sequence, facts: factsOf(list) }),
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

/** Asks the TPS for the account's balance and state. */
export async function refreshStatus(deps: CtsDeps, accountKey: string): Promise<Account> {
  const account = await accountOf(deps, accountKey);
  const ask = async () => {
    const key = await sealingKeyFor(deps, await accountOf(deps, accountKey));
    const pending = await createAccountStatusRequest(deps.crypto, key, account, (message) =>
      deps.deviceKeys.sign(account.deviceKeyId, message),
    );
    const reply = await reachIssuer(postAccountStatus(deps, account.issuer, pending.body));
    return openAccountStatus(deps.crypto, pending, reply);
  };
  const status = await ask().catch(async (error: unknown) => {
    if (!(error instanceof RefusedError && error.code === "sealing-key-unknown")) throw error;
    await refreshKeyList(deps, accountKey);
    return ask();
  });
  if (status.outcome === "refused") {
    throw new WalletError("device-unknown", "The operator does not know this device.");
  }
  return changeAccount(deps, accountKey, (current) =>
    accountAfterStatus(current, status, deps.nowSeconds()),
  );
}

/**
 * After drift: takes over the count that the telephone told, once the PIN was set anew as well.
 *
 * @throws {WalletError} `new-pin-needed`, `wrong-state`
 */
export async function setTransactionCount(
  deps: CtsDeps,
  accountKey: string,
  count: number,
): Promise<Account> {
  const account = await refreshStatus(deps, accountKey);
  if (account.condition !== "out-of-sequence" || account.pendingPurchaseId !== null) {
    throw new WalletError("wrong-state", "The account is not out of sequence.");
  }
  if (account.pinGeneration <= (account.driftGeneration ?? 0)) {
    throw new WalletError(
      "new-pin-needed",
      "Ask the telephone service for a new PIN too: the old one may be known to someone.",
    );
  }
  return changeAccount(deps, accountKey, (current) => accountAfterCount(current, count));
}

/** Forgets an account that never paid, or whose device was revoked. */
export async function removeAccount(deps: CtsDeps, accountKey: string): Promise<void> {
  const account = await accountOf(deps, accountKey);
  const unused = account.count === 0 || account.condition === "device-revoked";
  if (!unused || account.pendingPurchaseId !== null) {
    throw new WalletError("wrong-state", "Only an account that never paid can be removed.");
  }
  await deps.store.removeAccount(accountKey);
  await deps.deviceKeys.remove(account.deviceKeyId);
  deps.changed(null);
}

/** The account of this key. @throws {WalletError} `unknown-account` */
export async function accountOf(
  deps: Pick<CtsDeps, "store">,
  accountKey: string,
): Promise<Account> {
  const account = await deps.store.account(accountKey);
  if (account === undefined) {
    throw new WalletError("unknown-account", "The wallet has no such account.");
  }
  return account;
}

/** The number that the owner compares with the telephone. */
export function checkNumberOf(account: Account): string {
  return deviceCheckNumber(account.deviceKey);
}

async function changeAccount(
  deps: CtsDeps,
  accountKey: string,
  change: (account: Account) => Account,
): Promise<Account> {
  const changed = await deps.store.transact(async (transaction) => {
    const account = await transaction.account(accountKey);
    if (account === undefined) {
      throw new WalletError("unknown-account", "The wallet has no such account.");
    }
    const next = change(account);
    await transaction.putAccount(next);
    return next;
  });
  deps.changed(null);
  return changed;
}

function factsOf({ operator, telephone, currency, scale }: KeyList): Account["facts"] {
  return { operator, telephone, currency, scale };
}

function readLink(text: string): ActivationLink {
  try {
    return parseActivationLink(text);
  } catch (cause) {
    throw new WalletError(
      "activation-invalid",
      "This is not an activation link. Copy the whole link.",
      { cause },
    );
  }
}

function verifyIssuerList(
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

async function reachIssuer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    throw new WalletError("issuer-unreachable", error.message, { cause: error });
  }
}
