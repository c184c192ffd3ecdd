/**
 * What the wallets want of the world and have not got yet: a write to their disk, an answer to a message. Nothing
 * of it happens by itself; the course decides which one is next and how it goes.
 */
import { setImmediate } from "node:timers/promises";

/** How an effect goes. What does not fit an effect (a disk has no messages to lose) goes well. */
export const FATES = [
  "done",
  /** The wallet is killed just before it, or just after: then it happened and nobody was told. */
  "killed-before",
  "killed-after",
  /** Messages: never arrives; arrives and its answer is lost; arrives twice; is given up and arrives later. */
  "lost-request",
  "lost-reply",
  "duplicated",
  "late",
  /** Messages to the TPS: it dies early or late in its transaction, or between commit and answer. */
  "tps-dies-early",
  "tps-dies-late",
  "tps-connection-ends",
  "tps-dies-after-commit",
] as const;
export type Fate = (typeof FATES)[number];

/** Whoever wants something; it wants nothing any more once it was killed. */
export interface Owner {
  readonly alive: boolean;
  kill(): void;
}

export interface Effect {
  readonly number: number;
  readonly owner: Owner;
  readonly name: string;
  readonly happen: (fate: Fate) => Promise<void>;
}

/** How often in a row nothing must be at work before the world counts as still. */
const STILL_TURNS = 4;

/** The effects that wait, and whether anything is at work. */
export class Effects {
  readonly #waiting: Effect[] = [];
  #made = 0;
  #atWork = 0;

  get waiting(): readonly Effect[] {
    return this.#waiting;
  }

  /** Effects with this number or a higher one are yet to be made. */
  get nextNumber(): number {
    return this.#made;
  }

  add(owner: Owner, name: string, happen: Effect["happen"]): void {
    this.#waiting.push({ number: this.#made++, owner, name, happen });
  }

  /** Lets an effect happen, to its end. */
  async release(effect: Effect, fate: Fate): Promise<void> {
    const index = this.#waiting.indexOf(effect);
    if (index < 0) throw new Error("This effect does not wait any more.");
    this.#waiting.splice(index, 1);
    await effect.happen(fate);
    await this.settle();
  }

  /** Forgets what a dead owner wanted. */
  dropOf(owner: Owner): void {
    for (const effect of this.#waiting.filter((waiting) => waiting.owner === owner)) {
      this.#waiting.splice(this.#waiting.indexOf(effect), 1);
    }
  }

  /** Counts `work` as under way until it has ended. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#atWork += 1;
    try {
      return await work;
    } finally {
      this.#atWork -= 1;
    }
  }

  /** Resolves when everything that can go on without an effect has gone on. */
  async settle(): Promise<void> {
    for (let still = 0; still < STILL_TURNS; still = this.#atWork === 0 ? still + 1 : 0) {
      await setImmediate();
    }
  }

  /** Lets everything that `work` needs go well, and nothing else. */
  async undisturbed<T>(work: () => Promise<T>): Promise<T> {
    const from = this.nextNumber;
    let over = false;
    const result = work().finally(() => {
      over = true;
    });
    // Whoever asked hears of a failure below.
    result.catch(() => undefined);
    for (;;) {
      await this.settle();
      if (over) return result;
      const next = this.#waiting.find(({ number }) => number >= from);
      if (next === undefined) throw new Error("It waits for something that nobody does.");
      await this.release(next, "done");
    }
  }
}
