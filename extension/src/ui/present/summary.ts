/** How a purchase is labelled in lists. Pure. */
import type { PurchaseSummary } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";
import type { Tone } from "./accounts.ts";

export interface SummaryLabel {
  readonly label: PlainKey;
  readonly tone: Tone;
}

/** One or two words for the state of a purchase. */
export function summaryLabel(
  purchase: Pick<PurchaseSummary, "state" | "waiting" | "givenBack">,
): SummaryLabel {
  if (purchase.givenBack) return { label: "state_given_back", tone: "quiet" };
  switch (purchase.state) {
    case "quoted":
      return { label: "state_quoted", tone: "attention" };
    case "session-initiated":
    case "quote-authenticated":
      return purchase.waiting === null
        ? { label: "state_in_progress", tone: "quiet" }
        : { label: "state_quoted", tone: "attention" };
    case "awaiting-payer":
      return { label: "state_awaiting_payer", tone: "attention" };
    case "payer-quoted":
      return { label: "state_quoted", tone: "attention" };
    case "payer-confirmed":
      return purchase.waiting === null
        ? { label: "state_in_progress", tone: "quiet" }
        : { label: "state_quoted", tone: "attention" };
    case "payer-paid":
      return { label: "state_paid_for_another", tone: "attention" };
    case "payer-complete":
      return { label: "state_paid_for_another", tone: "good" };
    case "payer-requested":
    case "payment-requested":
      return purchase.waiting === null
        ? { label: "state_in_progress", tone: "quiet" }
        : { label: "state_checking", tone: "attention" };
    case "paid":
    case "advised":
    case "goods-requested":
      return { label: "state_paid", tone: "attention" };
    case "recovering":
      return { label: "state_in_progress", tone: "quiet" };
    case "complete":
      return { label: "state_complete", tone: "good" };
    case "declined":
      return { label: "state_declined", tone: "quiet" };
    case "denied":
    case "payer-denied":
      return { label: "state_denied", tone: "bad" };
    case "failed":
      return { label: "state_failed", tone: "bad" };
  }
}
