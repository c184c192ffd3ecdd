/** `npm run simulate -- --seed N --steps M --runs K`: runs courses until one fails. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { startPostgres } from "./postgres.ts";
import { describeFinding, simulate } from "./simulate.ts";

const USAGE = `npm run simulate -- [--seed N] [--steps M] [--runs K] [--shorten S]

Runs K courses (10) of M steps (150), each with a seed of its own: N, N+1, … (a random N unless told). Ends at the
first one that breaks a rule, and prints its seed and the shortest course that still does, which may take S seconds (600) to find.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    steps: { type: "string", default: "150" },
    runs: { type: "string" },
    shorten: { type: "string", default: "600" },
    help: { type: "boolean", default: false },
  },
});

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`--${name} is a whole number.\n\n${USAGE}`);
  process.exit(2);
}

if (values.help) {
  console.log(USAGE);
} else {
  const first = values.seed === undefined ? randomInt(1_000_000) : whole("seed", values.seed);
  const steps = whole("steps", values.steps);
  const runs = whole("runs", values.runs ?? (values.seed === undefined ? "10" : "1"));
  const postgres = await startPostgres();
  try {
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      const seed = String(first + run);
      const finding = await simulate(postgres.url, seed, steps, {
        shortenSeconds: whole("shorten", values.shorten),
        onViolation: console.error,
      });
      const seconds = ((performance.now() - start) / 1_000).toFixed(1);
      if (finding !== undefined) {
        console.log(describeFinding(finding));
        process.exitCode = 1;
        break;
      }
      console.log(`seed ${seed}: ${steps} steps, every rule holds (${seconds} s)`);
    }
  } finally {
    await postgres.release();
  }
}
