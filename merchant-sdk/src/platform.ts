/** Time, chance, network and console of the machine: the one place that takes them. */
import { randomBytes } from "node:crypto";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import type { Logger } from "./logger.ts";

/** What `createMerchant` takes from its surroundings unless it is given something else. */
export interface Platform {
  /** Seconds since 1970. */
  readonly clock: () => number;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly fetch: typeof globalThis.fetch;
  /** Calls `work` every `seconds` without keeping the process alive; returns what stops it. */
  readonly every: (seconds: number, work: () => void) => () => void;
  /** Calls `work` behind all requests that have arrived by now, and before the next that will. */
  readonly soon: (work: () => void) => void;
  /** Resolves after so many seconds, or as soon as `signal` says so. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  /** Whether pages of failure show the developer's message: outside of production. */
  readonly showErrors: boolean;
}

/** The real machine. */
export const systemPlatform: Platform = {
  clock: () => Math.floor(Date.now() / 1_000),
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  fetch: (input, init) => globalThis.fetch(input, init),
  every(seconds, work) {
    const timer = setInterval(work, seconds * 1_000);
    timer.unref();
    return () => clearInterval(timer);
  },
  soon: (work) => void setImmediate(work),
  async sleep(seconds, signal) {
    // An abort rejects; whoever waited looks at the signal anyway.
    await setTimeoutPromise(seconds * 1_000, undefined, { signal }).catch(() => undefined);
  },
  logger: {
    info() {},
    warn: (fields, message) => console.warn(`chit: ${message}`, fields),
    error: (fields, message) => console.error(`chit: ${message}`, fields),
  },
  showErrors: process.env.NODE_ENV !== "production",
};
