/**
 * Lists as CSV (RFC 4180, UTF-8 with a mark that spreadsheets know it by). A text that a spreadsheet would take for a formula
 * gets an apostrophe in front, also inside of a cell; amounts are decimals with a point, times ISO 8601 in UTC.
 */
import { formatDecimal, spreadsheetText } from "@chit/protocol";
import { stringify } from "csv-stringify/sync";

/** A text, an amount in smallest units, a time, or nothing. */
export type Cell = string | bigint | Date | null;

/** Some rows as text; the first piece of a file begins with the mark. */
export function csvRows(
  rows: readonly (readonly Cell[])[],
  scale: number,
  isFirst: boolean,
): string {
  return stringify(rows as Cell[][], {
    bom: isFirst,
    escape_formulas: true,
    record_delimiter: "windows",
    cast: {
      string: spreadsheetText,
      bigint: (amount) => formatDecimal(amount, scale),
      date: (time) => time.toISOString(),
    },
  });
}

/** A time in seconds as a cell. */
export const timeCell = (seconds: number | null): Date | null =>
  seconds === null ? null : new Date(seconds * 1_000);
