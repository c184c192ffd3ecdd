/** Everything that was started, to be stopped in reverse order, whatever happens. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Stopper {
  /** Remembers how to stop something. When stopping has begun already, stops it at once. */
  add(name: string, stop: () => Promise<void> | void, force?: () => void): Promise<void>;
  /** Stops everything, once; returns what could not be stopped in time. */
  stop(): Promise<string[]>;
  /** Ends what can be ended without waiting: for a second Ctrl-C, and for the very end. */
  force(): void;
  readonly stopping: boolean;
}

/** A closing database makes its checkpoint; nothing else takes this long. */
const PATIENCE_MILLISECONDS = 15_000;

interface Entry {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
  readonly force: (() => void) | undefined;
}

export function createStopper(): Stopper {
  /** What was started and has not stopped yet; `begun` holds those of them that are being stopped. */
  const entries: Entry[] = [];
  const begun = new Set<Entry>();
  let stopped: Promise<string[]> | undefined;

  const stopOne = async (entry: Entry): Promise<string[]> => {
    begun.add(entry);
    const problem = await problemOf(entry);
    if (problem !== null) entry.force?.();
    entries.splice(entries.indexOf(entry), 1);
    return problem === null ? [] : [problem];
  };
  const stopAll = async (): Promise<string[]> => {
    const problems: string[] = [];
    const next = () => entries.findLast((entry) => !begun.has(entry));
    for (let entry = next(); entry !== undefined; entry = next()) {
      problems.push(...(await stopOne(entry)));
    }
    return problems;
  };

  return {
    async add(name, stop, force) {
      const entry = { name, stop, force };
      entries.push(entry);
      if (stopped === undefined) return;
      // Stopping began while this was starting: whoever started it goes no further.
      await stopOne(entry);
      throw new StoppedError("Stopped while starting.");
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
    force() {
      for (const entry of entries.toReversed()) {
        try {
          entry.force?.();
        } catch {
          // By force as far as it goes; the rest still gets its turn.
        }
      }
    },
    get stopping() {
      return stopped !== undefined;
    },
  };
}

/** Stops something; what went wrong, or null. */
async function problemOf({ name, stop }: Entry): Promise<string | null> {
  const late = Symbol("late");
  const patience = new AbortController();
  try {
    const outcome = await Promise.race([
      Promise.resolve(stop()),
      sleep(PATIENCE_MILLISECONDS, late, { signal: patience.signal, ref: false }),
    ]);
    return outcome === late ? `${name} did not stop in time.` : null;
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    patience.abort();
  }
}

/** Thrown into a start that was overtaken by Ctrl-C. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}
