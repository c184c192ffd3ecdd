// `npm test`: every check there is, one stage after the other. It goes on after a stage that fails, so that
// one run shows all that is wrong, and ends with a line `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { type Count, countPlaywright, countVitest } from "./test-counts.ts";

const reports = "test-results";

type Stage = {
  name: string;
  command: string[];
  /** The name of a stage without whose success this one cannot be run. */
  after?: string;
  /** Reads how many tests passed from the report that the stage wrote; a stage without one counts as one. */
  report?: { file: string; count: (file: string) => Count };
};

const unit = `${reports}/unit.json`;
const e2e = `${reports}/e2e.json`;

// Biome knows a switch of its own only.
const biomeColours = process.stdout.isTTY ? [] : ["--", "--colors=off"];

const stages: Stage[] = [
  { name: "format and lint", command: ["npm", "run", "--silent", "lint", ...biomeColours] },
  { name: "types", command: ["npm", "run", "--silent", "types"] },
  { name: "unused code", command: ["npm", "run", "--silent", "unused"] },
  {
    name: "unit and integration tests",
    command: ["vitest", "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${unit}`],
    report: { file: unit, count: countVitest },
  },
  { name: "extension build", command: ["npm", "run", "--silent", "build:extension"] },
  {
    name: "web-ext lint",
    command: ["npm", "run", "--silent", "lint:extension"],
    after: "extension build",
  },
  {
    name: "end-to-end tests",
    command: ["node", "scripts/e2e.ts", "--built"],
    after: "extension build",
    report: { file: e2e, count: countPlaywright },
  },
];

// Into a file or a log without colours, whatever each tool thinks of its output.
const { FORCE_COLOR: _, ...plain } = process.env;
const environment = process.stdout.isTTY ? process.env : { ...plain, NO_COLOR: "1" };

type Outcome = Count & { name: string; seconds: number; note: string };

const outcomes: Outcome[] = [];

function runStage(stage: Stage): Outcome {
  console.log(`\n━━ ${stage.name} ${"━".repeat(Math.max(0, 76 - stage.name.length))}`);
  const broken = stage.after && outcomes.find((o) => o.name === stage.after && o.failed > 0);
  if (broken) {
    console.log(`not run, because "${broken.name}" failed`);
    return { name: stage.name, passed: 0, failed: 1, seconds: 0, note: "not run" };
  }

  const [command = "", ...args] = stage.command;
  const start = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: "inherit", env: environment });
  const seconds = (performance.now() - start) / 1000;
  if (error) console.error(error.message);
  const ok = status === 0;

  let count: Count = { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  if (stage.report && existsSync(stage.report.file)) {
    count = stage.report.count(stage.report.file);
    // The tool failed without a failing test: a file that could not be read, a server that did not start.
    if (!ok && count.failed === 0) count.failed = 1;
  }
  return { name: stage.name, ...count, seconds, note: "" };
}

// A report of an earlier run must not be counted.
mkdirSync(reports, { recursive: true });
for (const { report } of stages) if (report) rmSync(report.file, { force: true });

for (const stage of stages) outcomes.push(runStage(stage));

console.log(`\n━━ summary ${"━".repeat(69)}`);
for (const { name, passed, failed, seconds, note } of outcomes) {
  const mark = failed === 0 ? "✓" : "✗";
  const time = note || `${seconds.toFixed(1)} s`;
  console.log(
    `${mark} ${name.padEnd(28)}${String(passed).padStart(6)} passed${String(failed).padStart(6)} failed${time.padStart(10)}`,
  );
}

const total = (key: "passed" | "failed") => outcomes.reduce((sum, o) => sum + o[key], 0);
console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
process.exitCode = total("failed") === 0 ? 0 : 1;
