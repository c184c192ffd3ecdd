/** Accounts at the CTS: activation, status, the count by hand after drift, removal. */
import {
  type ActivationLink,
  createAccountStatusRequest,
  createActivation,
  currentSealingKey,
  deviceCheckNumber,
  INITIAL_MODIFIER,
  type KeyList,
  openAccountStatus,
  openActivationResponse,
  parseActivationLink,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import { accountAfterCount, accountAfterStatus, hasNewPin } from "./account-rules.ts";
import { accountOf, changeAccount } from "./account-store.ts";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { askIssuer, factsOf, reachIssuer, verifyIssuerList } from "./issuer.ts";
import { statesThatAre } from "./purchase-state.ts";
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
 * @throws {WalletError} `activation-invalid`, `activation-used`, `too-many-invites`, `issuer-unreachable`; {ChitError} when the
 * operator's answers do not verify.
 */
export async function activate(deps: CtsDeps, text: string, deviceName: string): Promise<Account> {
  const link = readLink(text);
  const deviceKeyId = deviceKeyIdFor(link);
  const known = (await deps.store.accounts()).find((held) => held.deviceKeyId === deviceKeyId);
  // A device that was revoked is not brought back by the link that once made it.
  if (known?.condition === "device-revoked") throw linkUsed();
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
  if (result.outcome === "too-many-devices") {
    throw new WalletError(
      "too-many-invites",
      "Too many wallets of this account wait for their first PIN: call for theirs, or revoke them.",
    );
  }
  if (result.outcome === "refused") {
    throw linkUsed();
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
    countByHand: null,
    balance: null,
    balanceAt: null,
    statusAt: null,
    pendingPurchaseId: null,
    recovery: null,
    returns: null,
  };
  await deps.store.transact((transaction) => transaction.putAccount(account));
  await forgetRevoked(deps, account);
  deps.changed(null);
  return account;
}

/** A wallet that was shut out and set up anew holds the account once, unless the old device has purchases under way. */
async function forgetRevoked(deps: CtsDeps, { issuer, accountId }: Account): Promise<void> {
  const underWay = await deps.store.purchasesIn([
    ...statesThatAre("open"),
    ...statesThatAre("owed"),
  ]);
  for (const old of await deps.store.accounts()) {
    const same = old.issuer === issuer && old.accountId === accountId;
    if (!same || old.condition !== "device-revoked") continue;
    if (underWay.some((one) => "accountKey" in one && one.accountKey === old.accountKey)) continue;
    await deps.store.removeAccount(old.accountKey);
    await deps.deviceKeys.remove(old.deviceKeyId);
  }
}

/** Asks the TPS for the account's balance and state. */
export async function refreshStatus(deps: CtsDeps, accountKey: string): Promise<Account> {
  const status = await askIssuer(deps, accountKey, {
    create: (key, account) =>
      createAccountStatusRequest(deps.crypto, key, account, (message) =>
        deps.deviceKeys.sign(account.deviceKeyId, message),
      ),
    post: postAccountStatus,
    open: (pending, reply) => openAccountStatus(deps.crypto, pending, reply),
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
  if (!hasNewPin(account)) {
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

/** The number that the owner compares with the telephone. */
export function checkNumberOf(account: Account): string {
  return deviceCheckNumber(account.deviceKey);
}

function linkUsed(): WalletError {
  return new WalletError(
    "activation-used",
    "The operator does not take this link: it was used, is out of date, or was withdrawn.",
  );
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
