/** Time and chance of the real world, for composition roots to pass on. */
import { randomBytes } from "node:crypto";

/** What the server needs of its surroundings besides its database. Tests pass their own. */
export interface Platform {
  /** Seconds since 1970, whole. */
  nowSeconds(): number;
  /** `length` bytes that nobody can predict. */
  randomBytes(length: number): Uint8Array;
  /** Waits. */
  sleep(milliseconds: number): Promise<void>;
  /** Calls `work` again and again, without keeping the process alive, until the returned function is called. */
  every(milliseconds: number, work: () => void): () => void;
}

/** The real one. */
export const systemPlatform: Platform = {
  nowSeconds: () => Math.floor(Date.now() / 1000),
  randomBytes: (length) => Uint8Array.from(randomBytes(length)),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  every(milliseconds, work) {
    const timer = setInterval(work, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};
