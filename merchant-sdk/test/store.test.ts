import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { memoryStore, type Store, sqliteStore } from "../src/index.ts";
import { noRefund } from "../src/mts/refund-record.ts";
import type { OfferedSale, SaleRecord } from "../src/mts/sale.ts";
import type { StoredEvent, StoredOrder } from "../src/mts/store.ts";
import { someQuote } from "./some-quote.ts";
import { temporaryDirectory } from "./temporary.ts";
import { crypto, newId } from "./world.ts";

const sqlitePath = () => join(temporaryDirectory(), "chit-merchant.db");

const STORES: [string, () => Store][] = [
  ["memory", memoryStore],
  ["node:sqlite", () => sqliteStore(sqlitePath())],
];

function quoted(changes: Partial<OfferedSale> = {}): OfferedSale {
  return {
    state: "quoted",
    transactionNumber: newId(),
    sellerId: "book",
    quote: someQuote(),
    quoteHash: crypto.randomBytes(32),
    issuedAt: 1_000,
    expiresAt: 1_900,
    endpoint: "https://shop.example/chit",
    reference: null,
    data: '{"cart":7}',
    promise: { goods: [], delivery: { text: "Tomorrow" }, more: false },
    denials: [],
    ...changes,
  } as OfferedSale;
}

function paid(times = 1, changes: Partial<OfferedSale> = {}): SaleRecord {
  const digest = () => crypto.randomBytes(32);
  return {
    ...quoted(changes),
    state: "paid",
    session: {
      sessionHash: digest(),
      sealedHash: digest(),
      key: {
        quoteAuthentication: digest(),
        shippingAdvice: digest(),
        sendGoods: digest(),
        goods: digest(),
        token: digest(),
      },
      address: null,
      loyalty: null,
      authentication: "{}",
      at: 1_100,
    },
    payments: Array.from({ length: times }, () => ({ jti: newId(), document: "a.b.c", at: 1_200 })),
    redeliveries: [],
    refund: noRefund,
    advice: null,
  };
}

const event = (transactionNumber: string, type: StoredEvent["type"], at = 1_000): StoredEvent => ({
  id: `${transactionNumber}.${type}`,
  type,
  transactionNumber,
  at,
  attempts: 0,
});

const order = (transactionNumber: string, change: Partial<StoredOrder> = {}): StoredOrder => ({
  orderId: newId(),
  transactionNumber,
  refunded: 5n,
  of: 2n ** 63n - 1n,
  document: "a.b.c",
  at: 1_300,
  batchId: null,
  ...change,
});

describe.each(STORES)("the %s store", (_name, make) => {
  const open = () => {
    const store = make();
    onTestFinished(() => store.close());
    return store;
  };

  test("gives back what was put in, bytes and all", async () => {
    const store = open();
    for (const sale of [quoted(), paid(2)]) {
      await store.insert({ sale, events: [], orders: [] });
      expect(await store.find(sale.transactionNumber)).toEqual(sale);
    }
    expect(await store.find(newId())).toBeUndefined();
    expect(
      await store.update(newId(), (sale) => ({ sale, events: [], orders: [] })),
    ).toBeUndefined();
  });

  test("threat 14: a transaction number is taken once, and stands for one quote", async () => {
    const store = open();
    const sale = quoted();
    await store.insert({ sale, events: [], orders: [] });
    await expect(store.insert({ sale, events: [], orders: [] })).rejects.toThrow();
  });

  test("updates in turn, each seeing what the one before wrote", async () => {
    const store = open();
    const sale = quoted({ expiresAt: 0 });
    await store.insert({ sale, events: [], orders: [] });
    const count = (before: SaleRecord) => ({
      sale: { ...before, expiresAt: before.expiresAt + 1 },
      events: [],
      orders: [],
    });
    await Promise.all(
      Array.from({ length: 20 }, () => store.update(sale.transactionNumber, count)),
    );
    expect((await store.find(sale.transactionNumber))?.expiresAt).toBe(20);
  });

  test("writes nothing when the change throws, and passes the error on", async () => {
    const store = open();
    const sale = quoted();
    await store.insert({ sale, events: [], orders: [] });
    const update = store.update(sale.transactionNumber, () => {
      throw new RangeError("no");
    });
    await expect(update).rejects.toThrow(RangeError);
    expect(await store.find(sale.transactionNumber)).toEqual(sale);
    await store.insert({ sale: quoted(), events: [], orders: [] });
  });

  test("writes refund orders in one atom with the sale, and no order twice", async () => {
    const store = open();
    const sale = paid();
    const number = sale.transactionNumber;
    const [late, early] = [order(number, { at: 1_400 }), order(number)];
    await store.insert({ sale, events: [], orders: [late] });
    const other = paid();
    await store.insert({ sale: other, events: [], orders: [order(other.transactionNumber)] });
    await store.update(number, (same) => ({ sale: same, events: [], orders: [early] }));
    expect(await store.orders(number)).toEqual([early, late]);

    const changed = { ...sale, expiresAt: 7 };
    const twice = { sale: changed, events: [event(number, "denied")], orders: [early] };
    await expect(store.update(number, () => twice)).rejects.toThrow();
    expect(await store.find(number)).toEqual(sale);
    expect(await store.claimEvents(1_000, 2_000, 10)).toEqual([]);
    expect(await store.orders(number)).toHaveLength(2);
  });

  test("lists by state and by double payment, newest first, page by page", async () => {
    const store = open();
    const sales = [quoted({ issuedAt: 1 }), paid(1, { issuedAt: 2 }), paid(2, { issuedAt: 3 })];
    for (const sale of sales) await store.insert({ sale, events: [], orders: [] });
    const times = async (filter: Parameters<Store["list"]>[0]) =>
      (await store.list(filter)).map(({ issuedAt }) => issuedAt);
    expect(await times({})).toEqual([3, 2, 1]);
    expect(await times({ states: ["paid", "delivered"] })).toEqual([3, 2]);
    expect(await times({ paidTwice: true })).toEqual([3]);
    expect(await times({ limit: 1 })).toEqual([3]);
    expect(await times({ issuedBefore: 3 })).toEqual([2, 1]);
  });

  test("forgets quotes that nobody opened, and no other sale", async () => {
    const store = open();
    const old = quoted({ expiresAt: 10 });
    const kept = [quoted({ expiresAt: 100 }), paid(1, { expiresAt: 10 })];
    for (const sale of [old, ...kept]) await store.insert({ sale, events: [], orders: [] });
    expect(await store.prune(50)).toBe(1);
    expect(await store.list({})).toHaveLength(2);
  });

  test("hands out each event once until its lease ends, and no more when it is done", async () => {
    const store = open();
    const sale = paid();
    const number = sale.transactionNumber;
    await store.insert({ sale, events: [event(number, "paid")], orders: [] });
    await store.update(number, (same) => ({
      sale: same,
      events: [event(number, "paid")],
      orders: [],
    }));
    expect(await store.claimEvents(999, 2_000, 10)).toEqual([]);
    expect(await store.claimEvents(1_000, 2_000, 10)).toEqual([event(number, "paid")]);
    expect(await store.claimEvents(1_999, 2_000, 10)).toEqual([]);
    expect(await store.claimEvents(2_000, 3_000, 10)).toEqual([
      { ...event(number, "paid"), attempts: 1 },
    ]);
    await store.postponeEvent(`${number}.paid`, 2_500);
    expect(await store.claimEvents(2_499, 3_000, 10)).toEqual([]);
    expect(await store.claimEvents(2_500, 3_000, 10)).toHaveLength(1);
    await store.finishEvent(`${number}.paid`);
    expect(await store.claimEvents(9_000, 9_999, 10)).toEqual([]);
  });

  test("keeps the newest key list of an issuer", async () => {
    const store = open();
    expect(await store.keyList("https://tps.example")).toBeUndefined();
    await store.saveKeyList("https://tps.example", 5, "five");
    await store.saveKeyList("https://tps.example", 4, "four");
    expect(await store.keyList("https://tps.example")).toBe("five");
    await store.saveKeyList("https://tps.example", 6, "six");
    expect(await store.keyList("https://tps.example")).toBe("six");
  });
});

