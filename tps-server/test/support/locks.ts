/** Statements that wait for a lock which a test holds. */
import type { World } from "./world.ts";

/** Until so many statements on the world's database wait for locks. */
export async function waitingForLocks(
  { database, databaseName }: Pick<World, "database" | "databaseName">,
  number: number,
): Promise<void> {
  for (;;) {
    const waiting = await database.query(
      `select pg_sleep(0.01) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
      [databaseName],
    );
    if (waiting.length >= number) return;
  }
}
