/** Measures rows, one after another, each with everything that it started stopped again. */
import { judge, tellExpectation } from "./expectations.ts";
import { figure } from "./figures.ts";
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

/** What came of a run: a row that failed leaves the others alone. */
export interface Outcome {
  readonly results: readonly Result[];
  /** Names of the rows that failed; what went wrong was said. */
  readonly failed: readonly string[];
}

/** Somebody does not want to wait: no row is tried after it. */
export class BrokenOff extends Error {}

/**
 * Measures `rows` and goes on when one fails, for the others may have taken half an hour.
 *
 * @param nowMilliseconds for the times that it says
 * @throws {BrokenOff} when `broken` rejects with it
 */
export async function measureAll(
  rows: readonly Row[],
  effort: Effort,
  say: (text: string) => void,
  broken: Promise<never>,
  nowMilliseconds: () => number,
): Promise<Outcome> {
  const results: Result[] = [];
  const failed: string[] = [];
  for (const [index, row] of rows.entries()) {
    const began = nowMilliseconds();
    const place = `${index + 1} of ${rows.length}`;
    try {
      const measured = await measureRows([row], effort, say, broken);
      results.push(...measured);
      const seconds = Math.round((nowMilliseconds() - began) / 1_000);
      say(measured.map((result) => `  ${tellShortly(result)}`).join("\n"));
      say(`  (${place}, ${seconds} s)`);
    } catch (error) {
      if (error instanceof BrokenOff) throw error;
      failed.push(row.name);
      say(`  ${row.name} failed (${place}): ${error instanceof Error ? error.stack : error}`);
    }
  }
  return { results, failed };
}

function tellShortly({ name, value, unit, ratio }: Result): string {
  return `${name}: ${figure(value)} ${unit}${ratio === null ? "" : `, ratio ${figure(ratio)}`}`;
}

/** The results as a table for people. */
export function formatResults(results: readonly Result[]): string {
  const header = ["name", "value", "unit", "ratio", "to", "expected", "held", "rounds"];
  const lines = results.map((result) => [
    result.name,
    figure(result.value),
    result.unit,
    result.ratio === null ? "-" : figure(result.ratio),
    result.against ?? "-",
    tellExpectation(result) || "-",
    { held: "yes", missed: "NO", "not expected": "-" }[judge(result)],
    String(result.rounds),
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