describe("the node:sqlite store", () => {
  test("survives the process, is shared by two, and is its owner's alone", async () => {
    const path = sqlitePath();
    const one = sqliteStore(path);
    const two = sqliteStore(path);
    const sale = paid();
    await one.insert({ sale, events: [], orders: [] });
    expect(await two.find(sale.transactionNumber)).toEqual(sale);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    if (existsSync(`${path}-wal`)) expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    await one.close();
    await two.close();
    const again = sqliteStore(path);
    expect(await again.find(sale.transactionNumber)).toEqual(sale);
    await again.close();
  });

  test("brings a file of an older version to this one, its sales with it", async () => {
    const path = sqlitePath();
    const now = sqliteStore(path);
    const sale = paid(2);
    await now.insert({ sale, events: [], orders: [] });
    await now.close();
    // As the first version left it.
    const old = new DatabaseSync(path);
    const tables = old.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const known = new Set(["sales", "events", "key_lists"]);
    for (const { name } of tables) if (!known.has(`${name}`)) old.exec(`DROP TABLE ${name}`);
    const later = ["unclaimed", "by_time", "refund_asked", "by_reference"];
    for (const name of later) old.exec(`DROP INDEX sales_${name}`);
    old.exec("ALTER TABLE sales DROP COLUMN reference");
    old.exec("PRAGMA user_version = 1");
    old.close();

    const store = sqliteStore(path);
    expect(await store.find(sale.transactionNumber)).toEqual(sale);
    const refund = order(sale.transactionNumber);
    await store.update(sale.transactionNumber, (same) => ({
      sale: same,
      events: [],
      orders: [refund],
    }));
    expect(await store.orders(sale.transactionNumber)).toEqual([refund]);
    await store.close();
  });

  test("refuses a file of a newer version, and one that cannot be opened", () => {
    const path = sqlitePath();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    expect(() => sqliteStore(path)).toThrow(
      expect.objectContaining({
        code: "store-unusable",
        message: expect.stringContaining("newer"),
      }),
    );
    expect(() => sqliteStore("/nowhere/at/all.db")).toThrow(
      expect.objectContaining({ code: "store-unusable" }),
    );
  });

  test("refuses a record that is not one of its own", async () => {
    const path = sqlitePath();
    const store = sqliteStore(path);
    const sale = quoted();
    await store.insert({ sale, events: [], orders: [] });
    const database = new DatabaseSync(path);
    database.exec(`UPDATE sales SET record = json_set(record, '$.surprise', 1)`);
    database.close();
    await expect(store.find(sale.transactionNumber)).rejects.toThrow(
      expect.objectContaining({ code: "malformed-message" }),
    );
    await store.close();
  });
});
