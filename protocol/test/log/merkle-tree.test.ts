import {
  EMPTY_ROOT,
  entryBundle,
  equalBytes,
  leafHash,
  parseTilePath,
  TILE_WIDTH,
  tileAt,
  tiledTree,
  tilePath,
  tileRoot,
  verifyConsistency,
  verifyInclusion,
} from "@chit/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { naivePath, naiveProof, naiveRoot, naiveTiles } from "./tree.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => Uint8Array.of(index >> 8, index & 255));
const treeOver = (entries: readonly Uint8Array[]) => tiledTree(entries.length, naiveTiles(entries));
const at = <T>(list: readonly T[], index: number) => list[index] as T;
const flip = (bytes: Uint8Array) =>
  Uint8Array.from(bytes, (byte, at) => (at === 9 ? byte ^ 4 : byte));

/** Leaves and roots of the reference implementation of RFC 6962 (certificate-transparency, merkle_tree_test). */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(unhex);
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("roots", () => {
  test("are those of RFC 6962's reference implementation", async () => {
    for (const [index, root] of ROOTS.entries()) {
      const entries = LEAVES.slice(0, index + 1);
      expect(hex(await treeOver(entries).root())).toBe(root);
      expect(hex(naiveRoot(entries))).toBe(root);
    }
  });

  test("the tree without leaves has the hash of nothing", async () => {
    const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(hex(await treeOver([]).root())).toBe(nothing);
    expect(hex(EMPTY_ROOT)).toBe(nothing);
  });
});

const SIZES = fc.integer({ min: 1, max: 80 });

describe("inclusion proofs", () => {
  test("are those of the definition, and verify for their leaf alone", async () => {
    await fc.assert(
      fc.asyncProperty(SIZES, fc.nat(), fc.nat(), async (size, a, b) => {
        const entries = numbered(size);
        const [index, other] = [a % size, b % size];
        const tree = treeOver(entries);
        const root = await tree.root();
        const path = await tree.inclusionProof(index);
        expect(path).toEqual(naivePath(index, entries));
        const claim = { leaf: leafHash(at(entries, index)), index, size, root };
        expect(verifyInclusion(claim, path)).toBe(true);
        expect(verifyInclusion({ ...claim, index: other }, path)).toBe(other === index);
        expect(verifyInclusion({ ...claim, root: flip(root) }, path)).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: flip(claim.leaf) }, path)).toBe(false);
        expect(verifyInclusion(claim, [...path, root])).toBe(false);
        expect(verifyInclusion(claim, path.slice(1))).toBe(path.length === 0);
        const spoiled = path.map((hash, place) =>
          place === other % path.length ? flip(hash) : hash,
        );
        expect(verifyInclusion(claim, spoiled)).toBe(path.length === 0);
      }),
    );
  });

  test("there are none for leaves that are not there", async () => {
    const root = naiveRoot(numbered(3));
    const claim = { leaf: leafHash(new Uint8Array()), size: 3, root };
    for (const index of [-1, 3, 4]) expect(verifyInclusion({ ...claim, index }, [])).toBe(false);
    await expect(treeOver(numbered(3)).inclusionProof(3)).rejects.toThrow("no leaf 3");
  });
});

describe("consistency proofs", () => {
  test("are those of the definition, and verify for these two trees alone", async () => {
    await fc.assert(
      fc.asyncProperty(SIZES, fc.nat(), async (newSize, nat) => {
        const entries = numbered(newSize);
        const oldSize = nat % (newSize + 1);
        const tree = treeOver(entries);
        const path = await tree.consistencyProof(oldSize);
        if (oldSize > 0) expect(path).toEqual(naiveProof(oldSize, entries));
        const newRoot = await tree.root();
        const oldRoot = naiveRoot(entries.slice(0, oldSize));
        expect(await tree.root(oldSize)).toEqual(oldRoot);
        const claim = { oldSize, oldRoot, newSize, newRoot };
        const verify = (changes: object, proof = path) =>
          verifyConsistency({ ...claim, ...changes }, proof);
        expect(verify({})).toBe(true);
        // Every tree begins with the empty one, whatever its root.
        expect(verify({ newRoot: flip(newRoot) })).toBe(oldSize === 0);
        expect(verify({ oldRoot: flip(oldRoot) })).toBe(false);
        expect(verify({ newSize: oldSize - 1 })).toBe(false);
        expect(verify({}, [...path, newRoot])).toBe(false);
        expect(verify({}, path.slice(1))).toBe(path.length === 0);
      }),
    );
  });

  test("a log that changed an old leaf has none", async () => {
    await fc.assert(
      fc.asyncProperty(SIZES, fc.nat(), fc.nat(), async (newSize, nat, leaf) => {
        const oldSize = 1 + (nat % newSize);
        const entries = numbered(newSize);
        const oldRoot = naiveRoot(entries.slice(0, oldSize));
        const changed = entries.map((entry, index) =>
          index === leaf % oldSize ? Uint8Array.of(255, 255) : entry,
        );
        const tree = treeOver(changed);
        const path = await tree.consistencyProof(oldSize);
        const claim = { oldSize, oldRoot, newSize, newRoot: await tree.root() };
        expect(verifyConsistency(claim, path)).toBe(false);
        // The changed tree itself shows what it has in place of the old one.
        const shown = await tree.root(oldSize);
        expect(verifyConsistency({ ...claim, oldRoot: shown }, path)).toBe(true);
      }),
    );
  });
});

