/** What is kept of a run: the whole of it, rows of it, or nothing. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readCommand } from "../src/command.ts";
import { BrokenOff, measureAll } from "../src/measure.ts";
import { mergeRun, type Run, readMeasured, writeMeasured, writeResults } from "../src/results.ts";
import { QUICK, type Result, type Row } from "../src/row.ts";
import { describeRun } from "../src/this-run.ts";

const result = (name: string, value = 1): Result => ({
  name,
  value,
  unit: "payments/s",
  ratio: null,
  against: null,
  rounds: 5,
});
const rowOf = (name: string, measure: Row["measure"] = async () => [result(name)]): Row => ({
  name,
  measure,
});
const ROWS = [rowOf("a"), rowOf("b")];
const run = (date: string, ...results: string[]): Run => ({
  ...{ commit: null, localChanges: false, date, cores: 2, processor: "P", node: "v26" },
  ...{ postgres: "18", load: 0, results },
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "chit-bench-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe("the command line", () => {
  test("only a whole run in full takes the place of the results; rows of it do when told to", () => {
    const kept = (...args: string[]) => {
      const command = readCommand(args, ROWS);
      return command.kind === "measure"
        ? [command.keep, command.quick, ...command.rows.map(({ name }) => name)]
        : command.kind;
    };
    expect(kept()).toEqual(["whole", false, "a", "b"]);
    expect(kept("--quick")).toEqual(["aside", true, "a", "b"]);
    expect(kept("b")).toEqual(["aside", false, "b"]);
    expect(kept("b", "--merge")).toEqual(["merge", false, "b"]);
    expect(kept("report")).toBe("report");
  });

  test("a long row is measured in a quick run only where it is named", () => {
    const rows = [...ROWS, { ...rowOf("long"), isLong: true as const }];
    const measured = (...args: string[]) => {
      const command = readCommand(args, rows);
      return command.kind === "measure"
        ? [command.keep, ...command.rows.map(({ name }) => name)]
        : command.kind;
    };
    expect(measured()).toEqual(["whole", "a", "b", "long"]);
    expect(measured("--quick")).toEqual(["aside", "a", "b"]);
    expect(measured("--quick", "long")).toEqual(["aside", "long"]);
  });

  test("is refused with the reason where it means nothing", () => {
    const refusals = [["c"], ["--fast"], ["--quick", "--merge"], ["report", "a"]].map((args) => {
      const command = readCommand(args, ROWS);
      return command.kind === "refused" ? command.why : "taken";
    });
    expect(refusals).toEqual([
      expect.stringContaining("no row c. Rows: a, b"),
      expect.stringContaining("--fast"),
      expect.stringContaining("leave out --quick"),
      expect.stringContaining("stands alone"),
    ]);
  });
});

describe("a run of all rows", () => {
  const never = new Promise<never>(() => undefined);

  test("goes on when one fails, and names it", async () => {
    const said: string[] = [];
    const failing = rowOf("bad", async () => {
      throw new Error("No such thing.");
    });
    const rows = [failing, ...ROWS];
    const outcome = await measureAll(
      rows,
      QUICK,
      (text) => said.push(text),
      never,
      () => 0,
    );
    expect(outcome.results.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(outcome.failed).toEqual(["bad"]);
    expect(said.join("\n")).toContain("No such thing.");
  });

  test("tries nothing more when somebody breaks it off", async () => {
    let tried = false;
    const endless = rowOf("endless", () => new Promise(() => undefined));
    const next = rowOf("next", async () => {
      tried = true;
      return [];
    });
    const broken = Promise.reject(new BrokenOff("Ctrl-C"));
    const measured = measureAll(
      [endless, next],
      QUICK,
      () => undefined,
      broken,
      () => 0,
    );
    await expect(measured).rejects.toThrow("Ctrl-C");
    expect(tried).toBe(false);
  });
});

describe("results", () => {
  test("merged stand in the place of the old ones, each with the run that it comes from", () => {
    const old = { results: [result("a"), result("b")], runs: [run("2026-01-01", "a", "b")] };
    const merged = mergeRun(old, [result("b", 2), result("c", 3)], run("2026-01-02", "b", "c"));
    expect(merged.results.map(({ name, value }) => [name, value])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    expect(merged.runs.map(({ date, results }) => [date, ...results])).toEqual([
      ["2026-01-01", "a"],
      ["2026-01-02", "b", "c"],
    ]);
    expect(mergeRun(merged, [result("a", 4)], run("2026-01-03", "a")).runs).toHaveLength(2);
  });

  test("are read as they were written: an array of six fields each, and the runs beside it", async () => {
    const path = await folder();
    expect(await readMeasured(path)).toEqual({ results: [], runs: [] });
    const measured = { results: [result("a")], runs: [run("2026-01-01", "a")] };
    await writeMeasured(path, measured);
    expect(await readMeasured(path)).toEqual(measured);
    const [first] = JSON.parse(await readFile(join(path, "latest.json"), "utf8"));
    expect(Object.keys(first)).toEqual(["name", "value", "unit", "ratio", "against", "rounds"]);
  });

  test("that are not whole are kept aside; such as are no figures are not written", async () => {
    const path = await folder();
    await writeResults(path, "quick.json", [result("a")]);
    expect(await readdir(path)).toEqual(["quick.json"]);
    await expect(writeResults(path, "quick.json", [result("a", Number.NaN)])).rejects.toThrow();
    expect(await readFile(join(path, "quick.json"), "utf8")).toContain('"value": 1');
  });

  test("that somebody changed into something else are refused", async () => {
    const path = await folder();
    await writeMeasured(path, { results: [result("a")], runs: [run("2026-01-01", "a")] });
    for (const wrong of ["{}", "[{}]", '[{"name":"a","more":1}]', "["]) {
      await writeFile(join(path, "latest.json"), wrong);
      await expect(readMeasured(path)).rejects.toThrow();
    }
  });
});

test("a run knows its commit and its machine", async () => {
  const { commit, date, cores, node, postgres } = await describeRun(
    new Date("2026-11-22T23:59:59Z"),
  );
  expect(commit ?? "0".repeat(40)).toMatch(/^[0-9a-f]{40}$/);
  expect([date, cores > 0, node]).toEqual(["2026-11-22", true, process.version]);
  expect(postgres).toMatch(/^\d+\.\d+/);
});
