import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { audit, type Figures } from "../../src/clearing/audit/audit.ts";
import { collectPayments } from "../../src/clearing/collect.ts";
import { checkLog } from "../../src/log/check.ts";
import { detachPayments } from "../../src/partitions/detach.ts";
import { addPartitions } from "../../src/partitions/partitions.ts";
import { systemPlatform } from "../../src/platform.ts";
import { accountStatement } from "../../src/statements/account-statement.ts";
import { cliOf } from "../support/cli.ts";
import { createMerchant, type Merchant } from "../support/merchant.ts";
import { askRecords, statementText } from "../support/records.ts";
import { auditFindings } from "../support/settlement.ts";
import { createWallet, type Wallet, type WalletRequest } from "../support/wallet.ts";
import { id, type World } from "../support/world.ts";
import {
  afterQuietMonths,
  createLateWorld,
  finishSales,
  merchantOfToday,
  moneyOf,
  moveTo,
  partitionsOf,
  start,
} from "./support.ts";

/** The first month that stays. */
const JUNE = "2100-06";

let world: World;
let shop: Merchant;
/** Pays twice in May, gets something back, and is denied once. */
let anna: Wallet;
/** Pays once in May, and never hears of it. */
let ben: Wallet;
let annas: WalletRequest;
let unheard: { readonly request: WalletRequest; readonly reply: Uint8Array };
let statementOfMay: string;
beforeAll(async () => {
  world = await createLateWorld();
  shop = await createMerchant(world);
  [anna, ben] = [await createWallet(world), await createWallet(world)];
  const { merchantId } = shop;
  const transactionNumber = id();
  annas = await anna.request({ merchantId, transactionNumber });
  await anna.receive(annas, await anna.send(annas));
  await shop.refund({ transactionNumber, refunded: 5_000n, of: 12_500n });
  await anna.pay({ merchantId, amount: 400n });
  expect(await anna.pay({ merchantId, amount: 9_000_000n })).toMatchObject({ outcome: "denied" });
  const request = await ben.request({ merchantId });
  unheard = { request, reply: await ben.send(request) };
  await moveTo(world, start(JUNE) + 86_400);
  statementOfMay = await statementText(anna, "2100-05");
});
afterAll(() => world.close());

const cli = cliOf(
  () => world,
  () => ({ platform: { ...systemPlatform, nowSeconds: () => world.now } }),
);
const names = async () => {
  const rows = await world.database.query<{ name: string }>("select name from payments_partitions");
  return rows.map(({ name }) => name);
};

describe("a month is not detached", () => {
  test("while it is younger than 13 whole months", async () => {
    await moveTo(world, start("2101-07") - 1);
    await expect(detachPayments(world.deps, JUNE)).rejects.toMatchObject({
      code: "payments-needed",
      message: expect.stringContaining("13 whole months"),
    });
  });

  test("while payments of it are not collected, not in the log, not settled: and it takes payments as before", {
    timeout: 120_000,
  }, async () => {
    await moveTo(world, start("2101-07"));
    const refused = () => detachPayments(world.deps, JUNE).catch((error: Error) => error.message);
    expect(await refused()).toMatch(
      /payments_2100_05 is still needed: .*not collected: 2; .*not settled: 1; .*log: 3/,
    );
    await moveTo(world, start(JUNE) + 86_400);
    await collectPayments(world.deps);
    await afterQuietMonths(world, start("2101-07"));
    expect(await refused()).toMatch(/not settled: 3; .*log: 3/);
    expect(await names()).toContain("payments_2100_05");
    const closed = "select 1 from pg_constraint where conname = 'books_closed'";
    // What comes before it has no payments, and is carried.
    expect(
      await world.database.query(`${closed} and conrelid = 'payments_2100_05'::regclass`),
    ).toEqual([]);
    expect(await auditFindings(world)).toEqual([]);
  });

  test("while the books are not as they should be", async () => {
    await finishSales(world);
    const change = (by: number) =>
      world.database.query("update accounts set balance = balance + $2 where account_id = $1", [
        ben.accountId,
        by,
      ]);
    await change(1);
    const run = await cli("payments", "detach", "--before", JUNE);
    expect(run).toMatchObject({ code: 1, said: expect.stringContaining("(books-differ)") });
    await change(-1);
    expect(await names()).toContain("payments_2100_05");
  });

  test("for a month that is none", async () => {
    const run = await cli("payments", "detach", "--before", "2100-6");
    expect(run).toMatchObject({ code: 1, said: expect.stringContaining("(setting-invalid)") });
  });
});

