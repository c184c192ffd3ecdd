// Reads the numbers of passed and failed tests from the reports of the two test runners.
import { readFileSync } from "node:fs";

export type Count = { passed: number; failed: number };

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

/** @throws Error when the report holds no number where one belongs: better no count than a wrong one. */
function number(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new Error(`the test report has no ${what}`);
}

/** Vitest's JSON report. A file that failed to load holds no test; it counts as one failure. */
export function countVitest(file: string): Count {
  const report = read(file) as {
    numPassedTests?: number;
    numFailedTests?: number;
    testResults?: { status: string; assertionResults: unknown[] }[];
  };
  const unloaded = (report.testResults ?? []).filter(
    (result) => result.status === "failed" && result.assertionResults.length === 0,
  ).length;
  return {
    passed: number(report.numPassedTests, "numPassedTests"),
    failed: number(report.numFailedTests, "numFailedTests") + unloaded,
  };
}

/** Playwright's JSON report. A flaky test counts as failed, as do errors outside of any test. */
export function countPlaywright(file: string): Count {
  const report = read(file) as {
    stats?: { expected?: number; unexpected?: number; flaky?: number };
    errors?: unknown[];
  };
  return {
    passed: number(report.stats?.expected, "stats.expected"),
    failed:
      number(report.stats?.unexpected, "stats.unexpected") +
      number(report.stats?.flaky, "stats.flaky") +
      (report.errors ?? []).length,
  };
}
