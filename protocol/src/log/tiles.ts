/**
 * Tiles (c2sp.org/tlog-tiles): the tree's hashes at heights 0, 8, 16, …, cut into pieces of 256, and what is made of
 * them: roots, inclusion proofs, consistency proofs.
 */
import { concatBytes } from "../bytes.ts";
import { ChitError } from "../errors.ts";
import { EMPTY_ROOT, HASH_BYTES, nodeHash, splitOf } from "./tree.ts";

/** Hashes, or entries, of a full tile. */
export const TILE_WIDTH = 256;
/** Levels of the tree that one tile spans. */
const TILE_HEIGHT = 8;
/** Highest level that a path may name. */
const MOST_LEVEL = 63;

/** Where a tile is: `width` hashes from number `index` × 256 on, each the root of a full subtree of 256^`level` leaves. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

/** What a path asks for: a tile's hashes, or the entries below a tile of level 0. */
export interface TileRequest extends Tile {
  readonly of: "hashes" | "entries";
}

/** A tile's address below the log's prefix: `tile/0/x001/x234/067.p/8`. */
export function tilePath({ of, level, index, width }: TileRequest): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const number = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group));
  const partial = width === TILE_WIDTH ? "" : `.p/${width}`;
  return `tile/${of === "entries" ? "entries" : level}/${number.join("/")}${partial}`;
}

const TILE_PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Reads a tile's address; undefined for any other text, and for one of more digits than are needed. */
export function parseTilePath(path: string): TileRequest | undefined {
  const [, kind, number = "", partial] = TILE_PATH.exec(path) ?? [];
  if (kind === undefined) return undefined;
  const of = kind === "entries" ? "entries" : "hashes";
  const level = of === "entries" ? 0 : Number(kind);
  const index = Number(number.replace(/[x/]/g, ""));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const request: TileRequest = { of, level, index, width };
  if (level > MOST_LEVEL || (partial !== undefined && width >= TILE_WIDTH)) return undefined;
  return tilePath(request) === path ? request : undefined;
}

/** The tile that holds hash number `position` of a level, as wide as it is in a tree of `size` leaves. */
export function tileAt(size: number, level: number, position: number): Tile {
  const index = Math.floor(position / TILE_WIDTH);
  const hashes = Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH;
  return { level, index, width: Math.min(hashes, TILE_WIDTH) };
}

/** Gives the hashes of a tile, joined: 32 × width bytes. */
export type ReadTile = (tile: Tile) => Promise<Uint8Array>;

/** A tree whose hashes come from tiles. A tile is read once. Hashes that are wrong give proofs that do not verify. */
export interface TiledTree {
  /** Its root, or that of its first `leaves` leaves. */
  root(leaves?: number): Promise<Uint8Array>;
  /** The inclusion proof of leaf `index` (RFC 6962 section 2.1.1). */
  inclusionProof(index: number): Promise<Uint8Array[]>;
  /** The proof that the tree of `oldSize` leaves (1 or more, or 0) is this one's beginning (RFC 6962 section 2.1.2). */
  consistencyProof(oldSize: number): Promise<Uint8Array[]>;
}

/** Leaves `from` to `until`, the last one not included. */
type Range = readonly [from: number, until: number];

/** The tree of `size` leaves. @throws {RangeError} from its functions, for a leaf or size that it does not have */
export function tiledTree(size: number, readTile: ReadTile): TiledTree {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const readOnce = (tile: Tile): Promise<Uint8Array> => {
    const name = `${tile.level}/${tile.index}`;
    const known = tiles.get(name);
    if (known !== undefined) return known;
    const read = readTile(tile).then((hashes) => checkLength(hashes, tile));
    tiles.set(name, read);
    return read;
  };
  /** The root of the full subtree of 2^`height` leaves that begins with leaf `from`. */
  const subtree = async (height: number, from: number): Promise<Uint8Array> => {
    const level = Math.floor(height / TILE_HEIGHT);
    const position = from / TILE_WIDTH ** level;
    const hashes = await readOnce(tileAt(size, level, position));
    const offset = (position % TILE_WIDTH) * HASH_BYTES;
    const count = 2 ** (height % TILE_HEIGHT);
    return fold(hashes.subarray(offset, offset + count * HASH_BYTES));
  };
  const rangeHash = async ([from, until]: Range): Promise<Uint8Array> => {
    const count = until - from;
    const height = Math.log2(count);
    if (Number.isInteger(height)) return subtree(height, from);
    const middle = from + splitOf(count);
    return nodeHash(
      ...(await Promise.all([rangeHash([from, middle]), rangeHash([middle, until])])),
    );
  };
  return {
    async root(leaves = size) {
      if (!(leaves >= 0 && leaves <= size)) throw new RangeError(`${leaves} > ${size}.`);
      return leaves === 0 ? EMPTY_ROOT : rangeHash([0, leaves]);
    },
    async inclusionProof(index) {
      if (!(index >= 0 && index < size)) throw new RangeError(`There is no leaf ${index}.`);
      return Promise.all(inclusionRanges(index, [0, size]).map(rangeHash));
    },
    async consistencyProof(oldSize) {
      if (!(oldSize >= 0 && oldSize <= size)) throw new RangeError(`${oldSize} > ${size}.`);
      const ranges = oldSize === 0 ? [] : consistencyRanges(oldSize, [0, size], true);
      return Promise.all(ranges.map(rangeHash));
    },
  };
}

/** PATH of RFC 6962 section 2.1.1: which subtrees' roots it has. */
function inclusionRanges(index: number, [from, until]: Range): Range[] {
  if (until - from === 1) return [];
  const middle = from + splitOf(until - from);
  return index < middle
    ? [...inclusionRanges(index, [from, middle]), [middle, until]]
    : [...inclusionRanges(index, [middle, until]), [from, middle]];
}

/** SUBPROOF of RFC 6962 section 2.1.2. `oldSize` counts from the beginning of the log. */
function consistencyRanges(oldSize: number, [from, until]: Range, isKnown: boolean): Range[] {
  if (oldSize === until) return isKnown ? [] : [[from, until]];
  const middle = from + splitOf(until - from);
  return oldSize <= middle
    ? [...consistencyRanges(oldSize, [from, middle], isKnown), [middle, until]]
    : [...consistencyRanges(oldSize, [middle, until], false), [from, middle]];
}

/** The root over hashes that are a power of two in number. */
function fold(hashes: Uint8Array): Uint8Array {
  if (hashes.length === HASH_BYTES) return hashes;
  const middle = hashes.length / 2;
  return nodeHash(fold(hashes.subarray(0, middle)), fold(hashes.subarray(middle)));
}

/** The root of a full tile: one hash in the level above. */
export function tileRoot(hashes: Uint8Array): Uint8Array {
  return fold(checkLength(hashes, { level: 0, index: 0, width: TILE_WIDTH }));
}

function checkLength(hashes: Uint8Array, { width, ...tile }: Tile): Uint8Array {
  if (hashes.length === width * HASH_BYTES) return hashes;
  const path = tilePath({ ...tile, width, of: "hashes" });
  throw new ChitError("malformed-message", `${path} does not have ${width} hashes.`);
}

/** An entry bundle: each entry behind its length in 2 bytes, the most significant first. */
export function entryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const framed = entries.flatMap((entry) => [
    Uint8Array.of(entry.length >> 8, entry.length & 0xff),
    entry,
  ]);
  return concatBytes(...framed);
}
