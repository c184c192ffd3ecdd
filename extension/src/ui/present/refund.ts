/** How a refund is told: which words, in which tone; and what the shopper's form says. Pure. */
import {
  ChitError,
  isShowable,
  parseDecimal,
  REFUND_REASONS,
  type RefundReason,
} from "@chit/protocol";
import type { RefundView } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";

export const REASON_WORDS: Record<RefundReason, PlainKey> = {
  "not-received": "refund_reason_not_received",
  damaged: "refund_reason_damaged",
  "not-as-described": "refund_reason_not_as_described",
  "changed-mind": "refund_reason_changed_mind",
  "paid-twice": "refund_reason_paid_twice",
  other: "refund_reason_else",
};

/** What stands at the top of a refund; the newest fact that counts most. */
export type RefundHeadline =
  | { readonly name: "unanswered" }
  | { readonly name: "asked" }
  /** Accepted, and the money is on its way. */
  | { readonly name: "accepted" }
  /** The operator has given it to another account than this wallet's. */
  | { readonly name: "given" }
  /** Nothing more is to come, and something is here. */
  | { readonly name: "back" }
  | { readonly name: "refused" };

/** The headline; null where nothing was asked and nothing came. */
export function refundHeadline(refund: RefundView): RefundHeadline | null {
  if (refund.unanswered) return { name: "unanswered" };
  const back = BigInt(refund.returnedTotal);
  const accepted = BigInt(refund.accepted);
  const given = BigInt(refund.given);
  switch (refund.decision) {
    case "asked":
      return { name: "asked" };
    case "refused":
      return back > 0n ? { name: "back" } : { name: "refused" };
    case "accepted":
      if (back >= accepted) return { name: "back" };
      return given >= accepted && !refund.open ? { name: "given" } : { name: "accepted" };
    case "none":
      return back > 0n ? { name: "back" } : null;
  }
}

/** What the form holds, as typed. */
export interface RefundDraft {
  readonly reason: string;
  readonly text: string;
  readonly part: boolean;
  readonly amount: string;
}

export interface RefundErrors {
  readonly reason: PlainKey | null;
  readonly text: PlainKey | null;
  /** Too much, nothing, or no amount. */
  readonly amount: boolean;
}

export type ReadDraft =
  | {
      readonly ok: true;
      readonly wish: {
        readonly reason: RefundReason;
        readonly text: string | null;
        readonly amount: string | null;
      };
    }
  | { readonly ok: false; readonly errors: RefundErrors };

/** Reads the form. `left`: at most, smallest units at `scale` decimals. */
export function readDraft(draft: RefundDraft, left: string, scale: number): ReadDraft {
  const reason = REFUND_REASONS.find((one) => one === draft.reason);
  // One line for the shop, whatever was typed.
  const text = draft.text.replace(/\s+/g, " ").trim();
  const amount = draft.part ? units(draft.amount, scale) : null;
  const tooMuch = draft.part && (amount === null || amount <= 0n || amount > BigInt(left));
  if (reason === undefined || !isShowable(text) || tooMuch) {
    return {
      ok: false,
      errors: {
        reason: reason === undefined ? "refund_reason_error" : null,
        text: isShowable(text) ? null : "refund_text_error",
        amount: tooMuch,
      },
    };
  }
  const wire = amount === null ? null : amount.toString();
  return { ok: true, wish: { reason, text: text === "" ? null : text, amount: wire } };
}

/** Either decimal sign is taken; null: no amount. */
function units(typed: string, scale: number): bigint | null {
  try {
    return parseDecimal(typed.trim().replace(",", "."), scale);
  } catch (error) {
    if (error instanceof ChitError) return null;
    throw error;
  }
}
