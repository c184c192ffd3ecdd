/** A TPS that is killed while it processes batches, at any statement: it goes on, and gives nothing twice. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processBatches } from "../../src/clearing/batches.ts";
import { receiveBatch } from "../../src/clearing/receive-batch.ts";
import type { Database, Queryable } from "../../src/store/database.ts";
import { gated } from "../support/gate.ts";
import { waitingForLocks } from "../support/locks.ts";
import { balanceOf, createMerchant, type Merchant } from "../support/merchant.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

const FULL = 1_000_000n;
const AMOUNT = 12_500n;

let world: World;
let shop: Merchant;
let anna: Wallet;
let ben: Wallet;
/** A batch that was taken: all of a number that both have paid, a part of one that Anna has. */
let document: string;
/** Before the refunds. */
let balances: readonly [bigint, bigint];
beforeAll(async () => {
  world = await createWorld();
  anna = await createWallet(world, FULL);
  ben = await createWallet(world, FULL);
});
afterAll(() => world.close());

/** A shop, its customers, who pay, and the batch. */
async function sell(): Promise<void> {
  shop = await createMerchant(world);
  const { merchantId } = shop;
  const [first, second] = [id(), id()];
  for (const wallet of [anna, ben]) {
    await wallet.pay({ merchantId, transactionNumber: first, amount: AMOUNT });
  }
  await anna.pay({ merchantId, transactionNumber: second, amount: AMOUNT });
  balances = await currentBalances();
  document = await shop.batch([
    await shop.order({ transactionNumber: first }),
    await shop.order({ transactionNumber: second, refunded: 500n }),
  ]);
  await receiveBatch(world.deps, document);
}

async function currentBalances(): Promise<[bigint, bigint]> {
  return [await balanceOf(world, anna.accountId), await balanceOf(world, ben.accountId)];
}

/** Ends the connection under its n-th statement, before or after it is run; of all connections together. */
function dyingAt(database: Database, fatal: number, when: "before" | "after") {
  let statement = 0;
  let died = false;
  const through = (connection: Queryable): Queryable => ({
    async query<Row extends object>(...asked: Parameters<Queryable["query"]>): Promise<Row[]> {
      const mine = ++statement === fatal;
      if (mine) died = true;
      const kill = () => connection.query("select pg_terminate_backend(pg_backend_pid())");
      if (mine && when === "before") await kill();
      const rows = await connection.query<Row>(...asked);
      if (mine) await kill();
      return rows;
    },
  });
  const dying: Database = {
    ...database,
    ...through(database),
    transaction: (work) => database.transaction((tx) => work(through(tx))),
  };
  return { deps: world.withDatabase(dying), died: () => died };
}

async function expectAllDone(): Promise<void> {
  const { orders } = shop.read(await receiveBatch(world.deps, document));
  expect(orders).toMatchObject([
    { outcome: "executed", payments: 2, given: 2n * AMOUNT },
    { outcome: "executed", payments: 1, given: 500n },
  ]);
  const [annas, bens] = balances;
  expect(await currentBalances()).toEqual([annas + AMOUNT + 500n, bens + AMOUNT]);
  expect(await shop.balance()).toBe(-2n * AMOUNT - 500n);
}

describe("killed while it processes a batch", () => {
  test.each(["before", "after"] as const)(
    "at any statement, %s it is run: it goes on, and nothing is given twice",
    async (when) => {
      let kills = 0;
      // Each turn a batch of its own, killed one statement later than the one before, until one comes to its end.
      for (let survived = false; !survived; kills++) {
        await sell();
        const { deps, died } = dyingAt(world.database, kills + 1, when);
        const outcome = await processBatches(deps).then(
          () => "done",
          () => "killed",
        );
        survived = !died();
        if (survived) expect(outcome).toBe("done");
        await processBatches(world.deps);
        await expectAllDone();
      }
      // Two orders of seven statements each at least, and those around them.
      expect(kills).toBeGreaterThan(2 * 7 + 5);
    },
    120_000,
  );
});

describe("payments and refunds at once", () => {
  test("a customer pays while an order waits for another customer's account", async () => {
    await sell();
    // Ben's own payment has his account. The order refunds Anna, then waits for him.
    const holder = gated(world.database);
    const request = await ben.request({ amount: 1n });
    const held = ben.send(request, world.withDatabase(holder));
    await expect.poll(() => holder.batches.length).toBe(1);
    const processing = processBatches(world.deps);
    await waitingForLocks(world, 1);
    expect(await balanceOf(world, anna.accountId)).toBe(balances[0] + AMOUNT);
    expect(await anna.pay({ amount: 2n })).toMatchObject({ outcome: "paid" });
    holder.open();
    await ben.receive(request, await held);
    await processing;
    const [annas, bens] = balances;
    expect(await currentBalances()).toEqual([annas + AMOUNT + 500n - 2n, bens + AMOUNT - 1n]);
  });

  test("many of the same accounts: no deadlock, and money is conserved", async () => {
    await sell();
    const { merchantId } = shop;
    const wallets = [
      anna,
      ben,
      ...(await Promise.all([1, 2, 3, 4].map(() => createWallet(world)))),
    ];
    const rounds = [1, 2, 3];
    const transactionNumbers = rounds.map(() => id());
    for (const transactionNumber of transactionNumbers) {
      for (const wallet of wallets) {
        await wallet.pay({ merchantId, transactionNumber, amount: AMOUNT });
      }
    }
    const orders = await Promise.all(
      transactionNumbers.map((transactionNumber) => shop.order({ transactionNumber })),
    );
    await receiveBatch(world.deps, await shop.batch(orders));
    const spend = async (wallet: Wallet) => {
      for (const _round of rounds) {
        expect(await wallet.pay({ amount: 10n })).toMatchObject({ outcome: "paid" });
      }
    };
    await Promise.all([
      ...wallets.map(spend),
      processBatches(world.deps),
      processBatches(world.deps),
      processBatches(world.deps),
    ]);
    for (const wallet of wallets.slice(2)) {
      expect(await balanceOf(world, wallet.accountId)).toBe(FULL - 30n);
    }
    const total = BigInt(wallets.length * rounds.length) * AMOUNT;
    expect(await shop.balance()).toBe(-total - 2n * AMOUNT - 500n);
  }, 60_000);
});
