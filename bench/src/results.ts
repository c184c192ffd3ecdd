/** The results on disk: what was measured last, and on what. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Result } from "./row.ts";

const finite = v.pipe(v.number(), v.finite());
const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(400));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const resultSchema = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9]+(\.[a-z0-9-]+)*$/), v.maxLength(60)),
  value: finite,
  unit: text,
  ratio: v.nullable(finite),
  against: v.nullable(text),
  rounds: count,
});
const resultsSchema: v.GenericSchema<unknown, Result[]> = v.array(resultSchema);

const runSchema = v.strictObject({
  /** Of the commit that was measured; null outside of a repository. */
  commit: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
  /** Whether files differed from that commit, other than the report's own. */
  localChanges: v.boolean(),
  date: v.pipe(v.string(), v.isoDate()),
  cores: count,
  processor: text,
  node: text,
  postgres: text,
  /** The machine's load when it began: above 1 others used it too. */
  load: v.pipe(finite, v.minValue(0)),
  /** Names of the results that come from this run. */
  results: v.array(text),
});
const runsSchema = v.array(runSchema);

/** One run of the benchmark: what was measured, and where. */
export type Run = v.InferOutput<typeof runSchema>;

/** All that is kept: results, and the runs that they come from, each result from one. */
export interface Measured {
  readonly results: readonly Result[];
  readonly runs: readonly Run[];
}

const LATEST = "latest.json";
const RUNS = "run.json";
const NOTHING: Measured = { results: [], runs: [] };

/** What is kept in the folder; nothing where there is none yet. @throws when a file is not what it should be */
export async function readMeasured(folder: string): Promise<Measured> {
  const [results, runs] = await Promise.all([LATEST, RUNS].map((name) => read(join(folder, name))));
  if (results === undefined || runs === undefined) return NOTHING;
  return { results: v.parse(resultsSchema, results), runs: v.parse(runsSchema, runs) };
}

/** Writes both files. @throws when the results are not fit to be read again */
export async function writeMeasured(folder: string, { results, runs }: Measured): Promise<void> {
  await writeResults(folder, LATEST, results);
  await writeFile(join(folder, RUNS), json(v.parse(runsSchema, runs)));
}

/** Writes results alone, for whoever measured only some of them, or roughly. */
export async function writeResults(
  folder: string,
  name: string,
  results: readonly Result[],
): Promise<void> {
  const content = json(v.parse(resultsSchema, results));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), content);
}

/** A run takes the place of the results that it measured anew; a run of which none is left is forgotten. */
export function mergeRun(before: Measured, results: readonly Result[], run: Run): Measured {
  const anew = new Map(results.map((result) => [result.name, result]));
  const known = new Set(before.results.map(({ name }) => name));
  const older = before.runs.map((one) => ({
    ...one,
    results: one.results.filter((name) => !anew.has(name)),
  }));
  return {
    results: [
      ...before.results.map((result) => anew.get(result.name) ?? result),
      ...results.filter(({ name }) => !known.has(name)),
    ],
    runs: [...older.filter((one) => one.results.length > 0), run],
  };
}

async function read(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
