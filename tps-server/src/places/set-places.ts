/** Spreading accounts over several PostgreSQL servers, and telling where a place is now. */
import { message } from "@chit/protocol";
import * as v from "valibot";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { type Database, one } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { checkDatabaseUrl } from "../store/reach-database.ts";
import { fillCopies, layTables, liftTables, moveRows, readPlaces } from "./lay.ts";
import { withPlace } from "./migrate-main.ts";

const url = v.pipe(v.string(), v.maxLength(1_000));

/** The operator's file: the databases that hold accounts, in the order of their places. */
export const placesSchema = message({
  places: v.pipe(
    v.array(
      message({
        /** Of the role that owns the tables, as DATABASE_URL. */
        url,
        /** Of the role chit_vru in that database; without it the telephone service cannot reach accounts there. */
        telephoneUrl: v.optional(url),
      }),
    ),
    v.minLength(2, "Accounts are spread over two places at least."),
    v.maxLength(LIMITS.places),
  ),
});
export type PlacesSetting = v.InferOutput<typeof placesSchema>;

/** What became of it. */
export interface SetPlaces {
  readonly places: number;
  /** Whether accounts were spread now, and not only addresses changed. */
  readonly spread: boolean;
}

/**
 * Spreads accounts over places, or, where that was done, tells new addresses of the same places. The number of places
 * stays for ever; several may be on one server at first, and each can move to a server of its own.
 *
 * Servers of the TPS must be stopped the first time, and learn of new addresses when they are started again.
 *
 * @throws {OperatorError} `setting-invalid`, `database-unavailable`, `migration-changed`
 */
export async function setPlaces(
  deps: TpsDeps,
  { places }: PlacesSetting,
  onError: (error: Error) => void,
): Promise<SetPlaces> {
  const before = await readPlaces(deps.database);
  if (before.length > 0 && before.length !== places.length) {
    throw new OperatorError(
      "setting-invalid",
      `Accounts are spread over ${before.length} places, and the file names ${places.length}. Their number stays: move places to further servers instead.`,
    );
  }
  const { origin: issuer } = await readIssuer(deps.database);
  for (const [place, address] of places.entries()) {
    const setting = `place ${place} in the file`;
    for (const one of [address.url, address.telephoneUrl]) {
      if (one !== undefined) checkDatabaseUrl(one, setting);
    }
    await withPlace(address.url, setting, onError, async (database) => {
      await migrate(database);
      await claim(database, { issuer, place, of: places.length });
    });
  }
  const spread = before.length === 0;
  await deps.database.transaction(async (tx) => {
    // Moving accounts takes as long as it takes.
    await tx.query("set local statement_timeout = 0");
    await tx.query("set local lock_timeout = 0");
    if (!spread) await liftTables(tx, before);
    await tx.query("delete from account_places");
    for (const [place, address] of places.entries()) {
      await tx.query("insert into account_places (place, url, telephone_url) values ($1, $2, $3)", [
        place,
        address.url,
        address.telephoneUrl ?? null,
      ]);
    }
    await layTables(tx);
    if (spread) {
      await fillCopies(tx, await readPlaces(tx));
      await moveRows(tx);
    }
    await logOperation(deps, tx, "places set", `${places.length} places`, {
      spread: String(spread),
    });
  });
  return { places: places.length, spread };
}

interface Marker {
  readonly issuer: string;
  readonly place: number;
  readonly of: number;
}

/** Writes into a database which place it is, or sees that it is that one: a mistaken order would hide accounts. */
async function claim(database: Database, marker: Marker): Promise<void> {
  const { issuer, place, of } = marker;
  const own = await database.query("select 1 from issuer union all select 1 from account_places");
  if (own.length > 0) {
    throw new OperatorError(
      "setting-invalid",
      `The database of place ${place} is the main database of a TPS. Name an empty database.`,
    );
  }
  await database.query(
    `insert into place_marker (issuer, place, of_places) values ($1, $2, $3) on conflict do nothing`,
    [issuer, place, of],
  );
  const found = one(
    await database.query<Marker>("select issuer, place, of_places as of from place_marker"),
  );
  if (found?.issuer === issuer && found.place === place && found.of === of) return;
  throw new OperatorError(
    "setting-invalid",
    `The database of place ${place} is place ${found?.place} of ${found?.of} of ${found?.issuer}. Put the databases in their order.`,
  );
}
