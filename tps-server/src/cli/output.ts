/** Tables and fields for people, JSON for programs. */
import { formatDecimal } from "@chit/protocol";
import type { Issuer } from "../issuer/read-issuer.ts";

/** An amount with its currency: `12.50 EUR`. */
export function money(
  amount: bigint,
  issuer: Pick<Issuer, "currency" | "scale">,
  leastDecimals = 2,
): string {
  return `${formatDecimal(amount, issuer.scale, leastDecimals)} ${issuer.currency}`;
}

/** The fewest decimals (2 at least) that show all of these exactly, so that they stand below each other in a table. */
export function decimalsFor(amounts: readonly bigint[], { scale }: Pick<Issuer, "scale">): number {
  const needed = amounts.map((amount) => formatDecimal(amount, scale).split(".")[1]?.length ?? 0);
  return Math.max(2, ...needed);
}

/** A time (seconds) as `2026-11-22 10:46 UTC`. */
export function moment(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Columns as wide as their widest cell; those of `right` (counted from 0), numbers, end at the same place. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        right.includes(column)
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [line(headings), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

/** Names and values, one pair a line. */
export function fields(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

/** Amounts as decimal strings of smallest units, everything else as it is. */
export function json(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part),
    2,
  );
}
