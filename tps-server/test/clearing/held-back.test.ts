/** Payments whose records do not verify: not credited, reported, and decided about by the operator. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { collectPayments } from "../../src/clearing/collect.ts";
import {
  listHeldPayments,
  refundHeldPayment,
  releaseHeldPayment,
} from "../../src/clearing/held-back.ts";
import { settle } from "../../src/clearing/settle.ts";
import type { Database, Queryable } from "../../src/store/database.ts";
import { listAlarms } from "../../src/telephone/alarms.ts";
import { balanceOf, createMerchant, type Merchant } from "../support/merchant.ts";
import { auditFindings, reportOf, settleLater } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
let wallet: Wallet;
let shop: Merchant;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  wallet = await createWallet(world);
  shop = await createMerchant(world);
});
afterAll(() => world.close());

/** A payment whose record somebody changed, and one that is as it should be. */
async function tampered(change: string, transactionNumber = id()): Promise<string> {
  const { merchantId } = shop;
  await wallet.pay({ merchantId });
  await wallet.pay({ merchantId, transactionNumber });
  const [row] = await world.database.query<{ payment_id: string }>(
    `update payments set ${change} where transaction_number = $1 returning payment_id`,
    [transactionNumber],
  );
  return row?.payment_id ?? "";
}

const SPOILT =
  "device_signature = set_byte(device_signature, 9, get_byte(device_signature, 9) # 1)";

/** A server that is killed where it would write a report. */
function dyingAtReport(database: Database): Database {
  const through = (tx: Queryable): Queryable => ({
    query(statement, values) {
      if (String(statement).startsWith("insert into settlement_reports")) throw new Error("Killed");
      return tx.query(statement, values);
    },
  });
  return {
    ...database,
    transaction: (work) => database.transaction((tx) => work(through(tx))),
  };
}

const openAlarms = async () =>
  (await listAlarms(world.deps, "open")).filter(({ kind }) => kind === "payments-held-back").length;

describe("a payment is held back", () => {
  test.each([
    [SPOILT, "signature-invalid"],
    ["component = set_byte(component, 0, get_byte(component, 0) # 1)", "signature-invalid"],
    ["pin_generation = pin_generation + 1", "signature-invalid"],
    ["amount = amount + 1", "order-differs"],
    ["quote_hash = sha256(quote_hash)", "order-differs"],
    ["transaction_number = 'AAAAAAAAAAAAAAAAAAAAAA'", "order-differs"],
    ["plain = 'nothing'", "order-differs"],
  ])("after: %s", async (change, reason) => {
    const alarms = await openAlarms();
    const paymentId = await tampered(change);
    const { cycle } = await settleLater(world);
    const told = await reportOf(shop, cycle);
    expect(told?.report).toMatchObject({
      payments: { count: 1 },
      heldBack: { count: 1 },
      closing: 12_500n,
    });
    expect(told?.entries.find((entry) => entry.paymentId === paymentId)).toMatchObject({
      state: "held-back",
      fee: 0n,
    });
    expect(await shop.balance()).toBe(12_500n);
    const held = await listHeldPayments(world.deps, "open");
    expect(held.find((payment) => payment.paymentId === paymentId)).toMatchObject({
      reason,
      cycle,
      merchantId: shop.merchantId,
      accountId: wallet.accountId,
    });
    expect(await openAlarms()).toBe(alarms + 1);
    // Once: not by the next cycle again.
    await settleLater(world);
    expect(await openAlarms()).toBe(alarms + 1);
  });

  test("when what was collected is changed afterwards, or its payment is gone", async () => {
    const [first, second] = [id(), id()];
    for (const transactionNumber of [first, second]) {
      await wallet.pay({ merchantId: shop.merchantId, transactionNumber });
    }
    await collectPayments(world.deps);
    await world.database.query(
      "update merchant_payments set amount = amount * 2 where transaction_number = $1",
      [first],
    );
    await world.database.query(
      "update payments set verdict = 'denial', denial_reason = 'insufficient-funds' where transaction_number = $1",
      [second],
    );
    await settleLater(world);
    const held = await listHeldPayments(world.deps, "open");
    const reasonOf = (number: string) =>
      held.find(({ transactionNumber }) => transactionNumber === number)?.reason;
    expect([reasonOf(first), reasonOf(second)]).toEqual(["copy-differs", "payment-missing"]);
    for (const number of [first, second]) {
      const paymentId = held.find((each) => each.transactionNumber === number)?.paymentId ?? "";
      for (const decide of [releaseHeldPayment, refundHeldPayment]) {
        await expect(decide(world.deps, paymentId)).rejects.toMatchObject({
          code: "record-damaged",
        });
      }
    }
  });
});

