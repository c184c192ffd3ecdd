/** What the operator sees of the partitions of payments. */
import type { TpsDeps } from "../deps.ts";

/** `ahead`: nobody paid in it yet. `detaching`: broken off; detaching goes on. `archived`: detached. `dropped`: and gone. */
export type PartitionState =
  | "ahead"
  | "current"
  | "attached"
  | "carried"
  | "detaching"
  | "archived"
  | "dropped";

/** A partition as the operator sees it. Times in seconds. */
export interface PartitionOverview {
  readonly name: string;
  /** Null: from the beginning. */
  readonly from: number | null;
  readonly until: number;
  /** As the database estimates it, exact for what was carried; null where it has not looked yet. */
  readonly payments: number | null;
  /** With its indexes; 0 when it is gone. */
  readonly bytes: number;
  readonly state: PartitionState;
}

/** All partitions that there are or were, the oldest first. */
export async function showPartitions({
  database,
  platform,
}: Pick<TpsDeps, "database" | "platform">): Promise<PartitionOverview[]> {
  const rows = await database.query<{
    name: string;
    from_at: bigint | null;
    until_at: bigint;
    detaching: boolean | null;
    carried: bigint | null;
    estimated: number | null;
    bytes: bigint | null;
  }>(
    `select name, coalesce(p.from_at, c.from_at) as from_at, coalesce(p.until_at, c.until_at) as until_at, p.detaching,
            c.payments as carried, nullif(t.reltuples, -1)::float8 as estimated, pg_total_relation_size(t.oid) as bytes
     from payments_partitions p full join carried_partitions c using (name)
     left join pg_class t on t.oid = to_regclass(quote_ident(name))
     order by 3`,
  );
  const now = platform.nowSeconds();
  return rows.map((row) => {
    const from = row.from_at === null ? null : Number(row.from_at);
    const until = Number(row.until_at);
    const counted = row.carried ?? row.estimated;
    return {
      name: row.name,
      from,
      until,
      payments: counted === null ? null : Number(counted),
      bytes: Number(row.bytes ?? 0n),
      state: stateOf(row, from, until, now),
    };
  });
}

function stateOf(
  row: { detaching: boolean | null; carried: bigint | null; bytes: bigint | null },
  from: number | null,
  until: number,
  now: number,
): PartitionState {
  if (row.detaching === null) return row.bytes === null ? "dropped" : "archived";
  if (row.detaching) return "detaching";
  if (row.carried !== null) return "carried";
  if (from !== null && from > now) return "ahead";
  return until > now ? "current" : "attached";
}
