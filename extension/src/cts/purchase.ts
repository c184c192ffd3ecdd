/**
 * A purchase at the CTS as one ladder: steps 1 to 10 of the paper from top to bottom. `climb` does the one thing
 * that a purchase's state asks for; whoever calls it again and again (`runner.ts`) brings the purchase to its
 * end. Each rung commits before its effect, so any of them may be the last before the wallet is killed.
 *
 *     step   here                                        the MTS or TPS
 *     1–2    fetchQuote (quote.ts)                       issueQuote
 *     3–4    initiateSession, verifyQuoteAuthentication  authenticateQuote
 *     5–6    requestPayment, openPaymentResponse         payment.process
 *     7–8    forwardProof, verifyShippingAdvice          acceptProof
 *     9–10   sendForGoods, openGoods (goods.ts)          deliverGoods
 *     again  askForGoods (redelivery.ts)                 answerRecovery
 *     Someone else pays: awaitPayer (someone-else.ts) at the initiator; whyNotToPay, forwardForReceipt (payer.ts)
 */
import {
  adviceRequestMac,
  ChitError,
  createForward,
  createSessionInitiation,
  merchantSealingKey,
  type SessionTold,
  type ShippingAdvice,
  verifyShippingAdvice as verifyAdvice,
  verifyQuoteAuthentication as verifyAuthentication,
} from "@chit/protocol";
import { commit, setWaiting } from "./commit.ts";
import type { CtsDeps } from "./deps.ts";
import { RefusedError } from "./errors.ts";
import { holderOf } from "./former-accounts.ts";
import { openGoods } from "./goods.ts";
import { postProof, postSession } from "./mts-client.ts";
import { forwardForReceipt, whyNotToPay } from "./payer.ts";
import { openPaymentResponse, replaceSealingKey, requestPayment } from "./payment.ts";
import type { Requested } from "./payment-restored.ts";
import type { PurchaseEvent } from "./purchase-state.ts";
import { verifyStoredQuote } from "./quote.ts";
import { quoteOf } from "./quote-of.ts";
import type { Account, Purchase, PurchaseIn } from "./records.ts";
import { askForGoods, mustAskAgain, wishForGoods } from "./redelivery.ts";
import type { Scheduler } from "./scheduler.ts";
import { awaitPayer, payLinkFor } from "./someone-else.ts";
import { postPayment } from "./tps-client.ts";

/** What goes with a purchase in memory alone. */
export interface Hand {
  /** As typed for this payment, or null. */
  readonly pin: string | null;
  /** Called once the TPS has answered. */
  readonly dropPin: () => void;
  /** Fires when somebody wants the purchase to be looked at again. */
  readonly signal: AbortSignal;
}

/**
 * Does what the purchase's state asks for.
 *
 * @returns whether something changed; false: nothing is left to do, or the shopper must do it
 */
export async function climb(
  deps: CtsDeps,
  scheduler: Scheduler,
  purchase: Purchase,
  hand: Hand,
): Promise<boolean> {
  switch (purchase.state) {
    case "quoted":
    case "payer-quoted":
      return expireQuote(deps, purchase);
    case "session-initiated":
      if (await expireQuote(deps, purchase)) return true;
      return verifyQuoteAuthentication(deps, purchase);
    case "quote-authenticated":
    case "payer-confirmed":
      if (await expireQuote(deps, purchase)) return true;
      return requestInTurn(deps, scheduler, purchase, hand);
    case "awaiting-payer":
      return awaitPayer(deps, purchase);
    case "payment-requested":
    case "payer-requested":
      return receivePayment(deps, scheduler, purchase, hand);
    case "payer-paid":
      return commit(deps, purchase, await forwardForReceipt(deps, purchase));
    case "paid":
      return verifyShippingAdvice(deps, purchase, await forwardProof(deps, purchase));
    case "advised":
      return commit(deps, purchase, sendForGoods(purchase.advice));
    case "goods-requested":
      return commit(deps, purchase, await fetchGoods(deps, purchase));
    case "recovering":
      return commit(deps, purchase, await askForGoods(deps, purchase));
    case "denied":
    case "payer-denied":
      return forwardDenial(deps, purchase);
    case "complete":
    case "payer-complete":
    case "declined":
    case "failed":
      return false;
  }
}

