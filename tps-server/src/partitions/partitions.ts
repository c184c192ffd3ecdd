/**
 * Payments are kept in partitions by time: one for each month (UTC), made ahead by a chore. The one before all of them
 * (`payments_earlier`) holds what there was when payments were partitioned first.
 *
 * A payment never fails for want of a partition: they are made months ahead, when a server starts, and in the worst case
 * by the payment that finds none. They have no upper end and no default, so that an old one can be detached while
 * payments go on (PostgreSQL detaches concurrently only where there is no default partition).
 */
import pg from "pg";
import type { TpsDeps } from "../deps.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";

/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_035n;

/** A partition of payments that were made from `from` on and before `until` (seconds). */
export interface Partition {
  /** The table's name. */
  readonly name: string;
  /** Null: from the beginning. */
  readonly from: number | null;
  readonly until: number;
  /** Being detached, or broken off while it was: its payments are seen no more. */
  readonly detaching: boolean;
}

/** What making partitions needs. */
export interface PartitionDeps extends Pick<TpsDeps, "database"> {
  readonly platform: Pick<TpsDeps["platform"], "nowSeconds">;
}

/** The partitions that payments are in, the oldest first. */
export async function listPartitions(database: Queryable): Promise<Partition[]> {
  const rows = await database.query<{
    name: string;
    from_at: bigint | null;
    until_at: bigint;
    detaching: boolean;
  }>("select name, from_at, until_at, detaching from payments_partitions order by until_at");
  return rows.map((row) => ({
    name: row.name,
    from: row.from_at === null ? null : Number(row.from_at),
    until: Number(row.until_at),
    detaching: row.detaching,
  }));
}

/** Until when (seconds) payments have their partitions. */
export async function partitionedUntil(database: Queryable): Promise<number> {
  const row = one(
    await database.query<{ until: bigint | null }>(
      "select max(until_at) as until from payments_partitions",
    ),
  );
  return Number(row?.until ?? 0n);
}

/**
 * Makes the partitions of this month and of those ahead, where they are missing. Payments go on meanwhile.
 *
 * @returns how many it made
 */
export async function addPartitions({ database, platform }: PartitionDeps): Promise<number> {
  const now = platform.nowSeconds();
  const wanted = one(
    await database.query<{ until: bigint }>("select month_start($1, $2) as until", [
      now,
      LIMITS.partitionsAhead + 1,
    ]),
  );
  if (wanted === undefined || (await partitionedUntil(database)) >= wanted.until) return 0;
  return database.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const made = await tx.query(
      // Months in which no server ran are one partition: nobody paid then.
      `with ends as (select $2::bigint as now, max(until_at) as last from payments_partitions),
            gap as (select last as from_at, month_start(now, 0) as until_at from ends where last < month_start(now, 0)),
            ahead as (
              select month_start(now, later) as from_at, month_start(now, later + 1) as until_at
              from ends, generate_series(0, $1::int) later where month_start(now, later) >= last
            )
       select add_payments_partition(from_at, until_at) from (table gap union all table ahead order by 1) missing`,
      [LIMITS.partitionsAhead, now],
    );
    return made.length;
  });
}

/** Whether a payment was refused because there is no partition for its time. */
export function isPartitionMissing(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === "23514" &&
    error.table === "payments" &&
    error.constraint === undefined
  );
}
