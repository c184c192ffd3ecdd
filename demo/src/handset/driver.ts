/**
 * A person on the telephone, without a page: listens for what is offered, presses the key. For the demonstration's
 * driver and for tests.
 */
import { type Call, CallError } from "./call.ts";

/** Digits told one by one, in a sentence of their own. */
const SPELLED = /^\d( … \d)+$/;
/** `press 1`, `drücken Sie die 1`, `die 2`. */
const KEY = /\b(?:press|die) (\d)\b/;

/** What the letter says. */
export interface Letter {
  readonly telephoneId: string;
  readonly passcode: string;
}

/** Presses keys, one after another. @returns what was heard since */
export async function pressKeys(call: Call, keys: string): Promise<readonly string[]> {
  const before = call.heard.length;
  for (const key of keys) await call.press(key);
  return call.heard.slice(before);
}

/** Chooses a language, keys in id and passcode. @returns what was heard after that */
export async function identify(
  call: Call,
  letter: Letter,
  language: "en" | "de",
): Promise<readonly string[]> {
  await pressKeys(call, language === "en" ? "1" : "2");
  await pressKeys(call, letter.telephoneId);
  return pressKeys(call, letter.passcode);
}

/** The key that the last words offer for something, undefined when they do not. */
export function keyFor(call: Call, what: RegExp): string | undefined {
  return sentences(call).flatMap((sentence) =>
    what.test(sentence) ? (KEY.exec(sentence)?.[1] ?? []) : [],
  )[0];
}

/**
 * Presses the key that the last words offer for something: `choose(call, /balance/)`.
 *
 * @returns what was heard since
 * @throws {CallError} when nothing of the kind is offered
 */
export async function choose(call: Call, what: RegExp): Promise<readonly string[]> {
  const key = keyFor(call, what);
  if (key === undefined) {
    throw new CallError(`Nothing was offered like ${what} but: ${sentences(call).join(" ")}`);
  }
  return pressKeys(call, key);
}

/** The number that was told digit by digit in these words; the second time is the same, or it is undefined. */
export function numberTold(heard: readonly string[]): string | undefined {
  const [number, ...again] = heard.filter((text) => SPELLED.test(text));
  return again.length > 0 && again.every((other) => other === number)
    ? number?.replace(/\D/g, "")
    : undefined;
}

function sentences(call: Call): string[] {
  return call.turn.sounds.flatMap((sound) =>
    sound.type === "speech" ? sound.text.split(/(?<=[.?!])\s+/) : [],
  );
}
