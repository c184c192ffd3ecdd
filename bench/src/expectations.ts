/** What is expected of which row: the only place where it is said. */
import { figure } from "./figures.ts";
import type { Result } from "./row.ts";

/** A bound for a row's ratio to its yardstick, or for its value where nothing comparable exists. */
export interface Expectation {
  readonly of: "ratio" | "value";
  readonly bound: "at least" | "at most";
  readonly figure: number;
}

const ratio = (bound: Expectation["bound"], figure: number): Expectation => ({
  of: "ratio",
  bound,
  figure,
});

const value = (bound: Expectation["bound"], figure: number): Expectation => ({
  of: "value",
  bound,
  figure,
});

/** By the name of the row. */
export const EXPECTATIONS: ReadonlyMap<string, Expectation> = new Map([
  ["tps.floor", ratio("at least", 0.5)],
  ["tps.tpcb", ratio("at least", 2)],
  ["tps.hot", ratio("at least", 0.95)],
  ["tps.grow", ratio("at least", 0.85)],
  ["mts.step", ratio("at most", 2)],
  ["goods.stream", ratio("at least", 0.5)],
  // Values are in the row's unit: milliseconds, MB.
  ["purchase.wall", value("at most", 300)],
  // At rest a shop has some 120, at work some 200; one that held the file of 256 that it delivers would have more than 300.
  ["memory.mts", value("at most", 400)],
  ["memory.goods", value("at most", 300)],
]);

/** How a row stands: `missed` also where the ratio is missing that something is expected of. */
export type Verdict = "held" | "missed" | "not expected";

/** Holds a result against what is expected of it. */
export function judge(result: Result): Verdict {
  const expectation = EXPECTATIONS.get(result.name);
  if (expectation === undefined) return "not expected";
  const seen = result[expectation.of];
  if (seen === null) return "missed";
  const held =
    expectation.bound === "at least" ? seen >= expectation.figure : seen <= expectation.figure;
  return held ? "held" : "missed";
}

/** `≥ 2`, `≤ 300 ms`; empty where nothing is expected. */
export function tellExpectation({ name, unit }: Pick<Result, "name" | "unit">): string {
  const expectation = EXPECTATIONS.get(name);
  if (expectation === undefined) return "";
  const sign = expectation.bound === "at least" ? "≥" : "≤";
  return `${sign} ${expectation.figure}${expectation.of === "value" ? ` ${unit}` : ""}`;
}

/** What was seen of that which something is expected of, in the same terms. */
export function tellSeen(result: Result): string {
  if (EXPECTATIONS.get(result.name)?.of === "value")
    return `${figure(result.value)} ${result.unit}`;
  return result.ratio === null ? "no ratio" : figure(result.ratio);
}
