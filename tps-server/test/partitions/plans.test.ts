/** What the payment path touches does not grow with the age of the system. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectPayments } from "../../src/clearing/collect.ts";
import { LIMITS } from "../../src/limits.ts";
import { addPartitions, listPartitions } from "../../src/partitions/partitions.ts";
import { createPaymentPipeline } from "../../src/payment/pipeline.ts";
import type { Database, Queryable } from "../../src/store/database.ts";
import { createWallet, type Wallet, type WalletRequest } from "../support/wallet.ts";
import type { World } from "../support/world.ts";
import { createLateWorld, merchantOfToday, moveTo, start } from "./support.ts";

/** Three years later. */
const LATER = "2103-05";

let world: World;
/** Paid in the first month, and never heard of it. */
let quiet: Wallet;
let unheard: { readonly request: WalletRequest; readonly reply: Uint8Array };
beforeAll(async () => {
  world = await createLateWorld();
  quiet = await createWallet(world);
  const request = await quiet.request();
  unheard = { request, reply: await quiet.send(request) };
});
afterAll(() => world.close());

const ofPayments = `select distinct relation::regclass::text as name from pg_locks
  where pid = pg_backend_pid() and relation::regclass::text like 'payments%' order by 1`;

/** A database that tells which tables and indexes of payments each of its transactions had to do with, and all statements. */
function watched(database: Database) {
  const touched: string[][] = [];
  const statements: { text: string; values: readonly unknown[] }[] = [];
  const heard = (queryable: Queryable): Queryable => ({
    query(statement, values = []) {
      statements.push({ text: typeof statement === "string" ? statement : statement.text, values });
      return queryable.query(statement, values);
    },
  });
  const through: Database = {
    ...database,
    ...heard(database),
    transaction: (work) =>
      database.transaction(async (tx) => {
        const result = await work(heard(tx));
        const rows = await tx.query<{ name: string }>(ofPayments);
        touched.push(rows.map(({ name }) => name));
        return result;
      }),
  };
  return { database: through, touched, statements };
}

/** What one payment touches; its month is said as "month". */
async function touchedByPayment(wallet: Wallet, month: string): Promise<string[]> {
  const { database, touched } = watched(world.database);
  const pipeline = createPaymentPipeline(world.withDatabase(database));
  const request = await wallet.request({ merchantId: await merchantOfToday(world) });
  const response = await wallet.receive(request, await pipeline.pay(request.body));
  expect(response).toMatchObject({ outcome: "paid" });
  return touched.flat().map((name) => name.replace(month, "month"));
}

describe("with 36 months of payments behind it", () => {
  let young: string[];
  let old: string[];
  beforeAll(async () => {
    const wallet = await createWallet(world);
    young = await touchedByPayment(wallet, "2100_05");
    for (const partition of await growOld()) {
      await world.database.query(
        `insert into payments
         select (jsonb_populate_record(p, jsonb_build_object('payment_id', 'x' || n, 'count', n, 'paid_at', $1::bigint + n))).*
         from payments p, generate_series(1000, 1200) n where p.account_id = $2 and p.count = 0`,
        [partition.from, quiet.accountId],
      );
    }
    await world.database.query("analyze payments");
    old = await touchedByPayment(wallet, LATER.replace("-", "_"));
  }, 120_000);

  /** Every month as it comes. @returns those that have passed */
  async function growOld() {
    for (let months = 4; months <= 36; months += LIMITS.partitionsAhead + 1) {
      const year = 2100 + Math.floor((4 + months) / 12);
      const month = String(((4 + months) % 12) + 1).padStart(2, "0");
      await moveTo(world, start(`${year}-${month}`) + 60);
      await addPartitions(world.deps);
    }
    expect(world.now).toBe(start(LATER) + 60);
    const passed = (await listPartitions(world.database)).filter(
      ({ from, until }) => from !== null && until <= world.now && from >= start("2100-05"),
    );
    expect(passed).toHaveLength(36);
    return passed;
  }

  test("a payment touches its month's partition and no other, as in the first month", () => {
    expect(young).toContain("payments_month");
    expect(young.filter((name) => /payments_(earlier|[0-9])/.test(name))).toEqual([]);
    expect(old).toEqual(young);
  });

  test("a request under a drained key is looked for among the months of that key", async () => {
    const { database, statements } = watched(world.database);
    const pipeline = createPaymentPipeline(world.withDatabase(database));
    expect(await pipeline.pay(unheard.request.body)).toEqual(unheard.reply);
    const [looked] = statements.filter(({ text }) => /from payments /.test(text));
    const plan = await world.database.query(`explain ${looked?.text}`, looked?.values ?? []);
    const partitions = new Set(JSON.stringify(plan).match(/payments_2[0-9_]+[0-9]/g));
    expect(partitions).toContain("payments_2100_05");
    const days = (LIMITS.sealingKeySeconds + LIMITS.sealingDrainSeconds) / 86_400;
    // It was forgotten when somebody looked, which was months later here.
    expect(partitions.size).toBeLessThanOrEqual(Math.ceil(days / 28) + LIMITS.partitionsAhead + 1);
  });

  test("one under a key that there never was is not looked for among payments", async () => {
    const { database, statements } = watched(world.database);
    const body = Buffer.from(unheard.request.body).toString();
    const message: { plain: string } = JSON.parse(body);
    const plain = JSON.parse(Buffer.from(message.plain, "base64url").toString());
    const forged = Buffer.from(
      JSON.stringify({ ...plain, keyId: `${plain.keyId.slice(0, -1)}A` }),
    ).toString("base64url");
    const pipeline = createPaymentPipeline(world.withDatabase(database));
    await expect(
      pipeline.pay(Buffer.from(body.replace(message.plain, forged))),
    ).rejects.toMatchObject({ code: "sealing-key-unknown" });
    expect(statements.filter(({ text }) => /forgotten_sealing_keys/.test(text))).toHaveLength(1);
    expect(statements.filter(({ text }) => /from payments /.test(text))).toEqual([]);
  });

  test("collecting goes through the months that it collects alone", async () => {
    await world.database.query("update collection set collected_until = $1", [world.now - 90]);
    const { database, touched } = watched(world.database);
    expect(await collectPayments(world.withDatabase(database))).toBeGreaterThan(0);
    for (const names of touched) {
      expect(
        names.filter((name) => /^payments_[0-9]{4}_[0-9]{2}$/.test(name)).length,
      ).toBeLessThanOrEqual(2);
    }
  });
});

test("no other table does more for a payment because there are more partitions", async () => {
  const triggers = await world.database.query(
    `select tgname from pg_trigger where tgrelid in ('devices'::regclass, 'accounts'::regclass)
       and tgname like 'RI_%' and pg_get_triggerdef(oid) like '%payments%'`,
  );
  expect(triggers).toEqual([]);
});
