/** What operators should be told of by their monitoring, apart from payments. Times in seconds. */
import type { TpsDeps } from "./deps.ts";
import { readHolders } from "./keys/rotate-pin-key.ts";
import { partitionedUntil } from "./partitions/partitions.ts";
import { one } from "./store/database.ts";

/** A moment's state. */
export interface OperationsState {
  /** When the newest key of each purpose ends. */
  readonly keysEnd: ReadonlyMap<string, number>;
  readonly keyListEnds: number;
  /** Undefined before the first. */
  readonly settlementEnded: number | undefined;
  /** Payments that a settlement held back and nobody has decided about. */
  readonly heldBack: number;
  /** Undefined before the first. */
  readonly audit: { readonly at: number; readonly isSound: boolean } | undefined;
  /** How long payments have their partitions in advance; below 0: they are made by the payments themselves. */
  readonly partitionAheadSeconds: number;
  /** Processes that were heard of in the last two minutes, by kind. */
  readonly processes: ReadonlyMap<"tps" | "vru", number>;
}

/** Reads it; each part is a few rows. */
export async function readOperationsState({
  database,
  platform,
}: Pick<TpsDeps, "database" | "platform">): Promise<OperationsState> {
  const keys = await database.query<{ purpose: string; ends: bigint }>(
    "select purpose, max(not_after) as ends from keys group by purpose order by purpose",
  );
  const row = one(
    await database.query<{ list_ends: bigint; settled: bigint | null; held_back: bigint }>(
      `select key_list_expires_at as list_ends,
              (select finished_at from settlements where state = 'done' order by cycle desc limit 1) as settled,
              (select count(*) from held_payments where decision is null) as held_back
       from issuer`,
    ),
  );
  const audits = await database.query<{ at: bigint; is_sound: boolean }>(
    "select at, is_sound from audits order by audit desc limit 1",
  );
  const processes = new Map<"tps" | "vru", number>([
    ["tps", 0],
    ["vru", 0],
  ]);
  for (const { kind } of await readHolders({ platform }, database)) {
    processes.set(kind, (processes.get(kind) ?? 0) + 1);
  }
  const settled = row?.settled ?? undefined;
  return {
    keysEnd: new Map(keys.map(({ purpose, ends }) => [purpose, Number(ends)])),
    keyListEnds: Number(row?.list_ends ?? 0n),
    settlementEnded: settled === undefined ? undefined : Number(settled),
    heldBack: Number(row?.held_back ?? 0n),
    audit: audits.map(({ at, is_sound: isSound }) => ({ at: Number(at), isSound }))[0],
    partitionAheadSeconds: (await partitionedUntil(database)) - platform.nowSeconds(),
    processes,
  };
}
