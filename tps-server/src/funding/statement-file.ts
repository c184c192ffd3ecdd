/** What every kind of bank file is read into. */
import { OperatorError } from "../errors.ts";
import type { BankEntryInput, EntrySource } from "./bank-entries.ts";

/** The entries of a bank's file that brought money. */
export interface Statement {
  readonly source: EntrySource;
  readonly entries: readonly BankEntryInput[];
  /** Entries that brought none: money that left, or that is not booked yet. */
  readonly skipped: number;
}

/**
 * The day of a booking as seconds since 1970: `2026-11-22`, or a time of ISO 8601.
 *
 * @throws {OperatorError} `file-unreadable` when it is no date
 */
export function bookingDay(text: string): number {
  const milliseconds = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new OperatorError(
      "file-unreadable",
      `"${text.slice(0, 40)}" is no date such as 2026-11-22.`,
    );
  }
  return Math.floor(milliseconds / 1000);
}
