/**
 * One request-for-payment at a time for each account (threat 7): the next one needs the modifier and the count
 * that the answer to this one brings. Whoever comes second waits in line; nobody is lost.
 */
export interface Scheduler {
  /** Whether the purchase would have to wait. */
  mustWait(accountKey: string, purchaseId: string): boolean;
  /**
   * Resolves with true when it is the purchase's turn, which lasts until it leaves; at once when it has it.
   * Resolves with false when `signal` fires first.
   */
  enter(accountKey: string, purchaseId: string, signal?: AbortSignal): Promise<boolean>;
  /** Ends the purchase's turn or its place in line. */
  leave(accountKey: string, purchaseId: string): void;
}

interface Place {
  readonly purchaseId: string;
  readonly call: (turn: boolean) => void;
}

export function createScheduler(): Scheduler {
  /** The first in each line has the turn. */
  const lines = new Map<string, Place[]>();

  function leave(accountKey: string, purchaseId: string): void {
    const line = lines.get(accountKey) ?? [];
    const index = line.findIndex((place) => place.purchaseId === purchaseId);
    if (index < 0) return;
    const [left] = line.splice(index, 1);
    left?.call(false);
    if (line.length === 0) lines.delete(accountKey);
    else if (index === 0) line[0]?.call(true);
  }

  return {
    mustWait(accountKey, purchaseId) {
      const first = lines.get(accountKey)?.[0];
      return first !== undefined && first.purchaseId !== purchaseId;
    },
    enter(accountKey, purchaseId, signal) {
      const line = lines.get(accountKey) ?? [];
      lines.set(accountKey, line);
      if (line[0]?.purchaseId === purchaseId) return Promise.resolve(true);
      return new Promise((resolve) => {
        line.push({ purchaseId, call: resolve });
        if (line.length === 1) resolve(true);
        signal?.addEventListener("abort", () => {
          // The turn may have come already: then it stays.
          if (line[0]?.purchaseId !== purchaseId) leave(accountKey, purchaseId);
        });
      });
    },
    leave,
  };
}
