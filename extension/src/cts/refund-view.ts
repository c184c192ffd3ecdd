/** Refunds as the pages see them. */
import { amountToWire, decodeProof, parseAmount } from "@chit/protocol";
import type { RefundView, ReturnNotice, ReturnView } from "../refund-views.ts";
import type { Refund, Return } from "./after-sale-records.ts";
import type { CtsDeps } from "./deps.ts";
import { quoteOf } from "./quote-of.ts";
import type { Purchase } from "./records.ts";
import { isFullyRefunded, isRefundable, isRefundOpen, settledOf } from "./refund.ts";
import { newReturns, paymentIdOf, returnsOf, sumOf } from "./returns.ts";

/** Null: nothing was paid. */
export async function refundView(deps: CtsDeps, purchase: Purchase): Promise<RefundView | null> {
  if (paymentIdOf(purchase) === null) return null;
  const refund = await deps.store.refund(purchase.purchaseId);
  const returned = await returnsOf(deps, purchase);
  const { amount } = quoteOf(purchase);
  const back = sumOf(returned);
  const settled = await settledOf(deps, purchase, refund);
  const full = isFullyRefunded(refund) || back >= amount;
  const undecided = refund?.request != null || refund?.answer?.decision === "asked";
  return {
    askable: isRefundable(purchase) && !full && !undecided,
    left: amountToWire(amount - settled),
    asked: refund?.asked ?? null,
    unanswered: refund?.request != null,
    failure: refund?.failure ?? null,
    decision: refund?.answer?.decision ?? "none",
    accepted: refund?.answer?.accepted ?? "0",
    given: refund?.answer?.given ?? "0",
    message: refund?.answer?.message ?? null,
    decidedAt: refund?.answer?.at ?? null,
    returned: returned.map(returnView),
    returnedTotal: amountToWire(back),
    full,
    open: refund !== undefined && isOpen(purchase, refund, back),
  };
}

/** The operator's word to the shop is not the money on the account yet; where somebody else paid, it never will be. */
function isOpen(purchase: Purchase, refund: Refund, back: bigint): boolean {
  const bySomebodyElse = "payLink" in purchase && purchase.payLink !== undefined;
  const given = parseAmount(refund.answer?.given ?? "0");
  return isRefundOpen(refund) || (given > back && !bySomebodyElse);
}

function returnView({ paymentId, orderId, amount, at, seen }: Return): ReturnView {
  return { paymentId, orderId, amount, at, seen };
}

/** Whether it is the purchase of that payment, and that operator took the money: another one's word is not about it. */
function isOf(purchase: Purchase, paymentId: string, issuer: string): boolean {
  if (!("proof" in purchase)) return false;
  const { jti, iss } = decodeProof(purchase.proof);
  return jti === paymentId && iss === issuer;
}

/** What the home page tells of money that came back, newest first. */
export async function returnNotices(
  deps: Pick<CtsDeps, "store" | "nowSeconds">,
): Promise<ReturnNotice[]> {
  const fresh = await newReturns(deps);
  if (fresh.length === 0) return [];
  const accounts = await deps.store.accounts();
  const paid = await deps.store.history(0, Number.MAX_SAFE_INTEGER, (one) =>
    fresh.some(({ paymentId }) => paymentId === paymentIdOf(one)),
  );
  return fresh.flatMap((one) => {
    const account = accounts.find(({ accountKey }) => accountKey === one.accountKey);
    if (account === undefined) return [];
    const { currency, scale } = account.facts;
    // Another operator's word is not about this wallet's purchase.
    const bought = paid.find((purchase) => isOf(purchase, one.paymentId, account.issuer));
    const purchase =
      bought === undefined ? null : { purchaseId: bought.purchaseId, shopName: bought.shopName };
    return [{ ...returnView(one), currency, scale, purchase }];
  });
}
