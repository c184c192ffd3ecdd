/** A Merkle tree straight from the definitions of RFC 6962 section 2.1, to hold ours against; and tiles from leaves. */
import { createHash } from "node:crypto";
import { concatBytes, type ReadTile, TILE_WIDTH } from "@chit/protocol";

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(
    createHash("sha256")
      .update(concatBytes(...parts))
      .digest(),
  );

/** By their first entry and their number: the same lists come again and again. */
const known = new WeakMap<Uint8Array, Map<number, Uint8Array>>();

/** MTH(D[n]) */
export function naiveRoot(entries: readonly Uint8Array[]): Uint8Array {
  const [first] = entries;
  if (first === undefined) return sha256();
  const roots = known.get(first) ?? new Map<number, Uint8Array>();
  known.set(first, roots);
  const root = roots.get(entries.length) ?? computeRoot(entries);
  roots.set(entries.length, root);
  return root;
}

function computeRoot(entries: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = entries;
  if (only !== undefined && others.length === 0) return sha256(Uint8Array.of(0), only);
  const split = splitAt(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return sha256(Uint8Array.of(1), naiveRoot(left), naiveRoot(right));
}

/** PATH(m, D[n]) */
export function naivePath(index: number, entries: readonly Uint8Array[]): Uint8Array[] {
  if (entries.length <= 1) return [];
  const split = splitAt(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return index < split
    ? [...naivePath(index, left), naiveRoot(right)]
    : [...naivePath(index - split, right), naiveRoot(left)];
}

/** SUBPROOF(m, D[n], b) */
export function naiveProof(
  size: number,
  entries: readonly Uint8Array[],
  isKnown = true,
): Uint8Array[] {
  if (size === entries.length) return isKnown ? [] : [naiveRoot(entries)];
  const split = splitAt(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return size <= split
    ? [...naiveProof(size, left, isKnown), naiveRoot(right)]
    : [...naiveProof(size - split, right, false), naiveRoot(left)];
}

function splitAt(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}

/** Tiles by their definition: MTH(D[(n × 256 + i) × 256^l : (n × 256 + i + 1) × 256^l]). */
export function naiveTiles(entries: readonly Uint8Array[]): ReadTile {
  return async ({ level, index, width }) => {
    const span = TILE_WIDTH ** level;
    const first = index * TILE_WIDTH;
    const hashes = Array.from({ length: width }, (_, offset) => {
      const part = entries.slice((first + offset) * span, (first + offset + 1) * span);
      if (part.length < span) throw new Error(`There is no hash ${first + offset} at ${level}.`);
      return naiveRoot(part);
    });
    return concatBytes(...hashes);
  };
}
