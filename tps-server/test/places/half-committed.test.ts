/**
 * Two databases do not commit at once: a refund may stand at the account while the merchant's books do not have it yet.
 * Here the books are put back as such a crash leaves them, and what was under way is done again.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { collectPayments } from "../../src/clearing/collect.ts";
import { executeOrder } from "../../src/clearing/execute-order.ts";
import { balanceOf } from "../support/merchant.ts";
import { auditFindings, createPaidMerchant, settleLater } from "../support/settlement.ts";
import { createWallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** The merchant's tables as they are now, to be put back; the accounts' rows stay. */
async function keepBooks(): Promise<() => Promise<void>> {
  const tables = ["refund_orders", "merchant_payments", "merchant_accounts"];
  for (const table of tables) {
    await world.database.query(`drop table if exists kept_${table}`);
    await world.database.query(`create table kept_${table} as select * from ${table}`);
  }
  return async () => {
    await world.database.query(
      `update refund_orders o set given = k.given, payments = k.payments, outcome = k.outcome, reason = k.reason,
         executed_at = k.executed_at from kept_refund_orders k where k.order_id = o.order_id`,
    );
    await world.database.query(
      "update merchant_payments p set refunded = k.refunded from kept_merchant_payments k where k.payment_id = p.payment_id",
    );
    await world.database.query(
      "update merchant_accounts a set balance = k.balance from kept_merchant_accounts k where k.merchant_id = a.merchant_id",
    );
  };
}

test("a refund that stands at the account is given once, though its books were lost; also before another order", async () => {
  const shop = await createPaidMerchant(world);
  const { merchantId } = shop;
  const wallet = await createWallet(world);
  const transactionNumber = id();
  await wallet.pay({ merchantId, transactionNumber });
  await collectPayments(world.deps);
  await shop.refund({ transactionNumber, refunded: 5_000n });
  const [order] = await world.database.query<{ order_id: string }>(
    "select order_id from refund_orders where merchant_id = $1",
    [merchantId],
  );
  const name = { merchantId, orderId: order?.order_id ?? "" };
  expect(await balanceOf(world, wallet.accountId)).toBe(992_500n);

  // As before the order, but for what stands at the account.
  await world.database.query(
    "update refund_orders set given = 0, payments = 0, outcome = null, reason = null, executed_at = null",
  );
  await world.database.query("update merchant_payments set refunded = 0");
  await world.database.query("update merchant_accounts set balance = 0");
  const putBack = await keepBooks();
  await executeOrder(world.deps, name);
  expect(await balanceOf(world, wallet.accountId)).toBe(992_500n);
  expect(await auditFindings(world)).toEqual([]);

  await putBack();
  await shop.refund({ transactionNumber });
  expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n);
  expect(await shop.balance()).toBe(-12_500n);
  await executeOrder(world.deps, name);
  expect(await auditFindings(world)).toEqual([]);
});

test("refunds that a settlement took before it was broken off are in its report", async () => {
  const shop = await createPaidMerchant(world);
  const wallet = await createWallet(world);
  const { merchantId } = shop;
  const transactionNumber = id();
  await wallet.pay({ merchantId, transactionNumber });
  await collectPayments(world.deps);
  await shop.refund({ transactionNumber });
  const [last] = await world.database.query<{ cycle: bigint }>(
    "select coalesce(max(cycle), 0) + 1 as cycle from settlements",
  );
  await world.database.query("update refunds set cycle = $1 where merchant_id = $2", [
    last?.cycle,
    merchantId,
  ]);
  await settleLater(world);
  const [report] = await world.database.query(
    "select refunds_count from settlement_reports where merchant_id = $1",
    [merchantId],
  );
  expect(report).toEqual({ refunds_count: 1n });
  expect(await auditFindings(world)).toEqual([]);
});
