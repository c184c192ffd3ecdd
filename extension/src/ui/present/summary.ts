/** How a purchase is labelled in lists. Pure. */
import type { PurchaseSummary } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";
import type { Tone } from "./accounts.ts";

export interface SummaryLabel {
  readonly label: PlainKey;
  readonly tone: Tone;
}

/** One or two words for the state of a purchase. */
export function summaryLabel(purchase: Pick<PurchaseSummary, "state" | "waiting">): SummaryLabel {
  switch (purchase.state) {
    case "quoted":
      return { label: "state_quoted", tone: "attention" };
    case "session-initiated":
    case "quote-authenticated":
      return purchase.waiting === null
        ? { label: "state_in_progress", tone: "quiet" }
        : { label: "state_quoted", tone: "attention" };
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
      return { label: "state_denied", tone: "bad" };
    case "failed":
      return { label: "state_failed", tone: "bad" };
  }
}
