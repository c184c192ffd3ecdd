/** Steps 5 and 6 at the CTS: the request-for-payment, committed before it is sent, and what its answer changes. */
import {
  ChitError,
  createRequestForPayment,
  currentSealingKey,
  modifyPin,
  openPaymentResponse as openResponse,
  type PaymentResponse,
  type Verdict,
  verifyVerdict,
} from "@chit/protocol";
import { accountAfterResponse } from "./account-rules.ts";
import { accountOf } from "./account-store.ts";
import type { CtsDeps } from "./deps.ts";
import { type RefusedError, WalletError } from "./errors.ts";
import { holderOf } from "./former-accounts.ts";
import { keyListOf, refreshKeyList, sealingKeyFor } from "./issuer.ts";
import { paymentUnknown, type Requested, settleRestored } from "./payment-restored.ts";
import { type PurchaseEvent, transition } from "./purchase-state.ts";
import { quoteOf } from "./quote-of.ts";
import type { Failure, OwnRequest, Purchase, PurchaseIn, StoredRequest } from "./records.ts";

/**
 * Step 5: makes the request and commits it. What is committed tests no guessed PIN; PIN, modified PIN, tag and
 * HPKE context end with this function.
 */
export async function requestPayment(
  deps: CtsDeps,
  purchase: PurchaseIn<"quote-authenticated" | "payer-confirmed">,
  pin: string,
): Promise<Purchase> {
  const account = await accountOf(deps, purchase.accountKey);
  const quote = quoteOf(purchase);
  const sealingKey = await sealingKeyFor(deps, account);
  const prepared = await createRequestForPayment(
    deps.crypto,
    sealingKey,
    { ...quote, quoteHash: purchase.quoteHash, issuer: account.issuer },
    account,
    modifyPin(pin, account.modifier),
    (message) => deps.deviceKeys.sign(account.deviceKeyId, message),
  );
  const request: OwnRequest = {
    ...prepared,
    count: account.count,
    pinGeneration: account.pinGeneration,
    sealingKeyId: sealingKey.kid,
  };
  const now = deps.nowSeconds();
  const requested = await deps.store.transact(async (transaction) => {
    const current = await transaction.account(account.accountKey);
    const waiting = await transaction.purchase(purchase.purchaseId);
    if (current === undefined || waiting === undefined) {
      throw new WalletError("unknown-account", "The account was removed meanwhile.");
    }
    // The scheduler keeps requests apart; this is the second lock.
    if (current.pendingPurchaseId !== null || current.count !== account.count) {
      throw new WalletError("account-busy", "Another payment of this account is under way.");
    }
    const next = transition(waiting, { type: "payment-requested", request }, now);
    await transaction.putAccount({ ...current, pendingPurchaseId: purchase.purchaseId });
    await transaction.putPurchase(next);
    return next;
  });
  deps.changed(requested);
  return requested;
}

/**
 * Step 6: reads the answer to a request. A proof or denial is believed when the TPS's signature verifies, for
 * whoever can read the disk could make the rest of it (threat 10). Account and purchase change together.
 *
 * @throws {ChitError} when the answer is not genuine; nothing has changed then
 */
export async function openPaymentResponse(
  deps: CtsDeps,
  purchase: Requested,
  reply: Uint8Array,
): Promise<Purchase> {
  const response = await openResponse(deps.crypto, purchase.request, reply);
  if (response.outcome === "paid") await verifyVerdictFor(deps, purchase, "proof", response.proof);
  if (response.outcome === "denied") {
    await verifyVerdictFor(deps, purchase, "denial", response.denial);
  }
  const { request } = purchase;
  if (!isOwn(request)) return settleRestored(deps, purchase, response);
  return settle(deps, purchase, eventOf(response), (account, now) =>
    accountAfterResponse(account, request, response, now),
  );
}

/**
 * The TPS does not hold the key that the request is sealed to. When it has a new one, the request is dropped
 * and another may be made under the same count: should the TPS have judged the first after all, it answers the
 * second `out-of-sequence`, and pays nothing twice.
 */
