/** The report tells what was measured and nothing else, and is not stale. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXPECTATIONS, judge, tellExpectation } from "../src/expectations.ts";
import { NOTES } from "../src/notes.ts";
import { makeDocument } from "../src/report/document.ts";
import { drawResults } from "../src/report/plot.ts";
import { makeReport } from "../src/report/write.ts";
import { type Run, readMeasured } from "../src/results.ts";
import type { Result } from "../src/row.ts";

const ROOT = join(import.meta.dirname, "../..");
const row = (name: string, value: number, ratio: number | null, unit = "payments/s"): Result => ({
  name,
  value,
  unit,
  ratio,
  against: ratio === null ? null : "a yardstick, 10/s",
  rounds: 5,
});
const run = (over: Partial<Run> = {}): Run => ({
  commit: "0123456789abcdef0123456789abcdef01234567",
  localChanges: false,
  date: "2026-11-22",
  cores: 2,
  processor: "A Processor",
  node: "v26.1.0",
  postgres: "18.4",
  load: 0.4,
  results: ["tps.floor"],
  ...over,
});
const NOTE = new Map([["tps.floor", "It takes **two** machines."]]);

test("the report that is committed is the one of the results that are committed (else: npm run bench -- report)", async () => {
  const report = makeReport(await readMeasured(join(ROOT, "bench/results")));
  for (const [path, content] of report) {
    expect(await readFile(join(ROOT, "docs", path), "utf8"), path).toBe(content);
  }
});

test("notes are for rows of which something is expected", () => {
  for (const name of NOTES.keys()) expect([...EXPECTATIONS.keys()]).toContain(name);
});

describe("an expectation", () => {
  test("holds at its bound, on the right side, and not where there is no ratio", () => {
    const verdicts = [
      row("tps.floor", 1, 0.5),
      row("tps.floor", 1, 0.499),
      row("mts.step", 1, 2),
      row("mts.step", 1, 2.01),
      row("purchase.wall", 300, 99, "ms"),
      row("purchase.wall", 301, null, "ms"),
      row("tps.tpcb", 99, null),
      row("cts.crypto", 1, null),
    ].map(judge);
    expect(verdicts).toEqual([
      ...["held", "missed", "held", "missed", "held", "missed", "missed"],
      "not expected",
    ]);
  });

  test("is told with its sign, and with the unit where it is of the value", () => {
    const told = [row("tps.hot", 1, 1), row("purchase.wall", 1, 1, "ms"), row("memory.tps", 1, 1)];
    expect(told.map(tellExpectation)).toEqual(["≥ 0.95", "≤ 300 ms", ""]);
  });
});

describe("the document", () => {
  test("shows a note while its row misses, and only then", () => {
    const missed = makeDocument({ results: [row("tps.floor", 1, 0.4)], runs: [run()] }, NOTE);
    expect(missed).toContain("### tps.floor: 0.4, expected ≥ 0.5\n\nIt takes **two** machines.");
    expect(missed).toMatch(/^\| `tps.floor` \| 1 \| .* \| ≥ 0.5 \| \*\*no\*\* \| 5 \|$/m);
    const held = makeDocument({ results: [row("tps.floor", 1, 0.6)], runs: [run()] }, NOTE);
    expect(held).not.toContain("It takes");
    expect(held).toMatch(/^\| `tps.floor` .* \| yes \| 5 \|$/m);
  });

  test("says where nobody explained a miss, and which rows were not measured", () => {
    const text = makeDocument({ results: [row("tps.floor", 1, 0.4)], runs: [run()] }, new Map());
    expect(text).toContain("Nobody has explained this yet.");
    expect(text).toMatch(/^\| `tps.tpcb` .*\| not measured \|/m);
    expect(text).not.toMatch(/^\| `tps.floor` .*not measured/m);
  });

  test("names commit, machine and date, and says so when files differed from the commit", () => {
    const told = (over: Partial<Run>) => makeDocument({ results: [], runs: [run(over)] }, NOTE);
    expect(told({})).toContain(
      "Measured at commit `0123456789ab` on 2026-11-22: 2 × A Processor, Node v26.1.0, PostgreSQL 18.4.",
    );
    expect(told({ localChanges: true })).toContain("`0123456789ab` with local changes on");
    expect(told({ load: 17.8 })).toContain("while others used the machine (load 17.8).");
    expect(told({ commit: null })).toContain("at an unknown commit on");
  });

  test("of several runs names the rows of each; a text with a bar breaks no table", () => {
    const results = [row("tps.floor", 1, 1, "a|b"), row("tps.hot", 1, 1)];
    const runs = [run(), run({ results: ["tps.hot"], date: "2026-11-23" })];
    const text = makeDocument({ results, runs }, NOTE);
    expect(text).toContain("PostgreSQL 18.4; `tps.floor`.");
    expect(text).toMatch(/2026-11-23: .*; `tps.hot`\.$/m);
    expect(text).toContain("a\\|b");
  });
});

describe("the picture", () => {
  const results = [
    row("tps.floor", 4_000, 0.4),
    row("tps.hot", 4_000, 1),
    row("tps.latency.p99", 30, 7, "ms at 2000 payments/s"),
    row("peers.wall", 3, 0.1, "ms & more"),
    row("memory.tps", 4_000, null),
  ];

  test("has a bar for each ratio and each time, in the colour of its verdict", () => {
    const svg = drawResults(results, "light");
    const bars = [
      ...svg.matchAll(/<text [^>]*text-anchor="end">([^<]+)<\/text><rect [^>]*fill="(#\w+)"/g),
    ];
    expect(bars.map(([, name, colour]) => [name, colour])).toEqual([
      ["tps.floor", "#bc4c00"],
      ["tps.hot", "#0969da"],
      ["tps.latency.p99", "#818b98"],
      ["peers.wall", "#818b98"],
    ]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("puts a ratio below one to the left of the yardstick's line, by its logarithm", () => {
    const [from, half, double] = [0.25, 0.5, 2].map((ratio) => {
      const found = /<circle cx="([\d.]+)"/.exec(
        drawResults([row("a", 1, ratio), row("b", 1, 4), row("c", 1, 0.25)], "light"),
      );
      return Number(found?.[1]);
    }) as [number, number, number];
    expect([from < half, half < double]).toEqual([true, true]);
    expect((double - half) / (half - from)).toBeCloseTo(2, 1);
  });

  test("is the same in the dark but for its colours, and has no text that is markup", () => {
    const plain = (svg: string) => svg.replaceAll(/#[0-9a-f]{6}/g, "");
    const dark = drawResults(results, "dark");
    expect(plain(dark)).toBe(plain(drawResults(results, "light")));
    expect(dark).not.toBe(drawResults(results, "light"));
    expect(drawResults([row("<b>", 1, 1)], "dark")).toContain("&lt;b>");
  });

  test("of nothing is a picture too", () => {
    expect(drawResults([], "light")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });
});
