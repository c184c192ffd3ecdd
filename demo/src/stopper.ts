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

export function createStopper(): Stopper {
  const entries: { name: string; stop: () => Promise<void> | void; force?: () => void }[] = [];
  let stopped: Promise<string[]> | undefined;

  const stopOne = async (entry: (typeof entries)[number]): Promise<string | null> => {
    try {
      const late = Symbol("late");
      const patience = new AbortController();
      const outcome = await Promise.race([
        Promise.resolve(entry.stop()),
        sleep(PATIENCE_MILLISECONDS, late, { signal: patience.signal, ref: false }),
      ]);
      patience.abort();
      if (outcome !== late) return null;
      entry.force?.();
      return `${entry.name} did not stop in time.`;
    } catch (error) {
      entry.force?.();
      return `${entry.name}: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  const stopAll = async (): Promise<string[]> => {
    const problems: string[] = [];
    for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
      const problem = await stopOne(entry);
      if (problem !== null) problems.push(problem);
    }
    return problems;
  };

  return {
    async add(name, stop, force) {
      entries.push({ name, stop, ...(force === undefined ? {} : { force }) });
      if (stopped === undefined) return;
      // Stopping began while this was starting: whoever started it goes no further.
      await stopAll();
      throw new StoppedError("Stopped while starting.");
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
    force() {
      for (const entry of entries.toReversed()) entry.force?.();
    },
    get stopping() {
      return stopped !== undefined;
    },
  };
}

/** Thrown into a start that was overtaken by Ctrl-C. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}