/**
 * Step 3, when the shopper confirms: makes the session and commits it; it is sent by the next rung.
 *
 * @param bySomebodyElse the purchase then waits for somebody else's payment
 */
export async function initiateSession(
  deps: CtsDeps,
  purchase: PurchaseIn<"quoted">,
  account: Account,
  told: SessionTold,
  bySomebodyElse = false,
): Promise<void> {
  const { quote, certificate, hash } = await verifyStoredQuote(deps, purchase, account);
  const { body, session } = await createSessionInitiation(
    deps.crypto,
    merchantSealingKey(certificate),
    { ...quote, quoteHash: hash },
    told,
  );
  await commit(deps, purchase, {
    type: "session-initiated",
    accountKey: account.accountKey,
    address: told.address,
    session: { ...session, initiation: body },
    ...(bySomebodyElse ? { payLink: payLinkFor(purchase, session) } : {}),
  });
}

/** Steps 3 and 4: sends the initiation; no payment is requested before the answer verifies. */
async function verifyQuoteAuthentication(
  deps: CtsDeps,
  purchase: PurchaseIn<"session-initiated">,
): Promise<boolean> {
  const quote = quoteOf(purchase);
  const { session, quoteHash } = purchase;
  const answer = await postSession(deps, quote.sessionUrl, session.initiation);
  verifyAuthentication(session, { ...quote, quoteHash }, answer);
  return commit(deps, purchase, { type: "quote-authenticated" });
}

/** Step 5, when it is this purchase's turn at its account and the PIN was typed. */
async function requestInTurn(
  deps: CtsDeps,
  scheduler: Scheduler,
  purchase: PurchaseIn<"quote-authenticated" | "payer-confirmed">,
  hand: Hand,
): Promise<boolean> {
  const { accountKey, purchaseId } = purchase;
  if (hand.pin === null) {
    if (purchase.waiting === null) {
      const [code, detail] = (await isFromBackup(deps, purchase))
        ? ["restored-unpaid", "Not paid when the backup was made; perhaps since, elsewhere."]
        : ["pin-needed", "Type the PIN and press Pay again."];
      await setWaiting(deps, purchase, code, detail);
    }
    return false;
  }
  if (scheduler.mustWait(accountKey, purchaseId)) {
    await setWaiting(deps, purchase, "account-busy", "Another payment comes first.");
  }
  if (!(await scheduler.enter(accountKey, purchaseId, hand.signal))) return true;
  // Time has passed in line: the shopper may have declined, the quote may have expired.
  const current = await deps.store.purchase(purchaseId);
  try {
    const unpaid = current?.state === "quote-authenticated" || current?.state === "payer-confirmed";
    if (unpaid && !(await endUnpayable(deps, current))) {
      await requestPayment(deps, current, hand.pin);
      return true;
    }
  } catch (error) {
    scheduler.leave(accountKey, purchaseId);
    throw error;
  }
  scheduler.leave(accountKey, purchaseId);
  return true;
}

/** Whether a payer must not pay any more: the purchase ends here then. */
async function endUnpayable(
  deps: CtsDeps,
  current: PurchaseIn<"quote-authenticated" | "payer-confirmed">,
): Promise<boolean> {
  if (await expireQuote(deps, current)) return true;
  const failure = current.state === "payer-confirmed" ? await whyNotToPay(deps, current) : null;
  return failure !== null && commit(deps, current, { type: "failed", failure });
}

/** Steps 5 and 6: sends the identical bytes until the answer is here and genuine. */
async function receivePayment(
  deps: CtsDeps,
  scheduler: Scheduler,
  purchase: Requested,
  hand: Hand,
): Promise<boolean> {
  const { accountKey, purchaseId } = purchase;
  await scheduler.enter(accountKey, purchaseId);
  const { issuer } = await holderOf(deps, accountKey);
  try {
    const reply = await postPayment(deps, issuer, purchase.request.body);
    await openPaymentResponse(deps, purchase, reply);
    hand.dropPin();
  } catch (error) {
    if (!(error instanceof RefusedError && error.code === "sealing-key-unknown")) throw error;
    await replaceSealingKey(deps, purchase, error);
  }
  scheduler.leave(accountKey, purchaseId);
  return true;
}

