/** Bringing the schema up to date where accounts are in places: the places first, then the main database. */
import { type Database, one, openDatabase, type Queryable } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { reachDatabase } from "../store/reach-database.ts";
import type { PlaceAddress } from "./connect.ts";
import { layTables, liftTables, readPlaces } from "./lay.ts";

/**
 * Migrates the main database, and before it its places, all of which must answer then. While nothing is missing, none is
 * asked: a TPS starts with a place away.
 *
 * @throws {OperatorError} `migration-changed`, `database-unavailable`
 */
export async function migrateMain(
  main: Database,
  onError: (error: Error) => void,
): Promise<string[]> {
  let laid: PlaceAddress[] = [];
  return migrate(main, {
    async before(tx) {
      laid = (await hasPlaces(tx)) ? await readPlaces(tx) : [];
      for (const { place, url } of laid) {
        await withPlace(url, `the address of place ${place}`, onError, (database) =>
          migrate(database),
        );
      }
      if (laid.length > 0) await liftTables(tx, laid);
    },
    async after(tx) {
      if (laid.length > 0) await layTables(tx);
    },
  });
}

/**
 * Opens a place, and closes it after `work`.
 *
 * @param setting where its URL was given, for the message
 * @throws {OperatorError} `database-unavailable`
 */
export async function withPlace<T>(
  url: string,
  setting: string,
  onError: (error: Error) => void,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = openDatabase(url, onError);
  try {
    await reachDatabase(database, url, setting);
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Whether the schema is new enough to have places. */
async function hasPlaces(tx: Queryable): Promise<boolean> {
  const row = one(
    await tx.query<{ known: boolean }>(
      "select to_regclass('public.account_places') is not null as known",
    ),
  );
  return row?.known === true;
}
