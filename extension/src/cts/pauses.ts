/** The pauses between two tries: soon at first, then ever longer. Pure. */
import { WALLET_LIMITS } from "./limits.ts";

export const LONGEST_PAUSE = Math.max(...WALLET_LIMITS.retrySeconds);

/** The pause after so many tries, in seconds. */
export function pauseAfter(tries: number): number {
  const pauses = WALLET_LIMITS.retrySeconds;
  return pauses[Math.min(tries, pauses.length) - 1] ?? 1;
}