describe("the operator", () => {
  test("releases it: the next settlement credits it", async () => {
    const paymentId = await tampered(SPOILT);
    await settleLater(world);
    await releaseHeldPayment(world.deps, paymentId);
    const { cycle } = await settleLater(world);
    const told = await reportOf(shop, cycle);
    expect(told?.entries).toMatchObject([{ paymentId, state: "settled", amount: 12_500n }]);
    expect(await shop.balance()).toBe(25_000n);
  });

  test("gives it back: the account has its money, and the merchant's ends where it was", async () => {
    const paymentId = await tampered(SPOILT);
    await settleLater(world);
    const before = await balanceOf(world, wallet.accountId);
    expect(await refundHeldPayment(world.deps, paymentId)).toBe(12_500n);
    expect(await balanceOf(world, wallet.accountId)).toBe(before + 12_500n);
    const { cycle } = await settleLater(world);
    const told = await reportOf(shop, cycle);
    expect(told?.report).toMatchObject({ opening: 12_500n, fees: 0n, closing: 12_500n });
    expect(told?.entries).toMatchObject([
      { entry: "payment", paymentId, state: "settled", fee: 0n },
      { entry: "refund", paymentId, amount: 12_500n, by: "operator" },
    ]);
  });

  test("gives back what the merchant has not refunded yet", async () => {
    const transactionNumber = id();
    const paymentId = await tampered(SPOILT, transactionNumber);
    await settleLater(world);
    await shop.refund({ transactionNumber, refunded: 2_500n });
    expect(await refundHeldPayment(world.deps, paymentId)).toBe(10_000n);
    await settleLater(world);
    expect(await shop.balance()).toBe(12_500n);
    expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n - 12_500n);
    // A later order for all of it finds nothing to give.
    expect(await shop.refund({ transactionNumber })).toMatchObject([{ given: 0n }]);
  });

  test("decides once the settlement that held it back is done", async () => {
    const paymentId = await tampered(SPOILT);
    const broken = dyingAtReport(world.database);
    world.now += 60;
    await expect(settle(world.withDatabase(broken))).rejects.toThrow("Killed");
    for (const decide of [releaseHeldPayment, refundHeldPayment]) {
      await expect(decide(world.deps, paymentId)).rejects.toMatchObject({
        code: "settlement-under-way",
      });
    }
    const { cycle } = await settle(world.deps);
    expect((await reportOf(shop, cycle))?.report.heldBack).toEqual({ count: 1, amount: 12_500n });
    await releaseHeldPayment(world.deps, paymentId);
  });

  test("decides once", async () => {
    const paymentId = await tampered(SPOILT);
    await settleLater(world);
    await refundHeldPayment(world.deps, paymentId);
    for (const decide of [releaseHeldPayment, refundHeldPayment]) {
      await expect(decide(world.deps, paymentId)).rejects.toMatchObject({ code: "already-done" });
      await expect(decide(world.deps, id())).rejects.toMatchObject({
        code: "held-payment-unknown",
      });
    }
  });
});

test("the books balance whatever was decided", async () => {
  const elsewhere = world;
  world = await createWorld();
  try {
    wallet = await createWallet(world);
    shop = await createMerchant(world);
    const payments = [await tampered(SPOILT), await tampered(SPOILT), await tampered(SPOILT)];
    await settleLater(world);
    expect(await auditFindings(world)).toEqual([]);
    await releaseHeldPayment(world.deps, payments[0] ?? "");
    await refundHeldPayment(world.deps, payments[1] ?? "");
    expect(await auditFindings(world)).toEqual([]);
    await settleLater(world);
    expect(await auditFindings(world)).toEqual([]);
  } finally {
    await world.close();
    world = elsewhere;
  }
});
