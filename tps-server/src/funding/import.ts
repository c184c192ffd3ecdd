/** Entering a bank's file: credited by reference, each entry once, in transactions of their own. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { type EnteredEntry, enterBankEntry } from "./bank-entries.ts";
import { readCamt053 } from "./read-camt053.ts";
import { readCsv } from "./read-csv.ts";

/** What became of a file. Amounts in smallest units. */
export interface ImportResult {
  readonly source: "csv" | "camt.053";
  readonly credited: { readonly count: number; readonly amount: bigint };
  /** They name no account and wait for the operator. */
  readonly unmatched: { readonly count: number; readonly amount: bigint };
  /** Known from before: nothing was moved. */
  readonly known: number;
  /** Money that left, or is not booked yet. */
  readonly skipped: number;
  /** Entries that could not be entered, and why; the others were. */
  readonly failed: readonly { readonly entryId: string; readonly problem: string }[];
}

/**
 * Enters the file of a bank, CSV or camt.053: XML begins with `<`. A file that cannot be read enters nothing; broken off,
 * it is imported again from its beginning and goes on where it was.
 *
 * @param text the file's
 * @param onProgress entries done, and all
 * @throws {OperatorError} `file-unreadable`, `not-initialised`
 */
export async function importBankFile(
  deps: TpsDeps,
  text: string,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<ImportResult> {
  const issuer = await readIssuer(deps.database);
  const isXml = /^\uFEFF?\s*</.test(text);
  const { source, entries, skipped } = isXml ? readCamt053(text, issuer) : readCsv(text, issuer);
  const entered: EnteredEntry[] = [];
  const failed: { entryId: string; problem: string }[] = [];
  const names = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    try {
      if (names.has(entry.entryId)) throw toldTwice(entry.entryId);
      names.add(entry.entryId);
      entered.push(await enterBankEntry(deps, entry, source));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      failed.push({ entryId: entry.entryId, problem: error.message });
    }
    onProgress(index + 1, entries.length);
  }
  const fresh = entered.filter(({ isNew }) => isNew);
  return {
    source: isXml ? "camt.053" : "csv",
    credited: sum(fresh.filter(({ state }) => state === "credited")),
    unmatched: sum(fresh.filter(({ state }) => state === "unmatched")),
    known: entered.length - fresh.length,
    skipped,
    failed,
  };
}

/** Known from this very file, not from before: were it two transfers, the second would be lost without a word. */
function toldTwice(entryId: string): OperatorError {
  return new OperatorError(
    "reference-conflict",
    `The file has "${entryId}" twice; it was entered once. If the bank means two transfers, pay the second in by hand: "account fund".`,
  );
}

function sum(entries: readonly EnteredEntry[]): { count: number; amount: bigint } {
  const amount = entries.reduce((total, entry) => total + entry.amount, 0n);
  return { count: entries.length, amount };
}
