/** The servers that hold accounts, for a process that takes payments. */
import { LIMITS } from "../limits.ts";
import { type Database, openDatabase, type Queryable } from "../store/database.ts";
import { readPlaces } from "./lay.ts";
import { placeOf } from "./place-of.ts";

/** Where accounts are, when they are not all in the main database. */
export interface Places {
  /** In the order of their numbers. */
  readonly all: readonly Database[];
  /** The one that holds an account. */
  of(accountId: string): Database;
  close(): Promise<void>;
}

/** Connects to the places of a main database as they are needed; undefined when all accounts are in it. */
export async function openPlaces(
  main: Queryable,
  onError: (error: Error) => void,
): Promise<Places | undefined> {
  const addresses = await readPlaces(main);
  if (addresses.length === 0) return undefined;
  const all = addresses.map(({ url }) => openDatabase(url, onError, LIMITS.placeConnections));
  return {
    all,
    of(accountId) {
      const database = all[placeOf(accountId, all.length)];
      if (database === undefined) throw new TypeError("There is no such place.");
      return database;
    },
    async close() {
      await Promise.all(all.map((database) => database.close()));
    },
  };
}
