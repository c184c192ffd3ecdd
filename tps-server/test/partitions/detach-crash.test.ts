import { afterEach, beforeEach, expect, test } from "vitest";
import { audit } from "../../src/clearing/audit/audit.ts";
import { detachPayments } from "../../src/partitions/detach.ts";
import { addPartitions, listPartitions } from "../../src/partitions/partitions.ts";
import { showPartitions } from "../../src/partitions/show.ts";
import { dyingAt } from "../support/dying.ts";
import { auditFindings } from "../support/settlement.ts";
import { createWallet, type Wallet, type WalletRequest } from "../support/wallet.ts";
import type { World } from "../support/world.ts";
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

let world: World;
/** Paid in May, did not hear of it, and did nothing since. */
let quiet: Wallet;
let unheard: { readonly request: WalletRequest; readonly reply: Uint8Array };
/** Paid in May, and pays all the time. */
let busy: Wallet;
let merchantId: string;
beforeEach(async () => {
  world = await createLateWorld();
  [quiet, busy] = [await createWallet(world), await createWallet(world)];
  await busy.pay();
  const request = await quiet.request();
  unheard = { request, reply: await quiet.send(request) };
  await finishSales(world);
  await afterQuietMonths(world, start("2101-07"));
  merchantId = await merchantOfToday(world);
});
afterEach(() => world.close());

/** What must hold at any time: the books, payments, and that nothing is paid twice. */
async function expectOrder(): Promise<void> {
  expect(await auditFindings(world)).toEqual([]);
  const money = await moneyOf(quiet);
  expect(await quiet.send(unheard.request)).toEqual(unheard.reply);
  expect(await moneyOf(quiet)).toEqual(money);
  expect(await busy.pay({ merchantId, amount: 10n })).toMatchObject({ outcome: "paid" });
}

test.each(["before", "after"] as const)(
  "a detach that is killed %s any of its statements goes on where it was",
  async (when) => {
    await detachPayments(world.deps, "2099-01");
    let killed = 0;
    for (let fatal = 1; ; fatal++) {
      const { database, died } = dyingAt(world.database, fatal, when);
      const outcome = await detachPayments(world.withDatabase(database), "2100-06").then(
        () => "done",
        () => "killed",
      );
      if (died()) {
        killed += 1;
        expect(await partitionsOf(quiet)).toHaveLength(
          (await listPartitions(world.database)).some(({ name }) => name === "payments_2100_05")
            ? 1
            : 0,
        );
        if (killed % 4 === 0) await expectOrder();
      }
      if (outcome === "done" && !died()) break;
    }
    expect(killed).toBeGreaterThan(20);
    expect(await partitionsOf(quiet)).toEqual([]);
    await expectOrder();
    const shown = await showPartitions(world.deps);
    expect(shown.find(({ name }) => name === "payments_2100_05")).toMatchObject({
      state: "archived",
      payments: 2,
    });
  },
  120_000,
);

test("a detach that waits for a reader hinders no payment; killed by the database meanwhile, it is finished later", async () => {
  await detachPayments(world.deps, "2099-01");
  const reader = Promise.withResolvers<void>();
  const reading = world.database.transaction(async (tx) => {
    // Of the partitions it reads none: what comes before detaching would wait for it too.
    await tx.query("lock table only payments in access share mode");
    await reader.promise;
  });
  const detaching = detachPayments(world.deps, "2100-06").catch((error: unknown) => error);
  const waiting = async () => {
    const rows = await world.database.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and query ilike '%detach partition%concurrently'
         and wait_event_type = 'Lock'`,
    );
    return rows.map(({ pid }) => pid);
  };
  await expect.poll(waiting, { timeout: 30_000 }).toHaveLength(1);
  expect(await busy.pay({ merchantId })).toMatchObject({ outcome: "paid" });
  expect((await audit(world.deps)).isSound).toBe(true);
  for (const pid of await waiting()) {
    await world.database.query("select pg_terminate_backend($1)", [pid]);
  }
  expect(await detaching).toBeInstanceOf(Error);
  const states = async () =>
    (await showPartitions(world.deps)).filter(({ state }) => state === "detaching");
  expect(await states()).toHaveLength(1);
  await expectOrder();
  // The month ahead is made, though a detach is broken off.
  await moveTo(world, start("2101-08"));
  expect(await addPartitions(world.deps)).toBeGreaterThan(0);
  reader.resolve();
  await reading;
  await detachPayments(world.deps, "2100-06");
  expect(await states()).toEqual([]);
  await expectOrder();
}, 120_000);

test("two at once do not step on each other", async () => {
  const outcomes = await Promise.all(
    [1, 2].map(() =>
      detachPayments(world.deps, "2100-06").then(
        () => "done",
        (error: { code?: string }) => error.code,
      ),
    ),
  );
  expect(outcomes.sort()).toEqual(["detach-under-way", "done"]);
  await expectOrder();
});
