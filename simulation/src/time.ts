/** The one clock of a simulation, and who sleeps until when. */
import type { Owner } from "./effects.ts";

interface Sleeper {
  readonly owner: Owner;
  readonly due: number;
  readonly wake: () => void;
}

export class Time {
  /** True time, in seconds. */
  now = 1_800_000_000;
  readonly #sleepers = new Set<Sleeper>();

  /** Resolves after so many seconds of true time, or when `signal` fires. */
  sleep(owner: Owner, seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { owner, due: this.now + Math.ceil(seconds), wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  pass(seconds: number): void {
    this.now += seconds;
    for (const { due, wake } of [...this.#sleepers]) if (due <= this.now) wake();
  }

  dropOf(owner: Owner): void {
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.owner === owner) this.#sleepers.delete(sleeper);
    }
  }

  /** Goes to the moment when the next sleeper wakes; false when nobody sleeps. */
  passToNext(): boolean {
    const due = [...this.#sleepers].map((sleeper) => sleeper.due);
    if (due.length === 0) return false;
    this.pass(Math.max(0, Math.min(...due) - this.now));
    return true;
  }
}
