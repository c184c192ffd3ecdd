/** Amounts and times as people write them. */
import { formatDecimal } from "@chit/protocol";
import { MERCHANT_LIMITS } from "../limits.ts";
import { Recent } from "../recent.ts";
import type { Language } from "./words.ts";

/** To make one takes longer than the rest of a page. */
const amountFormats = new Recent<string, Intl.NumberFormat>(MERCHANT_LIMITS.recentFormats);
const hourFormats = new Recent<Language, Intl.DateTimeFormat>(MERCHANT_LIMITS.recentFormats);

/** An amount as people of a language write it, exact. */
export function formatAmount(
  language: Language,
  amount: bigint,
  { currency, scale }: { readonly currency: string; readonly scale: number },
): string {
  const format = amountFormats.of(
    `${language} ${currency} ${scale}`,
    () =>
      new Intl.NumberFormat(language, {
        style: "currency",
        currency,
        minimumFractionDigits: Math.min(2, scale),
        maximumFractionDigits: scale,
      }),
  );
  return format.format(formatDecimal(amount, scale) as `${number}`);
}

/** A time (seconds) as people of a language write it, in a time zone such as `Europe/Berlin`; `UTC` says so. */
export function formatTime(language: Language, seconds: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    day: "2-digit",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  });
  const text = format.format(new Date(seconds * 1_000));
  return timeZone === "UTC" ? `${text} UTC` : text;
}

/** Hours and minutes of a time, in UTC and without saying so. */
export function formatHour(language: Language, time: Date): string {
  const format = hourFormats.of(
    language,
    () =>
      new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }),
  );
  return format.format(time);
}
