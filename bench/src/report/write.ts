/** Writes the report: the document and its pictures, from what is kept in `results/`. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NOTES } from "../notes.ts";
import type { Measured } from "../results.ts";
import { withCapacity } from "./capacity.ts";
import { makeDocument, PICTURES } from "./document.ts";
import { drawResults } from "./plot.ts";

/** The report's files by their paths below `docs/`. */
export function makeReport(measured: Measured): ReadonlyMap<string, string> {
  return new Map([
    ["BENCHMARKS.md", makeDocument(measured, NOTES)],
    [PICTURES.light, drawResults(measured.results, "light")],
    [PICTURES.dark, drawResults(measured.results, "dark")],
  ]);
}

/** Writes it below `docs`. */
export async function writeReport(docs: string, measured: Measured): Promise<void> {
  for (const [path, content] of makeReport(measured)) {
    const file = join(docs, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const scaling = join(docs, "SCALING.md");
  const document = await readFile(scaling, "utf8");
  await writeFile(scaling, withCapacity(document, measured));
}
