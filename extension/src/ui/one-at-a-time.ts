/** Doing something again and again, but never twice at the same time. Pure. */

/** What is done one at a time. */
export interface OneAtATime {
  /** Does it; once more behind the one that is under way, however often it is called meanwhile. */
  readonly again: () => void;
  /** Forgets what was to be done behind the one under way. */
  readonly rest: () => void;
}

/** @param act never rejects */
export function oneAtATime(act: () => Promise<void>): OneAtATime {
  let running = false;
  let wanted = false;
  const run = async () => {
    running = true;
    do {
      wanted = false;
      await act();
    } while (wanted);
    running = false;
  };
  return {
    again() {
      wanted = true;
      if (!running) void run();
    },
    rest() {
      wanted = false;
    },
  };
}
