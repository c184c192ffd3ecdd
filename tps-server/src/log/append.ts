/**
 * Taking payments up into the log, apart from the payment path. Two transactions a batch: the first writes leaves and
 * root, the second signs what is then on disk. Killed between any two statements it goes on where it was; nothing that
 * was ever signed can be forgotten by a rollback, so that one size never gets two roots.
 */
import {
  ChitError,
  equalBytes,
  logEntry,
  logOrigin,
  signCheckpoint,
  TILE_WIDTH,
  tiledTree,
  tileRoot,
  verifyConsistency,
} from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import type { KeyRings } from "../keys/key-ring.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import {
  readCheckpoints,
  readHead,
  readPublished,
  type StoredCheckpoint,
  tileReader,
} from "./log-store.ts";

/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_033n;

/** What an append needs. */
export interface LogDeps extends Pick<TpsDeps, "database"> {
  readonly platform: Pick<TpsDeps["platform"], "nowSeconds">;
  /** The signing key in force signs the checkpoints. */
  readonly keyRings: Pick<KeyRings, "current">;
}

/** What an append did. */
export interface Appended {
  /** Proofs taken up now. */
  readonly appended: number;
  /** Proofs in the log afterwards, in a signed checkpoint. */
  readonly size: number;
}

/**
 * Takes up every collected payment whose proof is not in the log, and signs the states that come of it. Safe to run at
 * any time, in several processes at once: they take turns.
 *
 * @param signal stops between two batches; the rest is taken up another time
 * @throws {OperatorError} `log-damaged` when the stored tree is not what was signed before: then nothing is signed
 */
export async function appendToLog(deps: LogDeps, signal?: AbortSignal): Promise<Appended> {
  let appended = 0;
  // What a killed append left unsigned.
  await signHeads(deps);
  for (let more: number = LIMITS.logBatch; more === LIMITS.logBatch && signal?.aborted !== true; ) {
    more = await extend(deps);
    await signHeads(deps);
    appended += more;
  }
  const published = await readPublished(deps.database);
  return { appended, size: published?.size ?? 0 };
}

interface Unlogged {
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly document: string;
}

/** One batch of new leaves, and the state that they make; not signed yet. @returns how many */
async function extend({ database }: Pick<LogDeps, "database">): Promise<number> {
  return database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const head = await readHead(tx);
    if (head !== undefined) await checkHead(tx, head);
    const payments = await tx.query<Unlogged>(
      `select m.merchant_id, m.payment_id, p.document
       from merchant_payments m
       join payments p on p.account_id = m.account_id and p.paid_at = m.paid_at and p.payment_id = m.payment_id
       where m.log_index is null order by m.collected_at limit $1`,
      [LIMITS.logBatch],
    );
    const size = head?.size ?? 0;
    // The very first state is that of the empty log.
    if (head !== undefined && payments.length === 0) return 0;
    await writeLeaves(tx, size, payments);
    const grown = size + payments.length;
    await writeNodes(tx, size, grown);
    const root = await tiledTree(grown, tileReader(tx)).root();
    await tx.query("insert into log_checkpoints (size, root) values ($1, $2)", [grown, root]);
    return payments.length;
  });
}

/** Within a batch the leaves stand in the order of their hashes: it tells nothing of when each was paid. */
async function writeLeaves(
  tx: Queryable,
  size: number,
  payments: readonly Unlogged[],
): Promise<void> {
  const leaves = payments
    .map((payment) => ({ ...payment, entry: Buffer.from(logEntry(payment.document)) }))
    .sort((a, b) => Buffer.compare(a.entry, b.entry));
  const indexes = leaves.map((_leaf, offset) => size + offset);
  await tx.query(
    `insert into log_entries (entry_index, entry)
     select * from unnest($1::bigint[], $2::bytea[])`,
    [indexes, leaves.map(({ entry }) => entry)],
  );
  await tx.query(
    `update merchant_payments m set log_index = leaf.entry_index
     from unnest($1::text[], $2::text[], $3::bigint[]) as leaf (merchant_id, payment_id, entry_index)
     where m.merchant_id = leaf.merchant_id and m.payment_id = leaf.payment_id`,
    [
      leaves.map(({ merchant_id }) => merchant_id),
      leaves.map(({ payment_id }) => payment_id),
      indexes,
    ],
  );
}

/** The roots of the tiles that have become full, level by level. */
async function writeNodes(tx: Queryable, before: number, after: number): Promise<void> {
  const readTile = tileReader(tx);
  for (let level = 1; TILE_WIDTH ** level <= after; level++) {
    const from = Math.floor(before / TILE_WIDTH ** level);
    const until = Math.floor(after / TILE_WIDTH ** level);
    for (let position = from; position < until; position++) {
      const tile = { level: level - 1, index: position, width: TILE_WIDTH };
      await tx.query("insert into log_nodes (level, position, hash) values ($1, $2, $3)", [
        level,
        position,
        tileRoot(await readTile(tile)),
      ]);
    }
  }
}

/** Signs the states that are on disk and not signed yet. One that another process signs meanwhile is left to it. */
async function signHeads({ database, platform, keyRings }: LogDeps): Promise<void> {
  const ring = keyRings.current();
  await database.transaction(async (tx) => {
    const waiting = await tx.query<{ size: bigint }>(
      "select size from log_checkpoints where note is null order by size for update",
    );
    for (const { size } of waiting) {
      const head = one(await readCheckpoints(tx, Number(size), 1));
      if (head === undefined) continue;
      await checkHead(tx, head);
      const now = platform.nowSeconds();
      const origin = logOrigin(ring.issuer.origin);
      const note = await signCheckpoint(ring.signer(now), { ...head, origin }, now);
      await tx.query("update log_checkpoints set note = $2, signed_at = $3 where size = $1", [
        size,
        note,
        now,
      ]);
    }
  });
}

/** The tiles must give the state's root, and begin with the state that was signed last. */
async function checkHead(tx: Queryable, head: StoredCheckpoint): Promise<void> {
  const signed = await readPublished(tx);
  if (await isRight(tx, head, signed)) return;
  throw new OperatorError(
    "log-damaged",
    `The log's stored tree of ${head.size} proofs is not what was signed before. Nothing is signed; run "chit-tps log check".`,
  );
}

async function isRight(
  tx: Queryable,
  head: StoredCheckpoint,
  signed: StoredCheckpoint | undefined,
): Promise<boolean> {
  const tree = tiledTree(head.size, tileReader(tx));
  try {
    if (!equalBytes(await tree.root(), head.root)) return false;
    if (signed === undefined) return true;
    const { size: oldSize, root: oldRoot } = signed;
    const claim = { oldSize, oldRoot, newSize: head.size, newRoot: head.root };
    return oldSize <= head.size && verifyConsistency(claim, await tree.consistencyProof(oldSize));
  } catch (error) {
    // Hashes are missing.
    if (error instanceof ChitError) return false;
    throw error;
  }
}
