/** A call until it is known who calls. */
import type { Language, StateOf } from "./call-state.ts";
import {
  BACK,
  type EffectResult,
  end,
  miss,
  REPEAT,
  repeat,
  type Step,
  unexpected,
} from "./call-step.ts";
import { openAfterIdentification } from "./call-wallets.ts";
import { VRU_LIMITS } from "./limits.ts";

export function chooseLanguage(state: StateOf<"choosing-language">, keys: string | null): Step {
  if (keys === REPEAT || keys === BACK) return repeat(state);
  const chosen: Language | undefined = keys === "1" ? "en" : keys === "2" ? "de" : undefined;
  if (chosen === undefined) return miss(state, keys);
  return { state: { name: "entering-id", language: chosen, misses: 0, tries: 0, notice: null } };
}

export function enterId(state: StateOf<"entering-id">, keys: string | null): Step {
  if (isRepeat(keys)) return repeat(state);
  // Wrong pairs stay counted: going back is no way to more of them.
  if (keys === BACK && state.tries === 0) {
    return { state: { name: "choosing-language", misses: 0, notice: null } };
  }
  if (keys === null || !isEightDigits(keys)) return miss(state, keys, "wrong-length");
  const { language, tries } = state;
  const asked = { misses: 0, notice: null };
  return { state: { name: "entering-passcode", language, tries, telephoneId: keys, ...asked } };
}

export function enterPasscode(state: StateOf<"entering-passcode">, keys: string | null): Step {
  const { language, tries, telephoneId } = state;
  if (isRepeat(keys)) return repeat(state);
  if (keys === BACK) {
    return { state: { name: "entering-id", language, tries, misses: 0, notice: null } };
  }
  if (keys === null || !isEightDigits(keys)) return miss(state, keys, "wrong-length");
  return { state, effect: { type: "check-caller", telephoneId, passcode: keys } };
}

/** What follows when a pair was looked at. */
export function settleIdentification(
  state: StateOf<"entering-passcode">,
  result: EffectResult,
): Step {
  const { language } = state;
  switch (result.type) {
    case "caller-known":
      return openAfterIdentification(language, result.caller);
    case "caller-unknown": {
      const tries = state.tries + 1;
      if (tries >= VRU_LIMITS.triesInACall) return end(language, "too-many-tries");
      return { state: { name: "entering-id", language, tries, misses: 0, notice: "not-matching" } };
    }
    case "service-closed":
    case "caller-throttled":
      return end(language, result.type);
    default:
      throw unexpected(state, result);
  }
}

/** A star anywhere in a number: the caller mistyped, and wants to hear the question again. */
function isRepeat(keys: string | null): boolean {
  return keys?.includes(REPEAT) ?? false;
}

function isEightDigits(keys: string): boolean {
  return /^[0-9]{8}$/.test(keys);
}
