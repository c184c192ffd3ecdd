#!/usr/bin/env node
/** `npm run bench`: measures, shows a table, keeps the results and writes the report. See bench/README.md. */
import { fileURLToPath } from "node:url";
import { type BenchCommand, readCommand } from "./command.ts";
import { BrokenOff, formatResults, measureAll } from "./measure.ts";
import { writeReport } from "./report/write.ts";
import { mergeRun, readMeasured, writeMeasured, writeResults } from "./results.ts";
import { FULL, QUICK } from "./row.ts";
import { ROWS } from "./rows/index.ts";
import { describeRun } from "./this-run.ts";

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));
const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));
const say = (text: string) => console.error(text);

const command = readCommand(process.argv.slice(2), ROWS);
switch (command.kind) {
  case "refused":
    say(command.why);
    process.exitCode = 1;
    break;
  case "report":
    await writeReport(DOCS, await readMeasured(RESULTS));
    break;
  case "measure":
    await measure(command);
}

async function measure({ rows, quick, keep }: BenchCommand & { kind: "measure" }): Promise<void> {
  const broken = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => reject(new BrokenOff(`Broken off (${signal}).`)));
    }
  });
  const run = await describeRun(new Date());
  if (run.load > 1)
    say(`Others use this machine (load ${run.load}): measure again when it is quiet.`);
  const effort = quick ? QUICK : FULL;
  const { results, failed } = await measureAll(rows, effort, say, broken, () => performance.now());
  console.log(
    `${run.cores} × ${run.processor}, Node ${run.node}, PostgreSQL ${run.postgres}, commit ${run.commit ?? "unknown"}${run.localChanges ? " with local changes" : ""}\n`,
  );
  console.log(formatResults(results));
  if (failed.length > 0) {
    say(`\nFailed: ${failed.join(", ")}. Measure what is missing with --merge.`);
    process.exitCode = 1;
  }
  for (const { name, isLong } of quick ? [] : rows) {
    const own = results.filter((result) => result.name.startsWith(`${name}.`));
    if (isLong && own.length > 0) await writeResults(RESULTS, `${name}.json`, own);
  }
  // A part of the rows, or a rough measure of them, is no new state of the whole.
  if (keep === "aside") return writeResults(RESULTS, "quick.json", results);
  // Of what failed the older result stays, with the run that it came from.
  const anew = keep === "whole" && failed.length === 0;
  const before = anew ? { results: [], runs: [] } : await readMeasured(RESULTS);
  const names = results.map(({ name }) => name);
  const measured = mergeRun(before, results, { ...run, results: names });
  await writeMeasured(RESULTS, measured);
  await writeReport(DOCS, measured);
}
