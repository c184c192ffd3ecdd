/** Everything random in a simulation: streams that a seed determines. */
import { createHash } from "node:crypto";

/** `length` bytes, the next of a stream. */
export type Bytes = (length: number) => Uint8Array<ArrayBuffer>;

/** A stream of bytes (SHA-256 in counter mode). */
export function seededBytes(seed: string): Bytes {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash("sha256").update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return bytes;
  };
}

/** Decisions. */
export interface Chance {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number;
  pick<T>(list: readonly T[]): T;
  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
}

export function createChance(seed: string): Chance {
  const bytes = seededBytes(`chance/${seed}`);
  const fraction = () => new DataView(bytes(4).buffer).getUint32(0) / 2 ** 32;
  const below = (bound: number) => Math.floor(fraction() * bound);
  return {
    fraction,
    below,
    pick<T>(list: readonly T[]) {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error("There is nothing to pick from.");
      return picked;
    },
    weighted<Name extends string>(weights: Readonly<Record<Name, number>>) {
      const entries = Object.entries(weights) as [Name, number][];
      let left = fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) {
        left -= weight;
        if (left < 0) return name;
      }
      throw new Error("All weights are 0.");
    },
  };
}
