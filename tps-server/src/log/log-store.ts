/** The log in the database: its states, and tiles made of the rows that they hold. */
import { concatBytes, leafHash, type ReadTile, TILE_WIDTH, type Tile } from "@chit/protocol";
import { one, type Queryable } from "../store/database.ts";

/** A state of the tree; `note` and `at` are null until it is signed. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed checkpoint as it is published. */
  readonly note: string | null;
  /** In seconds. */
  readonly at: number | null;
}

/** A state that may be shown to anybody. */
export interface PublishedCheckpoint extends StoredCheckpoint {
  readonly note: string;
  readonly at: number;
}

interface Row {
  size: bigint;
  root: Buffer;
  note: string | null;
  signed_at: bigint | null;
}

const checkpointOf = ({ size, root, note, signed_at: at }: Row): StoredCheckpoint => ({
  size: Number(size),
  root: Uint8Array.from(root),
  note,
  at: at === null ? null : Number(at),
});

/** The newest state, signed or not; undefined before the first. */
export async function readHead(database: Queryable): Promise<StoredCheckpoint | undefined> {
  const rows = await database.query<Row>(
    "select size, root, note, signed_at from log_checkpoints order by size desc limit 1",
  );
  return rows.map(checkpointOf)[0];
}

/** The newest state that is signed; undefined before the first. */
export async function readPublished(database: Queryable): Promise<PublishedCheckpoint | undefined> {
  const rows = await database.query<Row>(
    `select size, root, note, signed_at from log_checkpoints
     where note is not null order by size desc limit 1`,
  );
  return rows.map(checkpointOf).filter(isPublished)[0];
}

function isPublished(checkpoint: StoredCheckpoint): checkpoint is PublishedCheckpoint {
  return checkpoint.note !== null && checkpoint.at !== null;
}

/** The states with at least `from` leaves, in order of their sizes, at most `most`. */
export async function readCheckpoints(
  database: Queryable,
  from: number,
  most: number,
): Promise<StoredCheckpoint[]> {
  const rows = await database.query<Row>(
    "select size, root, note, signed_at from log_checkpoints where size >= $1 order by size limit $2",
    [from, most],
  );
  return rows.map(checkpointOf);
}

/** Whether a tree of `size` leaves has that tile as wide as it is asked for. */
export function hasTile(size: number, { level, index, width }: Tile): boolean {
  return index * TILE_WIDTH + width <= Math.floor(size / TILE_WIDTH ** level);
}

/** The entries below a tile of level 0. */
export async function readEntries(
  database: Queryable,
  { index, width }: Pick<Tile, "index" | "width">,
): Promise<Buffer[]> {
  const from = index * TILE_WIDTH;
  const rows = await database.query<{ entry: Buffer }>(
    "select entry from log_entries where entry_index >= $1 and entry_index < $2 order by entry_index",
    [from, from + width],
  );
  return rows.map(({ entry }) => entry);
}

/** The hashes of a tile, joined. A tile is not stored: it is so many rows in a row, which never change. */
export function tileReader(database: Queryable): ReadTile {
  return async ({ level, index, width }) => {
    if (level === 0) {
      return concatBytes(...(await readEntries(database, { index, width })).map(leafHash));
    }
    const from = index * TILE_WIDTH;
    const rows = await database.query<{ hash: Buffer }>(
      `select hash from log_nodes
       where level = $1 and position >= $2 and position < $3 order by position`,
      [level, from, from + width],
    );
    return concatBytes(...rows.map(({ hash }) => hash));
  };
}

/** An entry's index in the first `size` leaves; null where it is not among them. */
export async function findEntry(
  database: Queryable,
  entry: Uint8Array,
  size: number,
): Promise<number | null> {
  const row = one(
    await database.query<{ entry_index: bigint }>(
      "select entry_index from log_entries where entry = $1 and entry_index < $2",
      [entry, size],
    ),
  );
  return row === undefined ? null : Number(row.entry_index);
}
