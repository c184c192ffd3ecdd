/** The statements of the payment path can run where accounts are kept on many machines: each is bound to its accounts. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPaymentPipeline } from "../src/payment/pipeline.ts";
import type { Database, Queryable } from "../src/store/database.ts";
import { DISTRIBUTED, loadParser, unboundTables } from "./support/bound-statements.ts";
import { createWallet } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  await loadParser();
  world = await createWorld();
});
afterAll(() => world.close());

/** `database`, and every statement that it was given. */
function recording(database: Database): { database: Database; statements: Set<string> } {
  const statements = new Set<string>();
  const heard = (queryable: Queryable): Queryable => ({
    query(statement, values) {
      statements.add(typeof statement === "string" ? statement : statement.text);
      return queryable.query(statement, values);
    },
  });
  return {
    statements,
    database: {
      ...database,
      ...heard(database),
      transaction: (work) => database.transaction((tx) => work(heard(tx))),
    },
  };
}

/** Every kind of answer: paid, denied, wrong PINs until the lock, sent again, out of sequence, unknown, merchant unknown. */
async function statementsOfPayments(): Promise<string[]> {
  const { database, statements } = recording(world.database);
  const pipeline = createPaymentPipeline(world.withDatabase(database));
  const wallet = await createWallet(world);
  const requests = [
    await wallet.request(),
    await wallet.request({ amount: 99_999_999n, count: 1 }),
    await wallet.request({ count: 7 }),
    await wallet.request({ deviceId: "AAAAAAAAAAAAAAAAAAAAAA" }),
    await wallet.request({ pin: "000000", count: 2 }),
  ];
  for (const { body } of requests) await pipeline.pay(body);
  for (const { body } of requests) await pipeline.pay(body);
  return [...statements];
}

describe("on the payment path", () => {
  test("every row of a distributed table is bound to an account id that the request names", async () => {
    const statements = await statementsOfPayments();
    const touching = statements.filter((sql) =>
      [...DISTRIBUTED].some((name) => sql.includes(name)),
    );
    expect(touching.length).toBeGreaterThanOrEqual(4);
    for (const written of ["into payments", "into refused_requests"]) {
      expect(touching.some((sql) => sql.includes(written))).toBe(true);
    }
    for (const sql of statements) expect(unboundTables(sql), sql).toEqual([]);
  });

  test("no statement writes to a row of a merchant", async () => {
    const writes = (await statementsOfPayments()).filter((sql) =>
      /insert|update|delete/i.test(sql),
    );
    expect(writes.length).toBeGreaterThanOrEqual(2);
    for (const sql of writes) {
      expect(sql).not.toMatch(/(into|update|from)\s+(merchant|certificate|batches|refund_orders)/i);
    }
  });

  test("every unique key of a distributed table has the account id in it", async () => {
    const keys = await world.database.query<{ table: string; key: string; columns: string[] }>(
      `select t.relname as table, i.relname as key, array_agg(a.attname::text) as columns
       from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
       join pg_attribute a on a.attrelid = t.oid and a.attnum = any(x.indkey)
       where x.indisunique and t.relnamespace = 'public'::regnamespace and t.relname = any($1)
       group by 1, 2`,
      [[...DISTRIBUTED]],
    );
    expect(new Set(keys.map(({ table }) => table))).toEqual(DISTRIBUTED);
    const without = keys.filter(({ columns }) => !columns.includes("account_id"));
    expect(without).toEqual([]);
  });
});

describe("a statement that is not bound is found", () => {
  test.each([
    ["select * from devices", ["devices"]],
    ["select * from payments where merchant_id = $1", ["payments"]],
    [
      "select * from devices d join accounts a on a.account_id = d.account_id",
      ["devices", "accounts"],
    ],
    ["select * from accounts where account_id = $1 or balance > 0", ["accounts"]],
    [
      "update accounts a set balance = 0 from unnest($1::text[]) r (id) where a.balance > 1",
      ["accounts"],
    ],
    ["insert into payments (payment_id) values ($1)", ["insert"]],
    ["with x as (delete from devices where name = $1 returning 1) select 1", ["devices"]],
  ])("%s", (sql, tables) => {
    expect(unboundTables(sql)).toEqual(tables);
  });

  test("and one that is, through joins and subqueries, is not", () => {
    const sql = `select 1 from unnest($1::text[]) as r (account_id) join accounts a on a.account_id = r.account_id
      join devices d on d.account_id = a.account_id
      where exists (select 1 from payments p where p.account_id = d.account_id)`;
    expect(unboundTables(sql)).toEqual([]);
    expect(unboundTables("select * from accounts where account_id = $1")).toEqual([]);
  });
});