export async function replaceSealingKey(
  deps: CtsDeps,
  purchase: Requested,
  refused: RefusedError,
): Promise<Purchase> {
  const list = await refreshKeyList(deps, purchase.accountKey);
  const { kid } = currentSealingKey(list, deps.nowSeconds());
  if (kid === purchase.request.sealingKeyId) throw refused;
  if (!isOwn(purchase.request)) throw paymentUnknown(refused.code);
  const because = { code: "pin-needed", detail: "The operator changed its key: confirm again." };
  const event = { type: "request-returned", because, wrongPin: null } as const;
  return settle(deps, purchase, event, (account) => ({ ...account, pendingPurchaseId: null }));
}

/** Made by this device; others came with a backup. */
function isOwn(request: StoredRequest): request is OwnRequest {
  return "count" in request;
}

/**
 * Verifies a proof or denial under the operator's keys, and that it is for this purchase's quote; whoever told it.
 *
 * @throws {ChitError} when it is not genuine; {WalletError} `issuer-unreachable`: its key may be new
 */
export async function verifyVerdictFor(
  deps: CtsDeps,
  purchase: Pick<Requested, "accountKey" | "quote" | "quoteHash">,
  verdict: Verdict,
  document: string,
): Promise<void> {
  const account = await holderOf(deps, purchase.accountKey);
  const expected = { ...quoteOf(purchase), quoteHash: purchase.quoteHash };
  const list = await keyListOf(deps, account);
  try {
    verifyVerdict(deps.crypto, list, verdict, document, expected);
  } catch (error) {
    if (!(error instanceof ChitError && error.code === "signing-key-unknown")) throw error;
    // The issuer may have begun to sign with a new key.
    const fresh = await refreshKeyList(deps, account.accountKey);
    verifyVerdict(deps.crypto, fresh, verdict, document, expected);
  }
}

/** Account and purchase in one transaction, and only while this very request is under way. */
async function settle(
  deps: CtsDeps,
  purchase: Requested,
  event: PurchaseEvent,
  change: (
    account: Awaited<ReturnType<typeof accountOf>>,
    now: number,
  ) => Awaited<ReturnType<typeof accountOf>>,
): Promise<Purchase> {
  const now = deps.nowSeconds();
  const settled = await deps.store.transact(async (transaction) => {
    const account = await transaction.account(purchase.accountKey);
    const current = await transaction.purchase(purchase.purchaseId);
    if (account?.pendingPurchaseId !== purchase.purchaseId || current === undefined) {
      throw new WalletError("wrong-state", "This request is not under way any more.");
    }
    const next = transition(current, event, now);
    await transaction.putAccount(change(account, now));
    await transaction.putPurchase(next);
    return next;
  });
  deps.changed(settled);
  return settled;
}

function eventOf(response: PaymentResponse): PurchaseEvent {
  const returned = (code: string, detail: string, attemptsLeft?: number): PurchaseEvent => {
    const because: Failure = { code, detail };
    const wrongPin = attemptsLeft === undefined ? null : { attemptsLeft };
    return { type: "request-returned", because, wrongPin };
  };
  switch (response.outcome) {
    case "paid":
      return { type: "paid", proof: response.proof };
    case "denied":
      return { type: "denied", denial: response.denial, reason: response.reason };
    case "wrong-pin":
      return returned("wrong-pin", "The PIN was wrong.", response.attemptsLeft);
    case "pin-locked":
      return returned("pin-locked", "Too many wrong PINs: call the telephone service.");
    case "awaiting-pin":
      return returned("awaiting-pin", "Call the telephone service for the first PIN.");
    case "pin-changed":
      return returned("pin-changed", "The PIN was set anew by telephone: type the new one.");
    case "out-of-sequence":
      return returned("out-of-sequence", "The account may have been used elsewhere.");
    case "device-revoked":
      return returned("device-revoked", "This device was revoked.");
    case "refused":
      return returned("device-unknown", "The operator does not know this device.");
  }
}
