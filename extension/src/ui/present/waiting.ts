/** What a purchase waits for, in words that first say whether money has moved. Pure. */
import type { FailureView, PurchaseView } from "../../messages.ts";
import { type FailureWords, failureWords } from "./failures.ts";
import { isPaid, isUnasked } from "./purchase.ts";

/** The words for a purchase that goes on by itself. */
export function waitingWords(
  purchase: Pick<PurchaseView, "state" | "steps">,
  waiting: FailureView,
): FailureWords {
  if (waiting.code === "goods-damaged" || waiting.code === "goods-changed") {
    return failureWords(waiting);
  }
  if (isUnasked(purchase.state)) return failureWords(waiting);
  if (!isPaid(purchase)) {
    return waiting.code === "issuer-answer-forged" || waiting.code === "payment-unknown"
      ? failureWords(waiting)
      : failureWords({ code: "checking-payment" });
  }
  if (purchase.state === "payer-paid") return failureWords({ code: "telling-shop" });
  return purchase.state === "paid"
    ? failureWords({ code: "waiting-for-shop" })
    : failureWords({ code: "waiting-for-goods" });
}
