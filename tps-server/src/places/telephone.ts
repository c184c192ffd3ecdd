/**
 * Accounts in places for the telephone service's role. It enters the places as itself, so its rights there are those that
 * the migrations gave it; and it may not read whole rows, which planning by the places' own estimates asks for. So it has
 * foreign tables of its own, without these estimates, in a schema that comes first on its path.
 */
import type { Queryable } from "../store/database.ts";
import {
  copyRights,
  createServer,
  mapUser,
  type PlaceAddress,
  SHAPE,
  schemaOf,
} from "./connect.ts";

const SCHEMA = "chit_telephone";
const TABLES = ["accounts", "devices", "refused_requests"];
const serverOf = (place: number) => `${schemaOf(place)}_telephone`;

/** Lays its tables over the places, where the operator told how it enters them. */
export async function layTelephone(tx: Queryable, places: readonly PlaceAddress[]): Promise<void> {
  if (places.some(({ telephoneUrl }) => telephoneUrl === null)) return;
  await tx.query(`create schema ${SCHEMA}`);
  await tx.query(`grant usage on schema ${SCHEMA} to chit_vru`);
  for (const { place, telephoneUrl } of places) {
    await createServer(tx, serverOf(place), telephoneUrl ?? "");
    await mapUser(tx, serverOf(place), "chit_vru", telephoneUrl ?? "");
  }
  for (const table of TABLES) {
    // Generated columns are plain ones here: the place generates them, and nobody writes them from here.
    await tx.query(
      `create table ${SCHEMA}.${table} (like ${SHAPE}.${table} including defaults) partition by hash (account_id)`,
    );
    for (const { place } of places) {
      await tx.query(
        `create foreign table ${schemaOf(place)}.${table}_telephone partition of ${SCHEMA}.${table}
           for values with (modulus ${places.length}, remainder ${place})
           server ${serverOf(place)} options (schema_name 'public', table_name '${table}')`,
      );
    }
    await copyRights(tx, table, SCHEMA);
  }
  await setPath(tx, `set search_path = ${SCHEMA}, public`);
}

/** Takes them off again. */
export async function liftTelephone(tx: Queryable, places: readonly PlaceAddress[]): Promise<void> {
  if (places.some(({ telephoneUrl }) => telephoneUrl === null)) return;
  await setPath(tx, "reset search_path");
  await tx.query(`drop schema ${SCHEMA} cascade`);
  for (const { place } of places) await tx.query(`drop server ${serverOf(place)} cascade`);
}

/** For its connections from now on. */
async function setPath(tx: Queryable, setting: string): Promise<void> {
  const [row] = await tx.query<{ statement: string }>(
    "select format('alter role chit_vru in database %I ', current_database()) as statement",
  );
  await tx.query(`${row?.statement}${setting}`);
}