describe("a month that is done with", () => {
  let before: Figures;
  let moneyBefore: unknown;
  beforeAll(async () => {
    ({ figures: before } = await audit(world.deps, { all: true }));
    moneyBefore = [await moneyOf(anna), await moneyOf(ben)];
    const run = await cli("payments", "detach", "--before", JUNE);
    expect(run).toMatchObject({ code: 0, out: expect.stringContaining("payments_2100_05") });
  });

  test("is detached; its table stays, signed off", async () => {
    expect(await names()).not.toContain("payments_2100_05");
    expect(await partitionsOf(anna)).toEqual([]);
    const [archive] = await world.database.query<{ payments: bigint }>(
      "select count(*) as payments from payments_2100_05",
    );
    expect(archive?.payments).toBe(4n);
    await addPartitions(world.deps);
    const { out } = await cli("payments", "partitions", "--json");
    const listed: { name: string }[] = JSON.parse(out);
    expect(listed.find(({ name }) => name === "payments_2100_05")).toMatchObject({
      from: start("2100-05"),
      until: start(JUNE),
      payments: 4,
      state: "archived",
    });
    expect(listed.slice(-5)).toMatchObject([
      { state: "attached" },
      { name: "payments_2101_07", state: "current" },
      { state: "ahead" },
      { state: "ahead" },
      { state: "ahead" },
    ]);
    const log = await world.database.query(
      "select operator from operator_log where action = 'payments detach' and subject = 'payments_2100_05'",
    );
    expect(log).toHaveLength(1);
    expect((await cli("payments", "detach", "--before", JUNE)).out).toMatch(/No partition ends/);
  });

  test("leaves the books as they were", async () => {
    const { figures, checks, isSound } = await audit(world.deps, { all: true });
    expect(isSound).toBe(true);
    expect(figures).toEqual(before);
    const carried = checks.find(({ name }) => name === "payments: months that were carried");
    expect(carried?.looked).toBe(4);
    const log = await checkLog(world.deps, world.deps.keyRings.current());
    expect(log).toMatchObject({ size: 3, awaiting: 0, faults: [] });
  });

  test("is not paid again: the last request gets its stored reply, an earlier one nothing", async () => {
    // The key of May has drained long since, so that these are found by their bytes alone.
    expect(await ben.send(unheard.request)).toEqual(unheard.reply);
    await expect(anna.send(annas)).rejects.toMatchObject({ code: "sealing-key-unknown" });
    for (const count of [0, 1, 2]) {
      const again = await anna.request({ count, merchantId: shop.merchantId });
      expect(await anna.receive(again, await anna.send(again))).toMatchObject({
        outcome: "out-of-sequence",
      });
    }
    expect([await moneyOf(anna), await moneyOf(ben)]).toEqual(moneyBefore);
    expect(await ben.receive(unheard.request, unheard.reply)).toMatchObject({ outcome: "paid" });
  });

  test("is followed by others: payments, refunds and statements go on from it", async () => {
    const merchantId = await merchantOfToday(world);
    expect(await ben.pay({ merchantId })).toMatchObject({ outcome: "paid" });
    // From now on another request is the last one.
    await expect(ben.send(unheard.request)).rejects.toMatchObject({ code: "sealing-key-unknown" });
    expect(await anna.pay({ merchantId, amount: 100n })).toMatchObject({ outcome: "paid" });
    expect(await anna.pay({ merchantId, amount: 9_000_000n })).toMatchObject({ outcome: "denied" });
    await finishSales(world);
    expect(await auditFindings(world)).toEqual([]);
    const ring = world.deps.keyRings.current();
    const ofJuly = await accountStatement(world.deps, ring, anna.accountId, "2101-07");
    expect(ofJuly.kind).toBe("statement");
    const quiet = await accountStatement(world.deps, ring, anna.accountId, "2101-01");
    expect(quiet.kind).toBe("statement");
  });

  test("has the statements that were made of it, and no others", async () => {
    expect(await statementText(anna, "2100-05")).toBe(statementOfMay);
    expect(await askRecords(ben, { wish: "statement", month: "2100-05" })).toMatchObject({
      outcome: "no-statement",
    });
  });

  test("takes no payment any more: a server whose clock is a year behind pays nothing", async () => {
    const merchantId = await merchantOfToday(world);
    const request = await ben.request({ merchantId });
    const money = await moneyOf(ben);
    const today = world.now;
    world.now = start(JUNE) - 60;
    const sent = ben.send(request);
    await expect(sent).rejects.toMatchObject({ code: "23514" });
    world.now = today;
    expect(await moneyOf(ben)).toEqual(money);
    expect(await ben.receive(request, await ben.send(request))).toMatchObject({ outcome: "paid" });
  });

  test.each([
    ["spent = spent + 1", /accounts: fundings/],
    ["spent = spent - 1, proofs = proofs - 1", /months that were carried/],
    ["transactions = transactions + 1", /devices: transaction counts/],
    ["counts = counts + 1", /devices: transaction counts/],
  ])("a change of what was carried is found: %s", async (change, check) => {
    await world.database.query("create table kept as table carried_payments");
    await world.database.query(`update carried_payments set ${change} where account_id = $1`, [
      ben.accountId,
    ]);
    expect((await auditFindings(world)).join("\n")).toMatch(check);
    await world.database.query("truncate carried_payments");
    await world.database.query("insert into carried_payments table kept");
    await world.database.query("drop table kept");
  });

  test.each(["spent = spent + 1", "proofs = proofs - 1"])(
    "also of what was signed off: %s",
    async (change) => {
      await world.database.query("create table kept as table carried_partitions");
      await world.database.query(`update carried_partitions set ${change} where proofs > 0`);
      expect((await auditFindings(world)).join("\n")).toMatch(/months that were carried/);
      await world.database.query("truncate carried_partitions");
      await world.database.query("insert into carried_partitions table kept");
      await world.database.query("drop table kept");
    },
  );

  test("also of the balances between which its payments led", async () => {
    await world.database.query("update carried_ends set excess = excess + 1 where value = 987500");
    expect((await auditFindings(world)).join("\n")).toMatch(/balances after each movement/);
    await world.database.query("update carried_ends set excess = excess - 1 where value = 987500");
    expect(await auditFindings(world)).toEqual([]);
  });

  test("is archived, dropped, and known to have been", async () => {
    await world.database.query("drop table payments_2100_05");
    expect(await auditFindings(world)).toEqual([]);
    const { out } = await cli("payments", "partitions");
    expect(out).toMatch(/payments_2100_05 .* 4 +0\.0 +dropped/);
  });
});
