/** Roots of a tree that grows leaf by leaf, without its tiles: what `log check` holds against what is stored. */
import { EMPTY_ROOT, nodeHash } from "@chit/protocol";

/** A tree that leaves are added to. */
export interface GrowingTree {
  /** @param leaf the leaf's hash */
  add(leaf: Uint8Array): void;
  readonly size: number;
  root(): Uint8Array;
  /** The root of the full subtree of 2^`height` leaves that ends with the newest leaf; undefined where none does. */
  subtree(height: number): Uint8Array | undefined;
}

/** Keeps the roots of the full subtrees alone: one for each 1 in the binary number of leaves. */
export function growTree(): GrowingTree {
  let size = 0;
  let completed: Uint8Array[] = [];
  const peaks: { height: number; hash: Uint8Array }[] = [];
  return {
    get size() {
      return size;
    },
    add(leaf) {
      size += 1;
      completed = [leaf];
      let hash = leaf;
      let height = 0;
      for (let top = peaks.at(-1); top?.height === height; top = peaks.at(-1)) {
        peaks.pop();
        hash = nodeHash(top.hash, hash);
        height += 1;
        completed.push(hash);
      }
      peaks.push({ height, hash });
    },
    root() {
      const [last, ...before] = peaks.map(({ hash }) => hash).reverse();
      if (last === undefined) return EMPTY_ROOT;
      return before.reduce((right, left) => nodeHash(left, right), last);
    },
    subtree: (height) => completed[height],
  };
}
