/** What the condition of an account means for its owner. */
import type { AccountCondition, AccountView } from "../../messages.ts";
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
  readonly notice: ConditionNotice | null;
}

/** Why an account cannot pay, and the way out, which is the telephone. */
export interface ConditionNotice {
  readonly title: PlainKey;
  /** What happened, and whom it protects from what. */
  readonly text: PlainKey;
  /** What to do, one after the other, beginning with the call. */
  readonly steps: readonly PlainKey[];
}

const paying = { tone: "good", pays: true, notice: null } as const;

const CONDITIONS: Record<AccountCondition, ConditionWords> = {
  active: { ...paying, label: "condition_active" },
  "pin-changed": { ...paying, label: "condition_pin_changed" },
  "awaiting-pin": {
    label: "condition_awaiting_pin",
    tone: "attention",
    pays: false,
    notice: {
      title: "awaiting_pin_title",
      text: "awaiting_pin_text",
      steps: ["call_step_identify", "call_step_first_pin", "call_step_then_pay"],
    },
  },
  "pin-locked": {
    label: "condition_pin_locked",
    tone: "bad",
    pays: false,
    notice: {
      title: "pin_locked_title",
      text: "pin_locked_text",
      steps: ["call_step_identify", "call_step_new_pin", "call_step_then_pay"],
    },
  },
  "out-of-sequence": {
    label: "condition_out_of_sequence",
    tone: "bad",
    pays: false,
    notice: { title: "drift_title", text: "drift_text", steps: [] },
  },
  held: {
    label: "condition_held",
    tone: "attention",
    pays: false,
    notice: {
      title: "held_title",
      text: "held_text",
      steps: ["call_step_identify", "call_step_lift", "call_step_goes_on"],
    },
  },
  "device-revoked": {
    label: "condition_device_revoked",
    tone: "bad",
    pays: false,
    notice: {
      title: "device_revoked_title",
      text: "device_revoked_text",
      steps: ["device_revoked_call", "device_revoked_again"],
    },
  },
};

/** The words for an account's condition. */
export function conditionWords(condition: AccountCondition): ConditionWords {
  return CONDITIONS[condition];
}

/** Whether something that happens at the operator can end the condition: then the pages ask for it by themselves. */
export function waitsForOperator(account: Pick<AccountView, "condition" | "drift">): boolean {
  switch (account.condition) {
    case "awaiting-pin":
    case "pin-locked":
    case "held":
      return true;
    case "out-of-sequence":
      // Once the new PIN is set it waits for the count, which nobody but its owner can enter.
      return account.drift?.newPin === false;
    case "active":
    case "pin-changed":
    case "device-revoked":
      return false;
  }
}

/** What to say when an account that could not pay can again; null when it says so itself, as a new PIN does. */
export function readyWords(before: AccountCondition, now: AccountCondition): PlainKey | null {
  if (now !== "active") return null;
  switch (before) {
    case "held":
      return "ready_hold_lifted";
    case "awaiting-pin":
      return "ready_first_pin";
    case "pin-locked":
    case "out-of-sequence":
      return "ready_again";
    case "active":
    case "pin-changed":
    case "device-revoked":
      return null;
  }
}
