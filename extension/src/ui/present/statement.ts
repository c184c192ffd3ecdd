/** A statement in words, and as a table for spreadsheets. Pure, but for the library that it loads when it is wanted. */
import { formatDecimal, parseAmount, spreadsheetText } from "@chit/protocol";
import type { StatementLineView, StatementView } from "../../messages.ts";
import { type PlainKey, t } from "../i18n.ts";

/** `2026-11` is "November 2026". */
export function monthName(language: string, month: string): string {
  return new Intl.DateTimeFormat(language, {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(`${month}-01T00:00:00Z`));
}

/** What a line is about, and what is known of it besides. */
export function lineWords(line: StatementLineView): { title: string; about: string } {
  switch (line.kind) {
    case "payment":
      return {
        title: line.name,
        about: line.purchase?.items.join(", ") ?? t("statement_elsewhere"),
      };
    case "refund":
      return {
        title: t("statement_refund_from", { shop: line.name }),
        about: line.purchase?.items.join(", ") ?? "",
      };
    case "funding":
      return { title: t("statement_funding"), about: line.name };
  }
}

const KINDS: Record<StatementLineView["kind"], PlainKey> = {
  payment: "statement_kind_payment",
  refund: "statement_kind_refund",
  funding: "statement_kind_funding",
};

/**
 * The statement as CSV (RFC 4180), UTF-8 with a byte-order mark, which spreadsheets want. What a shop or a payer wrote
 * may begin like a formula, or hide one behind a semicolon: there it gets an apostrophe in front. Amounts are plain
 * decimals, in and out apart.
 */
export async function statementCsv(statement: StatementView): Promise<string> {
  const { stringify } = await import("csv-stringify/browser/esm/sync");
  const headings: readonly PlainKey[] = [
    "statement_csv_date",
    "statement_csv_kind",
    "statement_csv_name",
    "statement_csv_items",
    "statement_csv_in",
    "statement_csv_out",
    "statement_column_balance",
    "statement_csv_currency",
    "statement_csv_transaction",
  ];
  const decimal = (amount: bigint) => formatDecimal(amount, statement.scale);
  const rows = statement.lines.map((line) => {
    const amount = parseAmount(line.amount);
    return [
      new Date(line.at * 1_000).toISOString().slice(0, 19).replace("T", " "),
      t(KINDS[line.kind]),
      line.name,
      line.kind === "payment" && line.purchase === null
        ? t("statement_elsewhere")
        : (line.purchase?.items.join("; ") ?? ""),
      amount > 0n ? decimal(amount) : "",
      amount < 0n ? decimal(-amount) : "",
      decimal(parseAmount(line.balance)),
      statement.currency,
      line.transactionNumber,
    ];
  });
  return stringify([headings.map((key) => t(key)), ...rows], {
    bom: true,
    escape_formulas: true,
    cast: { string: spreadsheetText },
    record_delimiter: "windows",
  });
}
