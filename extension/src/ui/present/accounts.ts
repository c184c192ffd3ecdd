/** What the condition of an account means for its owner. */
import type { AccountCondition } from "../../messages.ts";
import type { PlainKey } from "../i18n.ts";

/** How loud something is said. */
export type Tone = "good" | "quiet" | "attention" | "bad";

export interface ConditionWords {
  /** One or two words for a label. */
  readonly label: PlainKey;
  readonly tone: Tone;
  /** Whether a payment can be tried. */
  readonly pays: boolean;
  /** What to say about it at length; null when there is nothing to do. */
  readonly notice: { readonly title: PlainKey; readonly text: PlainKey } | null;
  /** Whether the telephone service is the way out. */
  readonly call: boolean;
}

const CONDITIONS: Record<AccountCondition, ConditionWords> = {
  active: { label: "condition_active", tone: "good", pays: true, notice: null, call: false },
  "pin-changed": {
    label: "condition_pin_changed",
    tone: "good",
    pays: true,
    notice: null,
    call: false,
  },
  "awaiting-pin": {
    label: "condition_awaiting_pin",
    tone: "attention",
    pays: false,
    notice: { title: "awaiting_pin_title", text: "awaiting_pin_text" },
    call: true,
  },
  "pin-locked": {
    label: "condition_pin_locked",
    tone: "bad",
    pays: false,
    notice: { title: "pin_locked_title", text: "pin_locked_text" },
    call: true,
  },
  "out-of-sequence": {
    label: "condition_out_of_sequence",
    tone: "bad",
    pays: false,
    notice: { title: "drift_title", text: "drift_text" },
    call: true,
  },
  held: {
    label: "condition_held",
    tone: "attention",
    pays: false,
    notice: { title: "held_title", text: "held_text" },
    call: true,
  },
  "device-revoked": {
    label: "condition_device_revoked",
    tone: "bad",
    pays: false,
    notice: { title: "device_revoked_title", text: "device_revoked_text" },
    call: true,
  },
};

/** The words for an account's condition. */
export function conditionWords(condition: AccountCondition): ConditionWords {
  return CONDITIONS[condition];
}
