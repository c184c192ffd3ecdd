/** What becomes of each table where accounts are on many machines is decided, and nothing that is distributed leaves its account. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BY_ACCOUNT, COPIED, WHOLE } from "../../src/places/tables.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const MIGRATION = new URL("../../src/store/migrations/0041-citus.sql", import.meta.url);
const copied = COPIED.map(([table]) => table);

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.drop());

test("every table is by account, copied or whole: whoever adds one decides in places/tables.ts", async () => {
  const rows = await own.database.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );
  const decided = [...BY_ACCOUNT, ...copied, ...WHOLE];
  expect(decided.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
});

test("tables by account, and they alone, have foreign keys into each other only and to what every place has", async () => {
  const keys = await own.database.query<{ owner: string; target: string; columns: string[] }>(
    `select o.relname as owner, t.relname as target,
            (select array_agg(a.attname::text) from pg_attribute a where a.attrelid = o.oid and a.attnum = any (k.conkey)) as columns
     from pg_constraint k join pg_class o on o.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and o.relname = any ($1)`,
    [[...BY_ACCOUNT]],
  );
  expect(keys.length).toBeGreaterThan(3);
  for (const { owner, target, columns } of keys) {
    if (copied.some((table) => table === target)) continue;
    expect([...BY_ACCOUNT], owner).toContain(target);
    expect(columns, owner).toContain("account_id");
  }
});

test("the primary keys by which copies are kept are the tables' own", async () => {
  for (const [table, key] of COPIED) {
    const rows = await own.database.query(
      `select a.attname::text as key from pg_index x
       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any (x.indkey)
       where x.indisprimary and x.indrelid = $1::regclass`,
      [table],
    );
    expect(rows).toEqual([{ key }]);
  }
});

test("without Citus nothing is distributed, and it is said; with it the same tables would be", async () => {
  const [said] = await own.database.query<{ said: string }>(
    "select distribute_by_account() as said",
  );
  expect(said?.said).toContain("Citus is not installed");
  const sql = await readFile(MIGRATION, "utf8");
  const list = (name: string) =>
    [
      ...(
        new RegExp(`${name} constant text\\[\\] := array\\[([^\\]]*)\\]`).exec(sql)?.[1] ?? ""
      ).matchAll(/'(\w+)'/g),
    ].map(([, table]) => table);
  expect(list("by_account")).toEqual([...BY_ACCOUNT]);
  expect(list("copied")).toEqual(copied);
});
