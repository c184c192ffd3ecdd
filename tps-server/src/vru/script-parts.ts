/** What scripts are made of. */
import type { CallState, Identified, Language } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";
import { type Money, spell } from "./spoken.ts";
import { german } from "./texts.de.ts";
import { english } from "./texts.en.ts";
import type { Texts } from "./texts.ts";

/** Everything that is said, by language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en: english, de: german };

/** One sentence or a few, in one language, or a pause of whole seconds. */
export type Line =
  | { readonly language: Language; readonly text: string }
  | { readonly pauseSeconds: number };

/** What the carrier is to do: say `lines`, then listen, record, connect, or hang up. */
export interface Script {
  readonly lines: readonly Line[];
  readonly after:
    | {
        readonly type: "listen";
        /** Said while listening: a key stops it. */
        readonly lines: readonly Line[];
        readonly digits: number;
        readonly seconds: number;
      }
    /** A tone, then what the caller says is recorded for this case. */
    | { readonly type: "record"; readonly caseNumber: string }
    /** Connect with this number (E.164). */
    | { readonly type: "dial"; readonly number: string }
    | { readonly type: "hang-up" };
}

/** A movement on the caller's account. */
export interface SpokenMovement {
  readonly kind: "payment" | "denial" | "refund" | "funding";
  /** Seconds. */
  readonly at: number;
  /** Smallest units. */
  readonly amount: bigint;
  /** The merchant's, also of one that gave back; empty for money paid in. */
  readonly name: string;
}

/** What a script needs besides the state: nothing of it is kept with the call. */
export interface Setting {
  /** The operator's name, as said in the greeting. */
  readonly operator: string;
  /** The operator's number (E.164); undefined where callers are connected with nobody. */
  readonly operatorNumber: string | undefined;
  readonly money: Money;
  /** In which payments have their days, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Seconds. */
  readonly now: number;
  /** The PIN to tell, while it is known. */
  readonly pin: string | undefined;
  /** Read for the state that tells it. */
  readonly balance: bigint | undefined;
  /** The same, newest first. */
  readonly movements: readonly SpokenMovement[] | undefined;
}

/** Asks for one key. */
export function ask(lines: readonly Line[]): Script {
  return {
    lines: [],
    after: { type: "listen", lines, digits: 1, seconds: VRU_LIMITS.keySeconds },
  };
}

/** Sentences of one language; null is none. */
export function say(language: Language, ...parts: readonly (string | null)[]): Line[] {
  return parts.filter((part) => part !== null).map((text) => ({ language, text }));
}

/** A number to be written down, twice. Never inside of the listening: no key cuts it short. */
export function sayTwice(language: Language, digits: string): Line[] {
  return [
    ...say(language, spell(digits)),
    { pauseSeconds: 2 },
    ...say(language, TEXTS[language].onceMore),
    ...say(language, spell(digits)),
    { pauseSeconds: 1 },
  ];
}

/** What is said before the question, once. */
export function noticeText(
  state: Exclude<CallState, { name: "choosing-language" | "ended" }>,
): string | null {
  return state.notice === null ? null : TEXTS[state.language].notices[state.notice];
}

/** Said once, when the question is heard for the first time; "the hold is on" says as much. */
export function heldText({ caller, language, misses, notice }: Identified): string | null {
  const { byOperator, byHolder } = caller.held;
  const isNews = misses === 0 && notice !== "hold-placed";
  return isNews && (byOperator || byHolder) ? TEXTS[language].accountHeld : null;
}

/** A telephone number's digits, spelt. */
export function spellNumber(number: string): string {
  return spell(number.replace(/^\+/, ""));
}
