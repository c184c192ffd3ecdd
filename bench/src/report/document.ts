/** docs/BENCHMARKS.md: made of the results alone, so that it tells nothing that was not measured. */
import { EXPECTATIONS, judge, tellExpectation, tellSeen } from "../expectations.ts";
import { figure } from "../figures.ts";
import type { Measured, Run } from "../results.ts";
import type { Result } from "../row.ts";

/** Where the pictures are, seen from the document. */
export const PICTURES = {
  light: "images/benchmarks-light.svg",
  dark: "images/benchmarks-dark.svg",
} as const;

/**
 * The document.
 *
 * @param notes Markdown by the name of the row, shown while the row misses what is expected of it
 */
export function makeDocument(
  { results, runs }: Measured,
  notes: ReadonlyMap<string, string>,
): string {
  const missed = results.filter((result) => judge(result) === "missed");
  return [
    "<!-- Written by `npm run bench`, from bench/results; notes are in bench/src/notes.ts. Not by hand. -->",
    "# Measured",
    "Each row is measured against a yardstick in the same run, the two in turn, and the figure is the median of its rounds. Values depend on the machine; **ratios** are what counts. What each row does, and how to measure it yourself: [bench/README.md](../bench/README.md).",
    runs.map((run) => tellRun(run, runs.length > 1)).join("\n") || "Nothing was measured yet.",
    picture(),
    table(results),
    ...(missed.length === 0 ? [] : [tellMissed(missed, notes)]),
  ]
    .join("\n\n")
    .concat("\n");
}

function tellRun(run: Run, several: boolean): string {
  const commit =
    run.commit === null ? "an unknown commit" : `commit \`${run.commit.slice(0, 12)}\``;
  const changes = run.localChanges ? " with local changes" : "";
  const machine = `${run.cores} × ${run.processor}, Node ${run.node}, PostgreSQL ${run.postgres}`;
  const others = run.load > 1 ? `, while others used the machine (load ${run.load})` : "";
  const which = several ? `; ${run.results.map((name) => `\`${name}\``).join(", ")}` : "";
  return `${several ? "- " : ""}Measured at ${commit}${changes} on ${run.date}: ${machine}${others}${which}.`;
}

function picture(): string {
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${PICTURES.dark}">
  <img src="${PICTURES.light}" width="920" alt="The ratios of the table below as bars, with marks where something is expected.">
</picture>`;
}

function table(results: readonly Result[]): string {
  const head = ["row", "value", "unit", "ratio", "to", "expected", "held?", "rounds"];
  const lines = results.map((result) => [
    `\`${result.name}\``,
    figure(result.value),
    result.unit,
    result.ratio === null ? "" : figure(result.ratio),
    result.against ?? "",
    tellExpectation(result),
    { held: "yes", missed: "**no**", "not expected": "" }[judge(result)],
    String(result.rounds),
  ]);
  const measured = new Set(results.map(({ name }) => name));
  const absent = [...EXPECTATIONS.keys()].filter((name) => !measured.has(name));
  for (const name of absent) lines.push([`\`${name}\``, ...Array(5).fill(""), "not measured", ""]);
  const rule = head.map((name) => (["value", "ratio", "rounds"].includes(name) ? "---:" : "---"));
  return [head, rule, ...lines]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function tellMissed(missed: readonly Result[], notes: ReadonlyMap<string, string>): string {
  const parts = missed.map((result) => {
    const seen = tellSeen(result);
    const note = notes.get(result.name) ?? "Nobody has explained this yet.";
    return `### ${result.name}: ${seen}, expected ${tellExpectation(result)}\n\n${note.trim()}`;
  });
  return ["## What is missed, and what it would take", ...parts].join("\n\n");
}
