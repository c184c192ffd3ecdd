// The tests that show the rows of docs/THREATS.md, found by their titles. `npm run threats` lists them there anew.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type ThreatTest = { threat: number; title: string; file: string };

const PACKAGES = "{protocol,extension,merchant-sdk,tps-server,simulation,e2e,scripts}";
const FILES = [`${PACKAGES}/test/**/*.test.{ts,tsx}`, "e2e/*.spec.ts"];
/** A literal that begins as such a title does; a title that is put together is not found. */
const TITLE = /(["`])threat (\d+): (?=\S)((?:(?!\1).)+)\1/g;
const BEGIN = "<!-- The tests: written by `npm run threats`. -->";
const END = "<!-- End of the tests. -->";

/** All tests below `root` that are named `threat N: …`, by number, file and place in the file. */
export function findThreatTests(root: string): ThreatTest[] {
  const files = globSync(FILES, { cwd: root }).sort();
  const tests = files.flatMap((file) => titlesIn(readFileSync(join(root, file), "utf8"), file));
  return tests.sort((a, b) => a.threat - b.threat);
}

/** The titles in one file's text. */
export function titlesIn(source: string, file: string): ThreatTest[] {
  return [...source.matchAll(TITLE)].map(([literal, , threat]) => ({
    threat: Number(threat),
    title: literal.slice(1, -1),
    file,
  }));
}

/** The numbers of the table's rows. */
export function rowsOf(document: string): number[] {
  return [...document.matchAll(/^\| (\d+) \|/gm)].map(([, row]) => Number(row));
}

/** The tests that the document lists. */
export function listedTests(document: string): ThreatTest[] {
  const lines = document.slice(document.indexOf(BEGIN), document.indexOf(END)).split("\n");
  return lines.flatMap((line) => {
    const found = /^- \*\*(\d+)\*\* (.+) · `(.+)`$/.exec(line);
    if (found === null) return [];
    const [, threat = "", rule = "", file = ""] = found;
    return [{ threat: Number(threat), title: `threat ${threat}: ${rule}`, file }];
  });
}

/** The document with these tests listed in place of the ones that were. */
export function withTests(document: string, tests: readonly ThreatTest[]): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error("docs/THREATS.md has lost the marks of its list.");
  const lines = tests.map(({ threat, title, file }) => {
    const rule = title.replace(/^threat \d+: /, "");
    return `- **${threat}** ${rule} · \`${file}\``;
  });
  return `${document.slice(0, from)}${[BEGIN, "", ...lines, "", END].join("\n")}${document.slice(to + END.length)}`;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const path = join(root, "docs/THREATS.md");
  writeFileSync(path, withTests(readFileSync(path, "utf8"), findThreatTests(root)));
}
