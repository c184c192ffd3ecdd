#!/usr/bin/env node
/** `npm run bench`: measures, shows a table and writes `results/latest.json`. `--quick` measures less. */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { formatResults, measureRows } from "./measure.ts";
import { FULL, QUICK } from "./row.ts";
import { ROWS } from "./rows/index.ts";

const RESULTS = new URL("../results/", import.meta.url);

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) {
  const names = ROWS.map(({ name }) => name).join(", ");
  console.error(`There is no row ${unknown.join(", ")}. Rows: ${names}.`);
  process.exitCode = 1;
} else {
  const chosen = ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const [load = 0] = loadavg();
  if (load > 1)
    console.error(`Others use this machine (load ${load.toFixed(1)}): trust ratios only.`);
  const say = (text: string) => console.error(text);
  const broken = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => reject(new Error(`Broken off (${signal}).`)));
    }
  });
  const results = await measureRows(chosen, values.quick ? QUICK : FULL, say, broken);
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}\n`,
  );
  console.log(formatResults(results));
  // A part of the rows is no new state of the whole.
  if (positionals.length === 0) {
    await mkdir(RESULTS, { recursive: true });
    await writeFile(new URL("latest.json", RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  }
}
