/** How often a page asks by itself for something that happens elsewhere. Pure. */

/**
 * Pauses between questions: some minutes of call, then somebody who is busy otherwise, then an hour of forgotten
 * window. After these it asks no more until somebody looks at the page again.
 */
const PAUSES = [
  { questions: 60, ms: 4_000 },
  { questions: 60, ms: 15_000 },
  { questions: 60, ms: 60_000 },
] as const;

/** The pause after so many questions; null: enough. */
export function pauseAfter(questions: number): number | null {
  let most = 0;
  for (const step of PAUSES) {
    most += step.questions;
    if (questions <= most) return step.ms;
  }
  return null;
}
