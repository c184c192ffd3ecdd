import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { countPlaywright, countVitest } from "../test-counts.ts";

const folder = mkdtempSync(join(tmpdir(), "chit-counts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(content: unknown): string {
  const file = join(folder, "report.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe("countVitest", () => {
  test("counts tests, and a file that failed to load as one failure", () => {
    const file = report({
      numPassedTests: 7,
      numFailedTests: 2,
      testResults: [
        { status: "failed", assertionResults: [{}, {}, {}] },
        { status: "failed", assertionResults: [] },
        { status: "passed", assertionResults: [{}] },
      ],
    });
    expect(countVitest(file)).toEqual({ passed: 7, failed: 3 });
  });

  test("refuses a report without numbers", () => {
    expect(() => countVitest(report({ numPassedTests: 7 }))).toThrow("numFailedTests");
  });
});

describe("countPlaywright", () => {
  test("counts flaky tests and errors outside of tests as failures, skipped ones not at all", () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 4 };
    expect(countPlaywright(report({ stats, errors: [{ message: "No tests found" }] }))).toEqual({
      passed: 5,
      failed: 3,
    });
  });

  test("refuses a report without numbers", () => {
    expect(() => countPlaywright(report({ stats: { expected: 5 } }))).toThrow("unexpected");
  });
});
