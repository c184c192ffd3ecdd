/** Names, amounts, days and digits as they are said: for an ear, and harmless whoever chose them. */
import { formatDecimal } from "@chit/protocol";
import type { Language } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";

/** BCP 47 tags, as carriers name their voices and as numbers are written for them. */
export const VOICES: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

/** What amounts of this TPS are counted in. */
export interface Money {
  /** ISO 4217, or a community's own code. */
  readonly currency: string;
  /** Decimals of the smallest unit. */
  readonly scale: number;
}

/** Digits to be written down: `4 … 8 … 2`. Voices make a short pause of each. */
export function spell(digits: string): string {
  return [...digits].join(" … ");
}

/** A stranger's name for something: letters, digits and single spaces, and not many; `nameless` where none are left. */
export function spokenName(name: string, nameless: string): string {
  const sayable = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, " ")
    .trim();
  return [...sayable].slice(0, VRU_LIMITS.spokenName).join("").trim() || nameless;
}

/**
 * An exact amount in words that voices read well: `4.90 euros`, `0,0005 Euro`, `25 euros`. No grouping of thousands: a
 * voice could take its sign for the decimal one.
 */
export function spokenAmount(amount: bigint, { currency, scale }: Money, language: Language) {
  const isWhole = amount % 10n ** BigInt(scale) === 0n;
  const decimal = formatDecimal(amount, scale, isWhole ? 0 : 2);
  const decimals = decimal.split(".")[1]?.length ?? 0;
  const text = new Intl.NumberFormat(VOICES[language], {
    style: "currency",
    currency,
    currencyDisplay: "name",
    useGrouping: false,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(decimal as `${number}`);
  // A currency that has no name is said by its code, behind a space that does not break lines.
  return text.replaceAll("\u00a0", " ");
}

/** A day: `22 November`, and of another year than this `22 November 2025`. Times in seconds. */
export function spokenDay(at: number, now: number, timeZone: string, language: Language): string {
  const inYear = (seconds: number) =>
    new Intl.DateTimeFormat("en", { timeZone, year: "numeric" }).format(seconds * 1000);
  return new Intl.DateTimeFormat(VOICES[language], {
    timeZone,
    day: "numeric",
    month: "long",
    ...(inYear(at) === inYear(now) ? {} : { year: "numeric" as const }),
  }).format(at * 1000);
}
