/**
 * The Merkle tree of RFC 6962 (section 2.1) and the verification of its proofs as RFC 9162 spells it out (sections
 * 2.1.3.2 and 2.1.4.2). Leaves are counted from 0; a proof is a list of hashes, from the leaf's side up to the root's.
 */
import { sha256 } from "#hashes";
import { concatBytes, equalBytes } from "../bytes.ts";

/** Bytes of every hash in the tree. */
export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());

/** The hash of a leaf. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, entry));
}

/** The hash of a node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}

/** The largest power of two below `count` (2 or more): where a tree of so many leaves is split. */
export function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

/** A claim that a leaf is in a tree. */
export interface InclusionClaim {
  /** The leaf's hash. */
  readonly leaf: Uint8Array;
  readonly index: number;
  /** Leaves of the tree. */
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether `path` shows that the leaf is where the claim says. */
export function verifyInclusion(
  { leaf, index, size, root }: InclusionClaim,
  path: readonly Uint8Array[],
): boolean {
  if (index < 0 || index >= size) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      // The last node of a level without a right sibling rises as it is.
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/** Two states of one log. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  /** `oldSize` or more. */
  readonly newSize: number;
  readonly newRoot: Uint8Array;
}

/** Whether the old tree is the beginning of the new one. */
export function verifyConsistency(
  { oldSize, oldRoot, newSize, newRoot }: ConsistencyClaim,
  path: readonly Uint8Array[],
): boolean {
  if (oldSize > newSize) return false;
  if (oldSize === 0 || oldSize === newSize) {
    return path.length === 0 && equalBytes(oldRoot, oldSize === 0 ? EMPTY_ROOT : newRoot);
  }
  let node = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // Where the old tree is one full subtree of the new, its root is the first hash and is not sent.
  const [first, ...rest] = node === 0 ? [oldRoot, ...path] : path;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(hash, oldHash);
      newHash = nodeHash(hash, newHash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = nodeHash(newHash, hash);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(newHash, newRoot) && equalBytes(oldHash, oldRoot);
}
