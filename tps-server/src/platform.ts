/** Time and chance of the real world, for composition roots to pass on. */
import { randomFillSync } from "node:crypto";

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

const RANDOM_BYTES_AHEAD = 4_096;

/**
 * Random bytes from a supply that is drawn in one go: a call takes microseconds however few they are, and a payment
 * makes five. What was handed out is wiped from the supply.
 */
function drawnAhead(): Platform["randomBytes"] {
  const supply = new Uint8Array(RANDOM_BYTES_AHEAD);
  let used = supply.length;
  return (length) => {
    if (length > supply.length) return randomFillSync(new Uint8Array(length));
    if (used + length > supply.length) {
      randomFillSync(supply);
      used = 0;
    }
    const bytes = supply.slice(used, used + length);
    supply.fill(0, used, used + length);
    used += length;
    return bytes;
  };
}

/** The real one. */
export const systemPlatform: Platform = {
  nowSeconds: () => Math.floor(Date.now() / 1000),
  randomBytes: drawnAhead(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  every(milliseconds, work) {
    const timer = setInterval(work, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};
