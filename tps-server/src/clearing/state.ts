/** How far the work after the sale is, for monitoring. */
import type { TpsDeps } from "../deps.ts";
import { one } from "../store/database.ts";

/** Batches that wait, and when chores were done. Times in seconds. */
export interface ClearingState {
  readonly batchesWaiting: number;
  /** How long the oldest of them has been waiting; 0 for none. */
  readonly oldestSeconds: number;
  /** When each chore last came to its end. */
  readonly choresEnded: ReadonlyMap<string, number>;
}

export async function readClearingState({
  database,
  platform,
}: Pick<TpsDeps, "database" | "platform">): Promise<ClearingState> {
  const batches = one(
    await database.query<{ waiting: bigint; oldest: bigint | null }>(
      "select count(*) as waiting, min(received_at) as oldest from batches where state = 'received'",
    ),
  );
  const chores = await database.query<{ name: string; ended_at: bigint }>(
    "select name, ended_at from chores where ended_at is not null order by name",
  );
  const now = platform.nowSeconds();
  const oldest = batches?.oldest ?? null;
  return {
    batchesWaiting: Number(batches?.waiting ?? 0n),
    oldestSeconds: oldest === null ? 0 : Math.max(now - Number(oldest), 0),
    choresEnded: new Map(chores.map(({ name, ended_at: at }) => [name, Number(at)])),
  };
}
