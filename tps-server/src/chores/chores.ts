/**
 * Chores: work apart from payments that a running server does now and then, one after another. Of all processes on a
 * database one does them at a time; a chore must nevertheless do no harm when two do it at once, or when it is killed.
 */

import type { Platform } from "../platform.ts";
import type { Database } from "../store/database.ts";

/** One kind of work. */
export interface Chore {
  /** For the log, metrics and the table of chores. */
  readonly name: string;
  /** Does what there is to do, and returns early when `signal` is aborted: it goes on another time. */
  run(signal: AbortSignal): Promise<unknown>;
}

/** What doing chores needs. */
export interface ChoresDeps {
  readonly database: Database;
  readonly platform: Pick<Platform, "nowSeconds">;
  /** Hears of a chore that failed; the others are done, and it is tried again another time. */
  onFailure(chore: string, error: unknown): void;
}

/** When to do them. `due`: those not begun within so many seconds, unless another process is at it. `now`: all, in turn. */
export type Occasion = { readonly due: number } | "now";

/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_002n;

/**
 * Does chores, in their order.
 *
 * @returns the names of those that came to their end
 */
export async function doChores(
  deps: ChoresDeps,
  chores: readonly Chore[],
  occasion: Occasion,
  signal: AbortSignal,
): Promise<string[]> {
  // The lock belongs to a transaction, so that it ends with the connection whatever becomes of this process; the work
  // is on other connections.
  return deps.database.transaction(async (tx) => {
    if (occasion === "now") {
      // The one before may take long.
      await tx.query("set local lock_timeout = 0");
      await tx.query("set local statement_timeout = 0");
      await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    } else {
      const [row] = await tx.query<{ mine: boolean }>(
        "select pg_try_advisory_xact_lock($1) as mine",
        [LOCK],
      );
      if (row?.mine !== true) return [];
    }
    const done: string[] = [];
    for (const chore of chores) {
      if (signal.aborted) break;
      if (await doChore(deps, chore, occasion, signal)) done.push(chore.name);
    }
    return done;
  });
}

async function doChore(
  deps: ChoresDeps,
  chore: Chore,
  occasion: Occasion,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, platform, onFailure } = deps;
  try {
    const now = platform.nowSeconds();
    const begunBefore = occasion === "now" ? Number.MAX_SAFE_INTEGER : now - occasion.due;
    const begun = await database.query(
      `insert into chores (name, started_at) values ($1, $2)
       on conflict (name) do update set started_at = $2 where chores.started_at <= $3
       returning 1 as begun`,
      [chore.name, now, begunBefore],
    );
    if (begun.length === 0) return false;
    await chore.run(signal);
    if (signal.aborted) return false;
    await database.query("update chores set ended_at = $2 where name = $1", [
      chore.name,
      platform.nowSeconds(),
    ]);
    return true;
  } catch (error) {
    onFailure(chore.name, error);
    return false;
  }
}