/** Step 7: forwards the proof, with the key list for a shop that does not know its key yet. */
async function forwardProof(deps: CtsDeps, purchase: PurchaseIn<"paid">): Promise<Uint8Array> {
  const quote = quoteOf(purchase);
  const { session, proof, quoteHash } = purchase;
  const mac = adviceRequestMac(session, { ...quote, quoteHash }, proof);
  try {
    return await postProof(deps, quote.proofUrl, createForward("proof", proof, { mac }));
  } catch (error) {
    if (!(error instanceof RefusedError && error.code === "signing-key-unknown")) throw error;
    const { keyList } = await holderOf(deps, purchase.accountKey);
    return postProof(deps, quote.proofUrl, createForward("proof", proof, { mac, keyList }));
  }
}

/** Step 8: reads what the shop advises. */
async function verifyShippingAdvice(
  deps: CtsDeps,
  purchase: PurchaseIn<"paid">,
  body: Uint8Array,
): Promise<boolean> {
  const subject = { ...quoteOf(purchase), quoteHash: purchase.quoteHash };
  const advice = verifyAdvice(purchase.session, subject, body);
  checkGoodsUrl(advice, purchase.shopOrigin);
  return commit(deps, purchase, { type: "advised", advice }, sendForGoods(advice));
}

function checkGoodsUrl({ goods, sendGoodsUrl }: ShippingAdvice, shopOrigin: string): void {
  if (goods.length === 0 && sendGoodsUrl === null) return;
  if (sendGoodsUrl !== null && new URL(sendGoodsUrl).origin === shopOrigin) return;
  throw new ChitError("malformed-message", "The advice sends for goods at another origin.");
}

/** Step 9: what there is to send for will be sent for; what comes by carrier is on its way. */
function sendForGoods({ goods }: ShippingAdvice): PurchaseEvent {
  return { type: goods.length > 0 ? "goods-requested" : "completed" };
}

/** Steps 9 and 10 for everything that is missing. */
async function fetchGoods(
  deps: CtsDeps,
  purchase: PurchaseIn<"goods-requested">,
): Promise<PurchaseEvent> {
  try {
    for (const item of purchase.advice.goods) await openGoods(deps, purchase, item);
  } catch (error) {
    if (!mustAskAgain(deps, purchase, error)) throw error;
    return wishForGoods(deps, purchase);
  }
  return { type: "completed" };
}

/** Tells the shop of a denial, once: it needs not know. */
async function forwardDenial(
  deps: CtsDeps,
  purchase: PurchaseIn<"denied" | "payer-denied">,
): Promise<boolean> {
  if (purchase.forwarded) return false;
  const { proofUrl } = quoteOf(purchase);
  await postProof(deps, proofUrl, createForward("denial", purchase.denial)).catch(() => undefined);
  return commit(deps, purchase, { type: "denial-forwarded" });
}

type Unrequested = PurchaseIn<
  "quoted" | "session-initiated" | "quote-authenticated" | "payer-quoted" | "payer-confirmed"
>;

/** Ends a purchase whose quote expired before any payment was requested. */
async function expireQuote(deps: CtsDeps, purchase: Unrequested): Promise<boolean> {
  if (deps.nowSeconds() <= quoteOf(purchase).expiresAt) return false;
  const failure = (await isFromBackup(deps, purchase))
    ? { code: "restored-expired", detail: "Not paid when the backup was made; perhaps since." }
    : { code: "quote-expired", detail: "The quote has expired. Nothing was paid." };
  return commit(deps, purchase, { type: "failed", failure });
}

/** Begun by another device: whether that one has paid since the backup was made, nobody knows here. */
async function isFromBackup(
  { store }: Pick<CtsDeps, "store">,
  purchase: Unrequested,
): Promise<boolean> {
  if (!("accountKey" in purchase)) return false;
  return (await store.account(purchase.accountKey)) === undefined;
}
