/**
 * Words. Every text that people read comes from `_locales`, through the browser's own i18n. The keys and the
 * names of their values are typed from the English file, so a missing key does not compile.
 */
import type english from "./_locales/en/messages.json";
import { fill } from "./fill.ts";
import { browserLanguage, localeText } from "./platform.ts";

type Messages = typeof english;
export type MessageKey = keyof Messages;

type ValueNames<K extends MessageKey> = K extends MessageKey
  ? Messages[K] extends { placeholders: infer P }
    ? keyof P & string
    : never
  : never;

/** Keys of texts that are complete as they are; what tables of texts hold. */
export type PlainKey = {
  [K in MessageKey]: [ValueNames<K>] extends [never] ? K : never;
}[MessageKey];

type Values<K extends MessageKey> = [ValueNames<K>] extends [never]
  ? []
  : [values: Readonly<Record<ValueNames<K>, string>>];

/** The text of `key` with its values put in. Values are text, never markup. */
export function t<K extends MessageKey>(key: K, ...values: Values<K>): string {
  return fill(localeText(key), values[0]);
}

type PluralBase = { [K in MessageKey]: K extends `${infer B}_other` ? B : never }[MessageKey];

/** The text for a number of things: `<base>_one` or `<base>_other`, by the language's own rule. */
export function plural(base: PluralBase, count: number): string {
  const form = new Intl.PluralRules(wordsLanguage()).select(count) === "one" ? "one" : "other";
  return fill(localeText(`${base}_${form}`), { count: count.toLocaleString(language()) });
}

/** Language of the words that are shown (`en` or `de`). */
export function wordsLanguage(): string {
  return t("language_tag");
}

/**
 * Language for numbers and dates: the browser's own with its region (`de-AT`) where the words are in that
 * language, else that of the words: a page does not mix two languages.
 */
export function language(): string {
  const browser = browserLanguage();
  return browser.split("-")[0] === wordsLanguage() ? browser : wordsLanguage();
}
