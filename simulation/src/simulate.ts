/** Runs a course; finds the shortest one that still fails. */
import { perform } from "./act.ts";
import { comeToRest } from "./calm.ts";
import { createChance } from "./chance.ts";
import { checkRules, Violation } from "./rules.ts";
import { createStage, type Stage } from "./stage.ts";
import { describeStep, drawCourse, EVERYDAY, type Step, type Weights } from "./step.ts";

/** What a course came to. */
export interface Outcome {
  /** The rule that did not hold; undefined when all did. */
  readonly violation: string | undefined;
  /** Steps that were made before it was noticed. */
  readonly steps: number;
}

/** Runs `course` on a stage that `seed` determines, and lets it come to rest. */
export async function runCourse(
  postgresUrl: string,
  seed: string,
  course: readonly Step[],
  after: (stage: Stage) => Promise<void> = async () => {},
): Promise<Outcome> {
  const stage = await createStage(seed, postgresUrl);
  let steps = 0;
  try {
    for (const step of course) {
      steps += 1;
      stage.time.pass(1);
      const before = newsOf(stage);
      await perform(stage, step);
      await stage.effects.settle();
      if (newsOf(stage) !== before || step.do === "call") await checkRules(stage);
    }
    await comeToRest(stage);
    await after(stage);
    return { violation: undefined, steps };
  } catch (error) {
    if (error instanceof Violation) return { violation: error.message, steps };
    // A program that breaks is a finding too: whatever is thrown here nobody has caught.
    const thrown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { violation: `Nobody caught: ${thrown}`, steps };
  } finally {
    await stage.close();
  }
}

/** Changes whenever something may have happened to a rule: between two messages nothing can. */
function newsOf({ post, book }: Stage): string {
  return [post.delivered, book.claims.size, book.surprises.length].join();
}

/** A failure with the shortest course that was found for it. */
export interface Finding {
  readonly seed: string;
  readonly violation: string;
  readonly steps: number;
  readonly shortest: readonly Step[];
}

/** How a seed is run. */
export interface SimulateOptions {
  readonly weights?: Weights;
  /** How long a course that fails may be shortened, in seconds. */
  readonly shortenSeconds: number;
  /** Told at once when a rule does not hold, before the course is shortened. */
  readonly onViolation: (violation: string) => void;
}

/** Draws the course of a seed and runs it. */
export async function simulate(
  postgresUrl: string,
  seed: string,
  steps: number,
  { weights = EVERYDAY, shortenSeconds, onViolation }: SimulateOptions,
): Promise<Finding | undefined> {
  const course = drawCourse(createChance(seed), steps, weights);
  const { violation, steps: noticed } = await runCourse(postgresUrl, seed, course);
  if (violation === undefined) return undefined;
  onViolation(`Seed ${seed}, step ${noticed}: ${violation}`);
  const fails = async (shorter: readonly Step[]) =>
    (await runCourse(postgresUrl, seed, shorter)).violation !== undefined;
  const until = performance.now() + shortenSeconds * 1_000;
  const shortest = await shorten(course.slice(0, noticed), fails, until);
  return { seed, violation, steps: noticed, shortest };
}

/** Leaves out ever smaller pieces, as long as what is left still fails (delta debugging). */
async function shorten(
  course: readonly Step[],
  fails: (course: readonly Step[]) => Promise<boolean>,
  until: number,
): Promise<readonly Step[]> {
  let shortest = course;
  for (let piece = Math.ceil(course.length / 2); piece >= 1; piece = Math.floor(piece / 2)) {
    for (let from = 0; from < shortest.length && performance.now() < until; ) {
      const shorter = [...shortest.slice(0, from), ...shortest.slice(from + piece)];
      if (await fails(shorter)) shortest = shorter;
      else from += piece;
    }
  }
  return shortest;
}

/** A finding for people: what broke, and how to see it again. */
export function describeFinding({ seed, violation, steps, shortest }: Finding): string {
  const lines = shortest.map((step, index) => `  ${index + 1}. ${describeStep(step)}`);
  return [
    violation,
    `Seed ${seed}, noticed after ${steps} steps; the shortest course found has ${shortest.length}:`,
    ...lines,
    `Again: npm run simulate -- --seed ${seed} --steps ${steps}`,
  ].join("\n");
}
