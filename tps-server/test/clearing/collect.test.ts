import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectPayments } from "../../src/clearing/collect.ts";
import { LIMITS } from "../../src/limits.ts";
import { gated } from "../support/gate.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
beforeEach(async () => {
  world = await createWorld();
  wallet = await createWallet(world);
});
afterEach(() => world.close());

/** What was collected, in the order of amounts. */
async function collected() {
  return world.database.query(
    `select c.amount, c.merchant_id = p.merchant_id and c.transaction_number = p.transaction_number
              and c.account_id = p.account_id and c.device_id = p.device_id and c.amount = p.amount
              and c.quote_hash = p.quote_hash and c.paid_at = p.paid_at as faithful, c.state
     from merchant_payments c join payments p on p.payment_id = c.payment_id order by c.amount`,
  );
}

describe("payments are collected", () => {
  test("each once, as they were made, however often collectors run", async () => {
    expect(await collectPayments(world.deps)).toBe(0);
    await wallet.pay({ amount: 1n });
    await wallet.pay({ amount: 2n });
    const both = await Promise.all([collectPayments(world.deps), collectPayments(world.deps)]);
    expect(both[0] + both[1]).toBe(2);
    world.now += 30;
    await wallet.pay({ amount: 3n });
    expect(await collectPayments(world.deps)).toBe(1);
    expect(await collectPayments(world.deps)).toBe(0);
    expect(await collected()).toEqual(
      [1n, 2n, 3n].map((amount) => ({ amount, faithful: true, state: "collected" })),
    );
  });

  test("and what was not paid is not: denials, another currency, another scale", async () => {
    expect(await wallet.pay({ amount: 2_000_000n })).toMatchObject({ outcome: "denied" });
    expect(await wallet.pay({ currency: "USD" })).toMatchObject({ outcome: "denied" });
    expect(await wallet.pay({ scale: 2 })).toMatchObject({ outcome: "denied" });
    await wallet.pay({ amount: 7n });
    // A proof of an issuer that kept another currency before.
    await wallet.pay({ amount: 8n });
    await world.database.query("update payments set currency = 'DEM' where amount = 8");
    expect(await collectPayments(world.deps)).toBe(1);
    expect(await collected()).toMatchObject([{ amount: 7n }]);
  });

  test("also after a week without any, in few portions", async () => {
    await wallet.pay({ amount: 1n });
    await collectPayments(world.deps);
    world.now += 7 * 86_400;
    const statements = countCopies();
    await wallet.pay({ amount: 2n });
    expect(await collectPayments(statements.deps)).toBe(1);
    expect(statements.copies()).toBeLessThan(7 * 24 + 20);
    expect(await collected()).toHaveLength(2);
  });

  test("also those that a server with a clock ahead dated, and one far behind when asked again", async () => {
    await wallet.pay({ amount: 1n });
    world.now += 1_000;
    await collectPayments(world.deps);
    world.now += LIMITS.collectionOverlapSeconds - 1;
    await wallet.pay({ amount: 2n });
    world.now -= LIMITS.collectionOverlapSeconds - 1;
    expect(await collectPayments(world.deps)).toBe(1);
    world.now -= 700;
    await wallet.pay({ amount: 3n });
    world.now += 700;
    expect(await collectPayments(world.deps)).toBe(0);
    expect(await collectPayments(world.deps, { since: world.now - 900 })).toBe(1);
  });

  test("a stopped collection goes on where it was", async () => {
    await wallet.pay({ amount: 1n });
    world.now += 10_000;
    await wallet.pay({ amount: 2n });
    const stopped = AbortSignal.abort();
    expect(await collectPayments(world.deps, { signal: stopped })).toBe(0);
    expect(await collectPayments(world.deps)).toBe(2);
  });
});

describe("a payment that is committed late is collected", () => {
  /** A payment that is judged at `world.now` and commits when `open` is called. */
  async function late(amount: bigint) {
    const gate = gated(world.database);
    const request = await wallet.request({ amount });
    const paid = wallet.send(request, world.withDatabase(gate));
    await expect.poll(() => gate.batches.length).toBe(1);
    await expect
      .poll(() =>
        world.database.query(
          "select 1 from pg_stat_activity where backend_xid is not null and state = 'idle in transaction' and datname = current_database()",
        ),
      )
      .toHaveLength(1);
    return {
      open: async () => {
        gate.open();
        await wallet.receive(request, await paid);
      },
    };
  }

  test("within the overlap", async () => {
    const other = await createWallet(world);
    const { open } = await late(1n);
    world.now += LIMITS.collectionOverlapSeconds - 1;
    await other.pay({ amount: 2n });
    expect(await collectPayments(world.deps)).toBe(1);
    await open();
    expect(await collectPayments(world.deps)).toBe(1);
  });

  test("after any time that its transaction was open", async () => {
    const other = await createWallet(world);
    const { open } = await late(1n);
    // The database's clock goes on while ours jumps: its transaction is as old as the database says.
    await world.database.query("select pg_sleep(2.1)");
    world.now += LIMITS.collectionOverlapSeconds + 2;
    await other.pay({ amount: 2n });
    expect(await collectPayments(world.deps)).toBe(1);
    await open();
    expect(await collectPayments(world.deps)).toBe(1);
  });
});

/** The world's deps with the collector's portions counted. */
function countCopies() {
  let copies = 0;
  const { database } = world;
  const deps = world.withDatabase({
    ...database,
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          query(statement, values) {
            if (
              typeof statement === "string" &&
              statement.includes("insert into merchant_payments")
            ) {
              copies += 1;
            }
            return tx.query(statement, values);
          },
        }),
      ),
  });
  return { deps, copies: () => copies };
}