describe("tiles", () => {
  test("proofs over several levels of full and partial tiles are those of the definition", async () => {
    const entries = numbered(TILE_WIDTH ** 2 + 2 * TILE_WIDTH + 3);
    const tree = treeOver(entries);
    expect(await tree.root()).toEqual(naiveRoot(entries));
    for (const index of [0, 255, 256, 65_535, 65_536, 66_050]) {
      expect(await tree.inclusionProof(index)).toEqual(naivePath(index, entries));
    }
    for (const size of [1, 256, 300, 65_536, 65_793, 66_051]) {
      expect(await tree.consistencyProof(size)).toEqual(naiveProof(size, entries));
    }
  });

  test("are as wide as the specification says for a tree of 70,000 leaves", () => {
    expect(tileAt(70_000, 0, 69_888)).toEqual({ level: 0, index: 273, width: 112 });
    expect(tileAt(70_000, 0, 0).width).toBe(256);
    expect(tileAt(70_000, 1, 0)).toEqual({ level: 1, index: 0, width: 256 });
    expect(tileAt(70_000, 1, 272)).toEqual({ level: 1, index: 1, width: 17 });
    expect(tileAt(70_000, 2, 0)).toEqual({ level: 2, index: 0, width: 1 });
    expect(tileAt(256, 1, 0)).toEqual({ level: 1, index: 0, width: 1 });
  });

  test("have the addresses of the specification, and no second one", () => {
    const tile = { of: "hashes", level: 0, index: 1_234_067, width: 256 } as const;
    expect(tilePath(tile)).toBe("tile/0/x001/x234/067");
    expect(tilePath({ ...tile, level: 63, index: 7, width: 1 })).toBe("tile/63/007.p/1");
    expect(tilePath({ ...tile, of: "entries", width: 255 })).toBe(
      "tile/entries/x001/x234/067.p/255",
    );
    for (const wrong of [
      "tile/00/000",
      "tile/64/000",
      "tile/0/00",
      "tile/0/0000",
      "tile/0/x000/001",
      "tile/0/001/x234",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/0/000.p/01",
      "tile/0/000/",
      "tile/-1/000",
      "tile/entries/000.p/",
    ]) {
      expect(parseTilePath(wrong), wrong).toBeUndefined();
    }
  });

  test("an address read is the one that was written", () => {
    const width = fc.integer({ min: 1, max: 256 });
    const index = fc.integer({ min: 0, max: 999_999_999_999 });
    const hashes = fc.record({
      of: fc.constant("hashes" as const),
      level: fc.integer({ min: 0, max: 63 }),
      index,
      width,
    });
    const entries = fc.record({
      of: fc.constant("entries" as const),
      level: fc.constant(0),
      index,
      width,
    });
    fc.assert(
      fc.property(fc.oneof(hashes, entries), (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
  });

  test("a full tile folds to the hash above it; one of another length is refused", async () => {
    const entries = numbered(256);
    const hashes = await naiveTiles(entries)({ level: 0, index: 0, width: 256 });
    expect(equalBytes(tileRoot(hashes), naiveRoot(entries))).toBe(true);
    expect(() => tileRoot(hashes.subarray(32))).toThrow("does not have 256 hashes");
    const short = tiledTree(3, async () => new Uint8Array(64));
    await expect(short.root()).rejects.toMatchObject({ code: "malformed-message" });
  });

  test("entries stand in a bundle behind their lengths", () => {
    const bundle = entryBundle([Uint8Array.of(7), new Uint8Array(256)]);
    expect(bundle.length).toBe(2 + 1 + 2 + 256);
    expect([...bundle.subarray(0, 5)]).toEqual([0, 1, 7, 1, 0]);
  });
});
