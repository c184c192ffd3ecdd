/** Payments that were there before they were partitioned. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../src/store/migrate.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

const DIRECTORY = new URL("../../src/store/migrations/", import.meta.url);
const BEFORE = "0035-payments-by-time.sql";
/** In the past of any clock that runs this. */
const PAID = [1_600_000_000, 1_650_000_000, 1_700_000_000];

let base: TestDatabase;
beforeAll(async () => {
  base = await createTestDatabase();
  const { database } = base;
  await database.query("drop schema public cascade");
  await database.query("create schema public");
  for (const name of (await readdir(DIRECTORY)).sort().filter((file) => file < BEFORE)) {
    await database.query(await readFile(new URL(name, DIRECTORY), "utf8"));
  }
  await database.query(
    "insert into accounts (account_id, balance, created_at) values ('anna', 70, 1)",
  );
  await database.query(
    `insert into devices (account_id, device_id, public_key, name, count, activated_at)
     values ('anna', 'laptop', decode(repeat('00', 32), 'hex'), 'Laptop', 3, 1)`,
  );
  for (const [count, at] of PAID.entries()) {
    await database.query(
      `insert into payments values ('anna', 'p' || $1::text, 'laptop', $1::int, 1, 'proof', null, 'shop', 'n', 10, 'EUR', 4, '', '',
         decode(repeat('0' || $1::text, 32), 'hex'), '', '', '', 90 - 10 * $1::int, $2)`,
      [count, at],
    );
  }
  await database.query(
    "insert into refunds values ('anna', 'p1', 'order', 'shop', 'n', 5, 75, 1700000000)",
  );
});
afterAll(() => base.drop());

test("are the first partition as they are, also with what refers to them; later ones get partitions of their own", async () => {
  const { database } = base;
  const [before] = await database.query<{ file: string }>(
    "select pg_relation_filenode('payments')::text as file",
  );
  await database.query(
    `create table schema_migrations (name text primary key, digest text not null, applied_at timestamptz not null default now())`,
  );
  for (const name of (await readdir(DIRECTORY)).filter((file) => file < BEFORE)) {
    const digest = createHash("sha256")
      .update(await readFile(new URL(name, DIRECTORY), "utf8"))
      .digest("hex");
    await database.query("insert into schema_migrations values ($1, $2)", [name, digest]);
  }
  expect(await migrate(database)).toContain(BEFORE);
  const rows = await database.query(
    "select tableoid::regclass::text as partition, payment_id, paid_at from payments order by count",
  );
  expect(rows).toEqual(
    PAID.map((at, count) => ({
      partition: "payments_earlier",
      payment_id: `p${count}`,
      paid_at: BigInt(at),
    })),
  );
  // No row was copied.
  const [after] = await database.query<{ file: string }>(
    "select pg_relation_filenode('payments_earlier')::text as file",
  );
  expect(after).toEqual(before);
  expect(await database.query("select last_paid_at from devices")).toEqual([
    { last_paid_at: BigInt(PAID.at(-1) ?? 0) },
  ]);
  expect(await database.query("select 1 as kept from refunds")).toEqual([{ kept: 1 }]);
  const [ends] = await database.query<{ until_at: bigint; next: bigint }>(
    `select until_at, month_start(extract(epoch from now())::bigint, 1) as next from payments_partitions
     where name = 'payments_earlier'`,
  );
  expect(ends?.until_at).toBe(ends?.next);
  // Requests under keys that were deleted before anybody wrote that down are found among these.
  expect(
    await database.query("select key_id, not_before, forgotten_at from forgotten_sealing_keys"),
  ).toEqual([
    { key_id: "", not_before: BigInt(PAID[0] ?? 0), forgotten_at: BigInt(PAID.at(-1) ?? 0) },
  ]);
  await expect(
    database.query(
      'insert into payments select (jsonb_populate_record(p, \'{"payment_id": "again"}\')).* from payments p limit 1',
    ),
  ).rejects.toThrow(/payments_earlier_counts/);
});
