/**
 * A bank's statement as CSV: a heading line and one line an entry. Columns: `entry` (the bank's own name for it),
 * `amount` ("12.50"), `currency`, `booked` ("2026-11-22"), `text` (what the payer wrote); others are not looked at.
 */
import { displayText, parseDecimal, parseValue } from "@chit/protocol";
import { parse } from "csv-parse/sync";
import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import type { Issuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import type { BankEntryInput } from "./bank-entries.ts";
import { bookingDay, type Statement } from "./statement-file.ts";

const rowSchema = v.object({
  entry: displayText(LIMITS.referenceLength),
  amount: v.string(),
  currency: v.string(),
  booked: v.string(),
  text: v.pipe(v.string(), v.maxLength(LIMITS.bankTextLength)),
});

/**
 * Reads the entries of a CSV file. Money that left the bank (negative amounts) is skipped and counted.
 *
 * @throws {OperatorError} `file-unreadable`, naming the line; nothing was entered then
 */
export function readCsv(text: string, issuer: Issuer): Statement {
  let records: { readonly info: { readonly lines: number }; readonly record: unknown }[];
  try {
    records = parse(text, {
      bom: true,
      columns: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    });
  } catch (cause) {
    throw unreadable(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const entries: BankEntryInput[] = [];
  let skipped = 0;
  for (const { info, record } of records) {
    try {
      const row = parseValue(rowSchema, record);
      if (row.currency !== issuer.currency) {
        throw new Error(`The currency is ${row.currency}; accounts are in ${issuer.currency}.`);
      }
      const amount = parseDecimal(row.amount, issuer.scale);
      if (amount <= 0n) skipped += 1;
      else {
        const bookedAt = bookingDay(row.booked);
        entries.push({ entryId: row.entry, amount: amount.toString(), bookedAt, text: row.text });
      }
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw unreadable(`Line ${info.lines}: ${problem}`, cause);
    }
  }
  return { source: "csv", entries, skipped };
}

function unreadable(problem: string, cause: unknown): OperatorError {
  return new OperatorError(
    "file-unreadable",
    `${problem} Expected a heading line "entry,amount,currency,booked,text" and lines such as "2026112200017,12.50,EUR,2026-11-22,RF18 1234 5678 9012".`,
    { cause },
  );
}
