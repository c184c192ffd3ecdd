import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findThreatTests, listedTests, rowsOf, titlesIn, withTests } from "../threat-tests.ts";

const ROOT = join(import.meta.dirname, "../..");
const document = readFileSync(join(ROOT, "docs/THREATS.md"), "utf8");
const inTree = findThreatTests(ROOT);

describe("docs/THREATS.md", () => {
  test("lists exactly the tests that are there, by their titles (else: npm run threats)", () => {
    expect(listedTests(document)).toEqual(inTree);
    expect(withTests(document, inTree)).toBe(document);
  });

  test("has 25 rows, and a test for each", () => {
    expect(rowsOf(document)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    const shown = new Set(inTree.map(({ threat }) => threat));
    expect(rowsOf(document).filter((row) => !shown.has(row))).toEqual([]);
  });

  test("names no threat that is no row", () => {
    for (const { threat, title } of inTree) expect(rowsOf(document), title).toContain(threat);
  });
});

test("titles are found in literals alone, also such with values in them", () => {
  const number = 4;
  const source = [
    `test("threat ${number}: all or nothing", async () => {`,
    `  ])("threat ${number}: at %i", f);`,
    `  test(\`threat ${number}: \${name} is refused\`, f);`,
    `  ["threat ${number}: ", CASES],`,
    `// threat ${number}: a comment`,
  ].join("\n");
  expect(titlesIn(source, "a.test.ts").map(({ title }) => title)).toEqual([
    `threat ${number}: all or nothing`,
    `threat ${number}: at %i`,
    `threat ${number}: \${name} is refused`,
  ]);
});
