/** A running server's chores: at an interval, and when somebody asks. */
import type { Platform } from "../platform.ts";
import { type Chore, type ChoresDeps, doChores, type Occasion } from "./chores.ts";

/** The chores of one process. */
export interface Housekeeping {
  /**
   * Does all chores now, after those that are under way anywhere.
   *
   * @throws the first chore's error, when all have been tried
   */
  doNow(): Promise<void>;
  /** Nothing is begun any more; returns when what is under way has stopped. */
  stop(): Promise<void>;
}

/** How to keep house. */
export interface HousekeepingOptions {
  readonly deps: ChoresDeps;
  readonly chores: readonly Chore[];
  readonly every: Platform["every"];
  /** Undefined: only when asked. */
  readonly everyMilliseconds: number | undefined;
}

/** Starts doing chores. */
export function keepHouse(options: HousekeepingOptions): Housekeeping {
  const { deps, chores, every, everyMilliseconds } = options;
  const stopping = new AbortController();
  let last: Promise<void> = Promise.resolve();
  let underWay = 0;
  /** One after another in this process too. */
  const perform = (occasion: Occasion, onFailure: ChoresDeps["onFailure"]) => {
    underWay += 1;
    last = last.then(async () => {
      try {
        if (stopping.signal.aborted) return;
        await doChores({ ...deps, onFailure }, chores, occasion, stopping.signal);
      } catch (error) {
        onFailure("all", error);
      } finally {
        underWay -= 1;
      }
    });
    return last;
  };
  // Every process looks that often; whoever is first does what was not done for about as long.
  const look = (milliseconds: number) => () => {
    const due = Math.floor(milliseconds / 2_000);
    if (underWay === 0) void perform({ due }, deps.onFailure);
  };
  const stopLooking =
    everyMilliseconds === undefined
      ? () => undefined
      : every(everyMilliseconds, look(everyMilliseconds));
  return {
    async doNow() {
      const failures: unknown[] = [];
      await perform("now", (chore, error) => {
        deps.onFailure(chore, error);
        failures.push(error);
      });
      if (failures.length > 0) throw failures[0];
    },
    async stop() {
      stopLooking();
      stopping.abort();
      await last;
    },
  };
}
