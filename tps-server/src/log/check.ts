/**
 * Computing the whole log again from the payments, and comparing: every entry with its proof, every node and every
 * state ever signed with a tree that is grown anew, every signature with the key list.
 */
import {
  ChitError,
  equalBytes,
  type KeyList,
  leafHash,
  logEntry,
  TILE_WIDTH,
  verifyCheckpoint,
  verifyKeyList,
} from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import { type GrowingTree, growTree } from "./grow-root.ts";
import { readCheckpoints, type StoredCheckpoint } from "./log-store.ts";

/** What a check found. */
export interface LogCheck {
  /** Proofs in the log. */
  readonly size: number;
  /** States that were compared. */
  readonly checkpoints: number;
  /** Collected payments whose proof the log does not have yet. */
  readonly awaiting: number;
  /** What is wrong, in words; empty when all is well. At most some dozens. */
  readonly faults: readonly string[];
}

/** More faults than these tell nothing new. */
const MOST_FAULTS = 50;

/**
 * Checks the log in pages, while it goes on growing.
 *
 * @param elsewhere a signed checkpoint that somebody else holds; it must be of this very tree
 */
export async function checkLog(
  deps: Pick<TpsDeps, "database" | "crypto" | "platform">,
  ring: KeyRing,
  elsewhere?: string,
): Promise<LogCheck> {
  const { database, crypto } = deps;
  const { document } = ring.keyList;
  const list = verifyKeyList(crypto, ring.rootKey, document, deps.platform.nowSeconds());
  const faults: string[] = [];
  const foreign = elsewhere === undefined ? undefined : readForeign(deps, list, elsewhere, faults);
  const tree = growTree();
  let checkpoints = 0;
  const compare = async (from: number, until: number) => {
    const due = await readCheckpoints(database, from, until - from);
    for (const checkpoint of due.filter(({ size }) => size < until)) {
      checkpoints += 1;
      compareRoot(checkpoint, tree, faults);
      if (checkpoint.note !== null) verifyNote(deps, list, checkpoint, checkpoint.note, faults);
    }
    if (foreign !== undefined && foreign.size >= from && foreign.size < until) {
      compareRoot(foreign, tree, faults, "the checkpoint from elsewhere");
    }
  };
  await compare(0, 1);
  for (;;) {
    const page = await readPage(database, tree.size);
    for (const leaf of page) {
      if (faults.length >= MOST_FAULTS) break;
      compareEntry(leaf, tree.size, faults);
      tree.add(leafHash(leaf.entry));
      await compareNodes(database, tree, faults);
      if (leaf.signed || foreign?.size === tree.size) await compare(tree.size, tree.size + 1);
    }
    if (page.length < LIMITS.logBatch || faults.length >= MOST_FAULTS) break;
  }
  if (faults.length < MOST_FAULTS) await compareEnd(database, tree, faults);
  if (foreign !== undefined && foreign.size > tree.size) {
    faults.push(`The checkpoint from elsewhere has ${foreign.size} proofs, this log ${tree.size}.`);
  }
  return { size: tree.size, checkpoints, awaiting: await countAwaiting(database), faults };
}

interface Leaf {
  readonly entry_index: bigint;
  readonly entry: Buffer;
  /** The proof of the payment that is logged here; null where no payment is. */
  readonly document: string | null;
  /** Whether the payment was carried: its proof may be gone, and was compared before. */
  readonly carried: boolean | null;
  /** Whether a state ends with this leaf. */
  readonly signed: boolean;
}

function readPage(database: Queryable, from: number): Promise<Leaf[]> {
  return database.query<Leaf>(
    `select e.entry_index, e.entry, p.document, c.size is not null as signed,
            m.paid_at < (select carried_until from collection) as carried
     from log_entries e
     left join merchant_payments m on m.log_index = e.entry_index
     left join payments p on p.account_id = m.account_id and p.paid_at = m.paid_at and p.payment_id = m.payment_id
     left join log_checkpoints c on c.size = e.entry_index + 1
     where e.entry_index >= $1 order by e.entry_index limit $2`,
    [from, LIMITS.logBatch],
  );
}

function compareEntry(leaf: Leaf, expected: number, faults: string[]): void {
  if (Number(leaf.entry_index) !== expected) faults.push(`Entry ${expected} is missing.`);
  if (leaf.document === null) {
    if (leaf.carried === true) return;
    faults.push(`Entry ${expected} belongs to no payment.`);
  } else if (!equalBytes(logEntry(leaf.document), leaf.entry)) {
    faults.push(`Entry ${expected} is not the hash of its payment's proof.`);
  }
}

/** The nodes that end with the newest leaf. */
async function compareNodes(
  database: Queryable,
  tree: GrowingTree,
  faults: string[],
): Promise<void> {
  for (let level = 1; tree.size % TILE_WIDTH ** level === 0; level++) {
    const position = tree.size / TILE_WIDTH ** level - 1;
    const row = one(
      await database.query<{ hash: Buffer }>(
        "select hash from log_nodes where level = $1 and position = $2",
        [level, position],
      ),
    );
    const hash = tree.subtree(level * Math.log2(TILE_WIDTH));
    if (row === undefined || hash === undefined || !equalBytes(row.hash, hash)) {
      faults.push(`Node ${position} of level ${level} is not the root of its tile.`);
    }
  }
}

function compareRoot(
  { size, root }: Pick<StoredCheckpoint, "size" | "root">,
  tree: GrowingTree,
  faults: string[],
  what = `the checkpoint of ${size} proofs`,
): void {
  if (!equalBytes(root, tree.root())) {
    faults.push(`The root of ${what} is not the one of the payments.`);
  }
}

function verifyNote(
  { crypto }: Pick<TpsDeps, "crypto">,
  list: KeyList,
  { size, root }: StoredCheckpoint,
  note: string,
  faults: string[],
): void {
  try {
    const signed = verifyCheckpoint(crypto, list, note);
    if (signed.size === size && equalBytes(signed.root, root)) return;
    faults.push(`What was signed as the checkpoint of ${size} proofs is another one.`);
  } catch (error) {
    if (!(error instanceof ChitError)) throw error;
    faults.push(`The checkpoint of ${size} proofs: ${error.message}`);
  }
}

function readForeign(
  { crypto }: Pick<TpsDeps, "crypto">,
  list: KeyList,
  note: string,
  faults: string[],
) {
  try {
    return verifyCheckpoint(crypto, list, note);
  } catch (error) {
    if (!(error instanceof ChitError)) throw error;
    faults.push(`The checkpoint from elsewhere: ${error.message}`);
    return undefined;
  }
}

/** No state may be larger than the tree, no payment logged beyond it. */
async function compareEnd(database: Queryable, tree: GrowingTree, faults: string[]): Promise<void> {
  const beyond = await database.query<{ size: bigint }>(
    `select size from log_checkpoints where size > (select count(*) from log_entries)
     union all
     select log_index from merchant_payments where log_index >= (select count(*) from log_entries)`,
  );
  if (beyond.length > 0)
    faults.push(`Something refers to proofs beyond the ${tree.size} there are.`);
}

async function countAwaiting(database: Queryable): Promise<number> {
  const rows = await database.query<{ count: bigint }>(
    "select count(*) from merchant_payments where log_index is null",
  );
  return Number(one(rows)?.count ?? 0n);
}
