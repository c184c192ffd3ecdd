/** What moves a call: events, effects and their results, and what most states do alike. */
import type {
  Caller,
  CallState,
  Category,
  EndReason,
  Identified,
  Language,
  Notice,
} from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";

/** What a caller does. */
export type CallEvent =
  /** Keys, as many as were asked for or fewer: `0` to `9`, `*`, `#`. */
  | { readonly type: "keys"; readonly keys: string }
  /** Nothing was keyed in, or said, for a while. */
  | { readonly type: "silence" }
  /** Something was said after the tone. */
  | { readonly type: "recorded" }
  /** The operator, to whom the call was connected, is gone, or was not there. */
  | { readonly type: "operator-left"; readonly answered: boolean }
  | { readonly type: "hung-up" };

/** What a caller comes to with everything looked up anew: other calls and the operator change it meanwhile. */
type Destination = "main-menu" | "wallets" | "hold-menu";

/** What the call needs done; carried out in the transaction that saves the next state. */
export type Effect =
  | { readonly type: "check-caller"; readonly telephoneId: string; readonly passcode: string }
  | { readonly type: "set-new-pin"; readonly accountId: string; readonly deviceId: string }
  | {
      readonly type: "revoke-wallet";
      readonly accountId: string;
      readonly deviceId: string;
      /** `stranger`: the caller does not know this wallet. */
      readonly whose: "own" | "stranger";
    }
  /** Is the PIN still known, and still the newest? */
  | {
      readonly type: "recall-pin";
      readonly accountId: string;
      readonly deviceId: string;
      readonly generation: number;
    }
  | { readonly type: "count-payments"; readonly accountId: string; readonly deviceId: string }
  | {
      readonly type: "look-again";
      readonly accountId: string;
      readonly destination: Destination;
      readonly notice: Notice | null;
    }
  | { readonly type: "change-hold"; readonly accountId: string; readonly held: boolean }
  | { readonly type: "open-case"; readonly accountId: string; readonly category: Category }
  /** Write down that the caller is connected with the operator. */
  | { readonly type: "hand-over" };

/** What came of an effect. */
export type EffectResult =
  | { readonly type: "caller-known"; readonly caller: Caller }
  /** No such id, wrong passcode, or locked out: nobody hears which. */
  | { readonly type: "caller-unknown" }
  /** The total of failures of this hour is reached. */
  | { readonly type: "service-closed" }
  /** This telephone's total is. */
  | { readonly type: "caller-throttled" }
  | { readonly type: "pin-set"; readonly generation: number; readonly count: number }
  | { readonly type: "pin-recalled" }
  | { readonly type: "pin-forgotten" }
  | { readonly type: "pin-replaced" }
  | { readonly type: "wallet-revoked"; readonly whose: "own" | "stranger" }
  /** The wallet is revoked already. */
  | { readonly type: "wallet-gone" }
  | { readonly type: "payments-counted"; readonly count: number }
  | {
      readonly type: "looked-again";
      readonly caller: Caller;
      readonly destination: Destination;
      readonly notice: Notice | null;
    }
  | { readonly type: "hold-changed"; readonly held: Caller["held"] }
  | { readonly type: "case-opened"; readonly caseNumber: string; readonly category: Category }
  | { readonly type: "too-many-cases" }
  | { readonly type: "handing-over" };

/** The next state; with an effect, the state that waits for its result. */
export interface Step {
  readonly state: CallState;
  readonly effect?: Effect;
}

/** A state that asks something and can ask it again. */
export type Asking = Extract<CallState, { misses: number }>;

/** Repeats what was said: the state as it is, without what was said only once. */
export const REPEAT = "*";
/** Goes back. */
export const BACK = "0";

/** Asks again, politely, and gives up after some times. */
export function miss(state: Asking, keys: string | null, wrong: Notice = "wrong-key"): Step {
  const misses = state.misses + 1;
  if (misses > VRU_LIMITS.missesInARow) return end(languageOf(state), "no-answer");
  return { state: { ...state, misses, notice: keys === null ? "silence" : wrong } };
}

/** Says the same again. */
export function repeat(state: Asking): Step {
  return { state: { ...state, misses: 0, notice: null } };
}

/** The main menu, everything looked up anew. */
export function toMainMenu(state: Identified, notice: Notice | null = null): Step {
  return lookAgain(state, "main-menu", notice);
}

/** Looks everything up anew, then goes to `destination`. */
export function lookAgain(
  state: Identified,
  destination: Destination,
  notice: Notice | null = null,
): Step {
  const { accountId } = state.caller;
  return { state, effect: { type: "look-again", accountId, destination, notice } };
}

/** After something was told and nobody wants it again: the menu, with as much patience as is left. */
export function afterTelling(state: Identified): Step {
  const { language, caller } = state;
  const misses = state.misses + 1;
  return { state: { name: "main-menu", language, caller, misses, notice: null } };
}

export function end(language: Language | null, reason: EndReason): Step {
  return { state: { name: "ended", language, reason } };
}

export function languageOf(state: CallState): Language | null {
  return state.name === "choosing-language" ? null : state.language;
}

/** What every state with a known caller begins with. */
export function opening({ language, caller }: Identified, notice: Notice | null = null) {
  return { language, caller, misses: 0, notice };
}

export function unexpected(state: CallState, result: EffectResult): TypeError {
  return new TypeError(`The call is ${state.name} and cannot be told ${result.type}.`);
}
