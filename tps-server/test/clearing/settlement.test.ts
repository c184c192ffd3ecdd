/** Settlement: what merchants are credited, told and paid, cycle after cycle. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectPayments } from "../../src/clearing/collect.ts";
import { feeOf, setFeeRate } from "../../src/clearing/fees.ts";
import { setMinimumPayout } from "../../src/clearing/payouts.ts";
import { settle } from "../../src/clearing/settle.ts";
import { verifyCollected } from "../../src/clearing/verify-collected.ts";
import { createMerchant } from "../support/merchant.ts";
import { auditFindings, createPaidMerchant, reportOf, settleLater } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
beforeAll(async () => {
  world = await createWorld();
  wallet = await createWallet(world, 100_000_000n);
  await setMinimumPayout(world.deps, 0n);
});
afterAll(async () => {
  expect(await auditFindings(world)).toEqual([]);
  await world.close();
});

const pay = (merchantId: string, amount: bigint, transactionNumber = id()) =>
  wallet.pay({ merchantId, amount, transactionNumber });

describe("one cycle", () => {
  test("credits amounts less fees, pays out whole cents, and carries the rest", async () => {
    const shop = await createPaidMerchant(world);
    await setFeeRate(world.deps, shop.merchantId, { basisPoints: 150, fixed: 20n });
    await pay(shop.merchantId, 10_001n);
    await pay(shop.merchantId, 5n);
    const { cycle, until } = await settleLater(world);
    const told = await reportOf(shop, cycle);
    // 1.5 % of 10001 is 150.015, rounded down; with 20 more. A fee is never more than its payment.
    expect(told?.report).toMatchObject({
      merchantId: shop.merchantId,
      previous: 0,
      until,
      opening: 0n,
      payments: { count: 2, amount: 10_006n },
      fees: 175n,
      refunds: { count: 0, amount: 0n },
      heldBack: { count: 0, amount: 0n },
      payout: { amount: 9_800n },
      closing: 31n,
    });
    expect(told?.entries).toMatchObject([
      { entry: "payment", state: "settled" },
      { entry: "payment", state: "settled" },
    ]);
    expect(await shop.balance()).toBe(31n);
  });

  test("settles nothing that was paid at its end or later", async () => {
    const shop = await createMerchant(world);
    await pay(shop.merchantId, 700n);
    const until = world.now + 10;
    world.now = until;
    await pay(shop.merchantId, 900n);
    world.now += 60;
    const first = await settle(world.deps, { until });
    expect((await reportOf(shop, first.cycle))?.report.payments).toEqual({
      count: 1,
      amount: 700n,
    });
    const second = await settleLater(world);
    expect(second.from).toBe(until);
    expect((await reportOf(shop, second.cycle))?.report.payments).toEqual({
      count: 1,
      amount: 900n,
    });
  });

  test("tells nothing to whom nothing happened", async () => {
    const shop = await createMerchant(world);
    await pay(shop.merchantId, 700n);
    const { cycle } = await settleLater(world);
    expect(await reportOf(shop, cycle)).toBeDefined();
    expect(await reportOf(shop, (await settleLater(world)).cycle)).toBeUndefined();
    expect(await reportOf(await createMerchant(world), cycle)).toBeUndefined();
  });

  test("ends neither in the future nor before the one before", async () => {
    for (const until of [world.now + 1, world.now - 1_000]) {
      await expect(settle(world.deps, { until })).rejects.toMatchObject({
        code: "setting-invalid",
      });
    }
  });

  test("keeps a merchant's report bounded: what is more waits for the next cycle", async () => {
    const shop = await createMerchant(world);
    for (const amount of [1n, 2n, 3n]) await pay(shop.merchantId, amount);
    const { cycle } = await settleLater(world);
    const issuer = world.deps.keyRings.current().issuer;
    for (const amount of [4n, 5n, 6n]) await pay(shop.merchantId, amount);
    world.now += 60;
    // The next cycle, with room for two payments of each merchant.
    const next = { cycle: cycle + 1, until: world.now };
    await world.database.query(
      "insert into settlements (cycle, from_at, until_at, started_at) values ($1, $2, $2, $2)",
      [next.cycle, next.until],
    );
    await collectPayments(world.deps);
    await verifyCollected(world.deps, issuer, next, () => undefined, 2);
    await world.database.query("update settlements set state = 'crediting' where cycle = $1", [
      next.cycle,
    ]);
    expect(await settle(world.deps)).toMatchObject({ cycle: next.cycle, resumed: true });
    expect((await reportOf(shop, next.cycle))?.report.payments.count).toBe(2);
    const rest = await settleLater(world);
    expect((await reportOf(shop, rest.cycle))?.report.payments.count).toBe(1);
  });
});

describe("cycle after cycle", () => {
  test("each report goes on from the one before, over cycles without one", async () => {
    const shop = await createMerchant(world);
    await pay(shop.merchantId, 700n);
    const first = await settleLater(world);
    await settleLater(world);
    await pay(shop.merchantId, 300n);
    const third = await settleLater(world);
    expect((await reportOf(shop, third.cycle))?.report).toMatchObject({
      previous: first.cycle,
      opening: 700n,
      closing: 1_000n,
    });
  });

  test("a refund of a later cycle is taken off there, without the fee of the payment", async () => {
    const shop = await createMerchant(world);
    await setFeeRate(world.deps, shop.merchantId, { basisPoints: 1_000, fixed: 0n });
    const transactionNumber = id();
    await pay(shop.merchantId, 12_500n, transactionNumber);
    await settleLater(world);
    await shop.refund({ transactionNumber, refunded: 2_500n });
    const { cycle } = await settleLater(world);
    const told = await reportOf(shop, cycle);
    expect(told?.report).toMatchObject({
      opening: 11_250n,
      payments: { count: 0, amount: 0n },
      refunds: { count: 1, amount: 2_500n },
      fees: 0n,
      closing: 8_750n,
    });
    expect(told?.entries).toMatchObject([
      { entry: "refund", transactionNumber, amount: 2_500n, by: "merchant" },
    ]);
  });

  test("a merchant in debit is told so, is paid nothing, and pays it off with the next payments", async () => {
    const shop = await createPaidMerchant(world);
    const transactionNumber = id();
    await pay(shop.merchantId, 12_500n, transactionNumber);
    const first = await settleLater(world);
    expect((await reportOf(shop, first.cycle))?.report.payout).toMatchObject({ amount: 12_500n });
    await shop.refund({ transactionNumber });
    const second = await settleLater(world);
    expect((await reportOf(shop, second.cycle))?.report).toMatchObject({
      opening: 0n,
      payout: null,
      closing: -12_500n,
    });
    await pay(shop.merchantId, 20_000n);
    const third = await settleLater(world);
    expect((await reportOf(shop, third.cycle))?.report).toMatchObject({
      opening: -12_500n,
      payout: { amount: 7_500n },
      closing: 0n,
    });
  });

  test("a refund of a payment that is not settled yet comes out the same", async () => {
    const shop = await createMerchant(world);
    const transactionNumber = id();
    await pay(shop.merchantId, 12_500n, transactionNumber);
    await shop.refund({ transactionNumber });
    expect(await shop.balance()).toBe(-12_500n);
    const { cycle } = await settleLater(world);
    expect((await reportOf(shop, cycle))?.report).toMatchObject({
      opening: 0n,
      payments: { count: 1, amount: 12_500n },
      refunds: { count: 1, amount: 12_500n },
      closing: 0n,
    });
  });

  test("what is below the smallest payout is carried until it is enough", async () => {
    const shop = await createPaidMerchant(world);
    await setMinimumPayout(world.deps, 10_000n);
    await pay(shop.merchantId, 6_000n);
    const first = await settleLater(world);
    await pay(shop.merchantId, 6_000n);
    const second = await settleLater(world);
    await setMinimumPayout(world.deps, 0n);
    expect((await reportOf(shop, first.cycle))?.report).toMatchObject({
      payout: null,
      closing: 6_000n,
    });
    expect((await reportOf(shop, second.cycle))?.report.payout).toMatchObject({ amount: 12_000n });
  });
});

describe("fees", () => {
  test("are the merchant's own rate, else the one for all; never more than the amount", async () => {
    expect(feeOf(1n, { basisPoints: 10_000, fixed: 5n })).toBe(1n);
    expect(feeOf(199n, { basisPoints: 100, fixed: 0n })).toBe(1n);
    const [shop, other] = [await createMerchant(world), await createMerchant(world)];
    await setFeeRate(world.deps, null, { basisPoints: 100, fixed: 0n });
    await setFeeRate(world.deps, shop.merchantId, { basisPoints: 0, fixed: 7n });
    for (const { merchantId } of [shop, other]) await pay(merchantId, 10_000n);
    const { cycle } = await settleLater(world);
    expect((await reportOf(shop, cycle))?.report.fees).toBe(7n);
    expect((await reportOf(other, cycle))?.report.fees).toBe(100n);
    await setFeeRate(world.deps, shop.merchantId, null);
    await pay(shop.merchantId, 10_000n);
    expect((await reportOf(shop, (await settleLater(world)).cycle))?.report.fees).toBe(100n);
    await setFeeRate(world.deps, null, null);
  });

  test("of the largest amounts are exact", async () => {
    const rich = await createWallet(world, 9_000_000_000_000_000_000n);
    const shop = await createMerchant(world);
    await setFeeRate(world.deps, shop.merchantId, { basisPoints: 9_999, fixed: 1n });
    const amount = 8_999_999_999_999_999_999n;
    await rich.pay({ merchantId: shop.merchantId, amount });
    const { cycle } = await settleLater(world);
    const fee = feeOf(amount, { basisPoints: 9_999, fixed: 1n });
    expect((await reportOf(shop, cycle))?.report).toMatchObject({
      fees: fee,
      closing: amount - fee,
    });
  });
});
