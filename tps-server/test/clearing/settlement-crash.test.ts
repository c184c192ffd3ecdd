/** A TPS that is killed while it settles, at any statement: the next settlement goes on with the same cycle. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { setMinimumPayout } from "../../src/clearing/payouts.ts";
import { settle } from "../../src/clearing/settle.ts";
import { dyingAt } from "../support/dying.ts";
import { gated } from "../support/gate.ts";
import { createMerchant, type Merchant } from "../support/merchant.ts";
import { auditFindings, createPaidMerchant, reportOf } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world, 100_000_000n);
  await setMinimumPayout(world.deps, 0n);
});
afterAll(() => world.close());

/** A shop with a payment that does not verify and one of which a part was given back, and a shop with one payment. */
async function sell(): Promise<[Merchant, Merchant]> {
  const shops: [Merchant, Merchant] = [
    await createPaidMerchant(world),
    await createMerchant(world),
  ];
  const [{ merchantId }, other] = shops;
  const [sound, spoilt] = [id(), id()];
  await wallet.pay({ merchantId, transactionNumber: sound });
  await wallet.pay({ merchantId, transactionNumber: spoilt });
  await wallet.pay({ merchantId: other.merchantId, amount: 7_500n });
  await world.database.query(
    "update payments set device_signature = sha512(device_signature) where transaction_number = $1",
    [spoilt],
  );
  await shops[0].refund({ transactionNumber: sound, refunded: 2_500n });
  world.now += 60;
  return shops;
}

async function expectSettledOnce(shops: [Merchant, Merchant], cycle: number): Promise<void> {
  const [first, second] = [await reportOf(shops[0], cycle), await reportOf(shops[1], cycle)];
  expect(first?.report).toMatchObject({
    payments: { count: 1, amount: 12_500n },
    refunds: { count: 1, amount: 2_500n },
    heldBack: { count: 1, amount: 12_500n },
    payout: { amount: 10_000n },
    closing: 0n,
  });
  expect(second?.report).toMatchObject({
    payments: { count: 1, amount: 7_500n },
    payout: null,
    closing: 7_500n,
  });
  expect([await shops[0].balance(), await shops[1].balance()]).toEqual([0n, 7_500n]);
}

async function alarms(): Promise<number> {
  return (await world.database.query("select 1 from alarms")).length;
}

// Before a statement is as good as after the one before it.
test("killed after each statement of a settlement in turn", { timeout: 300_000 }, async () => {
  for (let fatal = 1; ; fatal++) {
    const shops = await sell();
    const before = await alarms();
    const dying = dyingAt(world.database, fatal, "after");
    await settle(world.withDatabase(dying.database)).catch(() => undefined);
    const finished = await settle(world.deps);
    // Killed before or after its end, the first was the one that settled these shops.
    const cycle = (await reportOf(shops[0], finished.cycle)) ? finished.cycle : finished.cycle - 1;
    await expectSettledOnce(shops, cycle);
    expect(await alarms()).toBe(before + 1);
    if (!dying.died()) break;
    expect(fatal).toBeLessThan(100);
  }
  expect(await auditFindings(world)).toEqual([]);
});

test("a second settlement at once is refused, and changes nothing", async () => {
  const shops = await sell();
  const gate = gated(world.database);
  // Its lock is held by a transaction that ends when the gate opens.
  const first = settle(world.withDatabase(gate));
  await expect
    .poll(async () => {
      const [row] = await world.database.query<{ held: boolean }>(
        `select exists (select 1 from pg_locks l join pg_database d on d.oid = l.database
                        where d.datname = current_database() and l.locktype = 'advisory' and l.granted) as held`,
      );
      return row?.held;
    })
    .toBe(true);
  await expect(settle(world.deps)).rejects.toMatchObject({ code: "settlement-under-way" });
  gate.open();
  const { cycle } = await first;
  await expectSettledOnce(shops, cycle);
});
