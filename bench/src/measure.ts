/** Measures rows, one after another, each with everything that it started stopped again. */
import type { Effort, Result, Row } from "./row.ts";

/**
 * Measures `rows`. What one of them started is stopped before the next, also when it fails or when `broken` rejects
 * because somebody does not want to wait.
 */
export async function measureRows(
  rows: readonly Row[],
  effort: Effort,
  say: (text: string) => void,
  broken: Promise<never> = new Promise(() => undefined),
): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    const endings: (() => Promise<void>)[] = [];
    say(`${row.name} …`);
    try {
      const onEnd = (work: () => Promise<void>) => void endings.push(work);
      results.push(...(await Promise.race([row.measure({ effort, say, onEnd }), broken])));
    } finally {
      for (const end of endings.toReversed()) await end();
    }
  }
  return results;
}

/** The results as a table for people. */
export function formatResults(results: readonly Result[]): string {
  const header = ["name", "value", "unit", "ratio", "to"];
  const lines = results.map(({ name, value, unit, ratio, against }) => [
    name,
    value >= 100 ? String(Math.round(value)) : value.toFixed(1),
    unit,
    ratio === null ? "-" : ratio.toFixed(2),
    against ?? "-",
  ]);
  const rows = [header, ...lines];
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
