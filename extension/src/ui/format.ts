/** Amounts, times, sizes and web addresses as people read them, by their language. Pure. */
import { formatDecimal, parseAmount } from "@chit/protocol";

/** A browser takes milliseconds to make one: each is made once. They are few: the options are those in this file. */
const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

function numbers(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify([language, options]);
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(language, options);
  numberFormats.set(key, format);
  return format;
}

function dates(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([language, options]);
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(language, options);
  dateFormats.set(key, format);
  return format;
}

/** An amount of money as the wire has it: smallest units, and what they are units of. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
  readonly scale: number;
}

/** `{amount: "49000", currency: "EUR", scale: 4}` is "€4.90" or "4,90 €". Exact at any size: never a float. */
export function formatMoney(language: string, money: Money): string {
  const decimal = formatDecimal(parseAmount(money.amount), money.scale);
  const decimals = decimal.split(".")[1]?.length ?? 0;
  return numbers(language, {
    style: "currency",
    currency: money.currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(decimal as Intl.StringNumericLiteral);
}

/** What is left of `balance` after `amount`; negative when it does not suffice. Both in smallest units. */
export function subtract(balance: string, amount: string): string {
  return (parseAmount(balance) - parseAmount(amount)).toString();
}

/** Date and time of day; the year only when it is not this year's. */
export function formatTime(language: string, seconds: number, now: number): string {
  const date = new Date(seconds * 1000);
  const sameYear = date.getFullYear() === new Date(now * 1000).getFullYear();
  return dates(language, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
    hour: "numeric",
    minute: "2-digit",
  }).format(date);
}

/** Time of day to the second, for the steps of a purchase. */
export function formatClock(language: string, seconds: number): string {
  return dates(language, { timeStyle: "medium" }).format(seconds * 1000);
}

/** A whole date, as on a receipt. */
export function formatDate(language: string, seconds: number): string {
  return dates(language, { dateStyle: "long", timeStyle: "short" }).format(seconds * 1000);
}

/** From one day to another, or one day when they are the same. */
export function formatDays(language: string, from: number | null, until: number | null): string {
  const days = dates(language, { day: "numeric", month: "long" });
  if (from !== null && until !== null) return days.formatRange(from * 1000, until * 1000);
  const only = from ?? until;
  return only === null ? "" : days.format(only * 1000);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A file's size: "1.2 MB". */
export function formatSize(language: string, bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return numbers(language, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** power);
}

/**
 * A web origin as a person compares it: the bare host where it is https on the usual port, all of it
 * elsewhere. The host is ASCII, as browsers report it: a look-alike shows its punycode (`xn--…`).
 */
export function formatOrigin(origin: string): string {
  if (!URL.canParse(origin)) return origin;
  const url = new URL(origin);
  return url.protocol === "https:" ? url.host : url.origin;
}
