/** The place of an account is the partition that PostgreSQL itself would put it into. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newIdentifier } from "../../src/identifiers.ts";
import { placeOf } from "../../src/places/place-of.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { random } from "../support/world.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.database.query(
    "create table hashed (account_id text) partition by hash (account_id)",
  );
});
afterAll(() => database.drop());

test.each([2, 3, 16, 100])("PostgreSQL agrees, with %i places", async (places) => {
  // Ids as they are made, and texts of every length up to three blocks of the hash.
  const ids = [
    ...Array.from({ length: 4_000 }, () => newIdentifier({ randomBytes: random })),
    ...Array.from({ length: 40 }, (_none, length) => "äb-c_D9x".repeat(5).slice(0, length)),
  ];
  const rows = await database.database.query<{ agrees: boolean; id: string }>(
    `select id, satisfies_hash_partition('hashed'::regclass, $3, place, id) as agrees
     from unnest($1::text[], $2::int[]) as r (id, place)`,
    [ids, ids.map((id) => placeOf(id, places)), places],
  );
  expect(rows.filter(({ agrees }) => !agrees)).toEqual([]);
  expect(rows.length).toBe(ids.length);
  expect(new Set(ids.map((id) => placeOf(id, places))).size).toBe(places);
});
