/** A statement as a table, for people and spreadsheets: text, CSV, or a page to print. */
import { formatDecimal, spreadsheetText } from "@chit/protocol";
import { stringify } from "csv-stringify/sync";
import { fields, table } from "../cli/output.ts";

/** What all forms are made from. Cells are final texts; amounts stand at the right. */
export interface Printout {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly columns: readonly { readonly heading: string; readonly amount?: true }[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader wants to see below the rows. */
  readonly sums: readonly (readonly [string, string])[];
}

/** The forms of a statement; `jws` is the signed one. */
export const STATEMENT_FORMATS = ["text", "csv", "html", "jws"] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

/** A time (seconds, UTC) to the second: spreadsheets read it too. */
export function second(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** An amount with all of its decimals that count; an empty cell for nothing. */
export const decimal = (amount: bigint | null, scale: number): string =>
  amount === null ? "" : formatDecimal(amount, scale);

export function toText({ title, facts, columns, rows, sums }: Printout): string {
  const headings = columns.map(({ heading }) => heading.toUpperCase());
  const body = rows.length === 0 ? "Nothing moved." : table(headings, rows);
  return [title, fields(facts), body, fields(sums)].join("\n\n");
}

/** RFC 4180. What a merchant or payer wrote can begin like a formula; such cells get an apostrophe in front. */
export function toCsv({ columns, rows }: Printout): string {
  return stringify([columns.map(({ heading }) => heading), ...rows], {
    escape_formulas: true,
    cast: { string: spreadsheetText },
    record_delimiter: "windows",
  });
}

/** One page without anything from elsewhere, made for paper: A4 or Letter, dark on white. */
export function toHtml({ title, facts, columns, rows, sums }: Printout): string {
  const pairs = (list: Printout["facts"]) =>
    list.map(([name, value]) => `<dt>${safe(name)}</dt><dd>${safe(value)}</dd>`).join("");
  const cell = (text: string, column: number, tag: string) =>
    `<${tag}${columns[column]?.amount ? ' class="amount"' : ""}>${safe(text)}</${tag}>`;
  const headings = columns.map(({ heading }, column) => cell(heading, column, "th")).join("");
  const body = rows
    .map((row) => `<tr>${row.map((text, column) => cell(text, column, "td")).join("")}</tr>`)
    .join("\n");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe(title)}</title>
<style>${STYLE}</style>
<h1>${safe(title)}</h1>
<dl>${pairs(facts)}</dl>
<table>
<thead><tr>${headings}</tr></thead>
<tbody>
${rows.length === 0 ? `<tr><td colspan="${columns.length}">Nothing moved.</td></tr>` : body}
</tbody>
</table>
<dl class="sums">${pairs(sums)}</dl>
</html>
`;
}

const STYLE = `
:root { color-scheme: light; }
body { font: 10pt/1.4 system-ui, sans-serif; color: #111; background: #fff; margin: 2rem auto; padding: 0 1rem; max-width: 60rem; }
h1 { font-size: 16pt; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 1.5rem; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; font-size: 8.5pt; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
th { border-bottom: 2px solid #111; overflow-wrap: normal; }
.amount { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.sums dd { font-variant-numeric: tabular-nums; }
thead { display: table-header-group; } tr { break-inside: avoid; }
@page { margin: 15mm; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const safe = (text: string) => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
