/** The whole system under courses that a seed draws: fixed ones, and fresh ones whose seeds are printed. */
import { createHash, randomInt } from "node:crypto";
import { expect, inject, test } from "vitest";
import { createChance } from "../src/chance.ts";
import type { Letter } from "../src/post.ts";
import { describeFinding, runCourse, simulate } from "../src/simulate.ts";
import { drawCourse } from "../src/step.ts";

const url = inject("simulationPostgresUrl");
const STEPS = 120;
/** A machine that does other things too takes its time. */
const PATIENCE = 120_000;

const fixed = ["2", "7"];
const fresh = [String(randomInt(1_000_000_000))];

test.each([
  ...fixed.map((seed) => ({ seed, kind: "fixed" })),
  ...fresh.map((seed) => ({ seed, kind: "fresh" })),
])(
  "every rule holds in the course of seed $seed ($kind)",
  { timeout: PATIENCE },
  async ({ seed, kind }) => {
    if (kind === "fresh") console.info(`simulation: seed ${seed}, ${STEPS} steps`);
    const finding = await simulate(url, seed, STEPS, {
      shortenSeconds: 30,
      onViolation: console.error,
    });
    expect(finding === undefined ? "" : describeFinding(finding)).toBe("");
  },
);

test("a seed is a course: twice the same messages, byte for byte", {
  timeout: PATIENCE,
}, async () => {
  const seen: string[][] = [];
  for (const _ of [1, 2]) {
    const course = drawCourse(createChance("again"), 60);
    await runCourse(url, "again", course, async ({ post }) => {
      seen.push(post.letters.map(describeLetter));
    });
  }
  const [first = [], second = []] = seen;
  expect(first.length).toBeGreaterThan(30);
  expect(second).toEqual(first);
});

function describeLetter({ method, url: where, body, answer }: Letter): string {
  const digest = (bytes: Uint8Array = new Uint8Array()) =>
    createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return `${method} ${where} ${digest(body)} ${answer?.status} ${digest(answer?.body)}`;
}
