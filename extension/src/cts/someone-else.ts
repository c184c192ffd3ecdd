/**
 * Someone else pays, at the initiator (PROTOCOL.md, section 8): the link is shared, and the shop is asked with the token
 * whether anybody has paid. The proof that it then tells is verified as the wallet's own is, and forwarded as ever.
 */
import {
  createRecoveryRequest,
  decodeCertificate,
  merchantSealingKey,
  openRecoveryAcknowledgment,
  payerLink,
  payerQuoteUrl,
  type RecoveryWish,
} from "@chit/protocol";
import { commit, setWaiting } from "./commit.ts";
import type { CtsDeps } from "./deps.ts";
import { NoAccountError, UnreachableError, WalletError } from "./errors.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { postRecovery } from "./mts-client.ts";
import { pauseAfter } from "./pauses.ts";
import { verifyVerdictFor } from "./payment.ts";
import type { PurchaseEvent } from "./purchase-state.ts";
import { quoteOf } from "./quote-of.ts";
import type { Account, Purchase, PurchaseIn, StoredSession } from "./records.ts";

/** Whether the shop of a quote has a page for whoever pays for somebody else. */
export function hasPayerPage({ quote }: Pick<Purchase, "quote">): boolean {
  return quoteOf({ quote }).payerUrl !== undefined;
}

/** The purchase of this wallet whose link leads to this quote: its own owner has opened it. */
export async function sharedAt(
  { store }: Pick<CtsDeps, "store">,
  quoteUrl: string,
): Promise<Purchase | undefined> {
  const shared = await store.purchasesIn(["awaiting-payer"]);
  return shared.find((one) => "payLink" in one && payerQuoteUrl(one.payLink ?? "") === quoteUrl);
}

/** The account whose operator's keys the shop was checked with; it needs no PIN and pays nothing. */
export async function vouchingAccount(
  { store }: Pick<CtsDeps, "store">,
  { issuer }: Purchase,
): Promise<Account> {
  const account = (await store.accounts()).find((one) => one.issuer === issuer);
  if (account === undefined) throw new NoAccountError([issuer]);
  return account;
}

/**
 * The link to share.
 *
 * @throws {WalletError} `no-payer-link`: the shop has no page for whoever pays for somebody else
 */
export function payLinkFor(
  { quote, quoteHash }: Pick<Purchase, "quote" | "quoteHash">,
  session: Pick<StoredSession, "key" | "sessionHash" | "sealedHash">,
): string {
  const decoded = quoteOf({ quote });
  const { payerUrl } = decoded;
  if (payerUrl === undefined) {
    throw new WalletError("no-payer-link", "This shop cannot be paid by somebody else.");
  }
  return payerLink(session, { ...decoded, quoteHash }, payerUrl);
}

/**
 * Asks the shop whether anybody has paid; if not, it is asked again, after ever longer pauses.
 *
 * @returns true: something changed
 */
export async function awaitPayer(
  deps: CtsDeps,
  purchase: PurchaseIn<"awaiting-payer">,
): Promise<true> {
  const event = await askWhetherPaid(deps, purchase);
  if (event !== null) return commit(deps, purchase, event);
  const known = purchase.waiting?.code === "awaiting-payer" ? purchase.waiting.tries : 0;
  const retryAt = deps.nowSeconds() + pauseAfter(known + 1);
  const detail = "Nobody has paid yet.";
  await setWaiting(deps, purchase, "awaiting-payer", detail, known + 1, retryAt);
  return true;
}

/** What asking the shop came to: somebody paid, nobody did in time, or not yet (null). */
async function askWhetherPaid(
  deps: CtsDeps,
  purchase: PurchaseIn<"awaiting-payer">,
): Promise<PurchaseEvent | null> {
  const { expiresAt } = quoteOf(purchase);
  const paid = await somebodysPayment(deps, purchase, "payment");
  if (paid !== null) return paid;
  if (deps.nowSeconds() <= expiresAt + WALLET_LIMITS.payerGraceSeconds) return null;
  return { type: "failed", failure: { code: "nobody-paid", detail: "Nobody paid in time." } };
}

/**
 * Has the shop take the link out of use, and asks whether somebody has paid before.
 *
 * @returns the payment; null: nobody has paid, and nobody new can
 * @throws {WalletError} `shop-unreachable` …: nothing has changed, the link still works
 */
export function callOffLink(
  deps: CtsDeps,
  purchase: PurchaseIn<"awaiting-payer">,
): Promise<PurchaseEvent | null> {
  return somebodysPayment(deps, purchase, "call-off").catch((error: unknown) => {
    if (!(error instanceof UnreachableError)) throw error;
    throw new WalletError("shop-unreachable", error.message, { cause: error });
  });
}

/**
 * The payment of whoever it was, if there is one and it is genuine: signed by the operator, for this quote and amount.
 *
 * @throws {ChitError} when the answer or the proof is not genuine
 */
async function somebodysPayment(
  deps: CtsDeps,
  purchase: PurchaseIn<"awaiting-payer">,
  wish: "payment" | "call-off",
): Promise<PurchaseEvent | null> {
  const quote = quoteOf(purchase);
  const key = merchantSealingKey(decodeCertificate(quote.certificate));
  const wished: RecoveryWish = { wish, token: purchase.session.key.token };
  const request = await createRecoveryRequest(deps.crypto, key, quote, wished);
  const reply = await postRecovery(deps, quote.recoveryUrl, request.body);
  const answer = await openRecoveryAcknowledgment(deps.crypto, request, reply);
  if (answer.answer !== "payment" || answer.proof === null) return null;
  await verifyVerdictFor(deps, purchase, "proof", answer.proof);
  return { type: "paid", proof: answer.proof };
}
