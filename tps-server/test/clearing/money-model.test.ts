/**
 * Whatever shoppers, shops, the bank and the operator do, in any order: accounts and merchants have what a model of some
 * dozen lines says, no money comes or goes, and the audit finds nothing.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "../../src/clearing/audit/audit.ts";
import { feeOf, setFeeRate } from "../../src/clearing/fees.ts";
import { refundHeldPayment, releaseHeldPayment } from "../../src/clearing/held-back.ts";
import { failPayout, makePayoutFile, settlePayouts } from "../../src/clearing/payout-files.ts";
import { setMinimumPayout } from "../../src/clearing/payouts.ts";
import { setBankAccount } from "../../src/funding/bank-account.ts";
import { balanceOf, type Merchant } from "../support/merchant.ts";
import { auditFindings, createPaidMerchant, reportOf, settleLater } from "../support/settlement.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await setMinimumPayout(world.deps, 0n);
  await setFeeRate(world.deps, null, RATE);
  await setBankAccount(world.deps, {
    holder: "Example Pay",
    iban: "GB82WEST12345698765432",
    bic: null,
    text: null,
  });
});
afterAll(() => world.close());

const OPENING = 100_000n;
const RATE = { basisPoints: 250, fixed: 3n };
const CENT = 100n;

interface Payment {
  readonly wallet: number;
  readonly shop: number;
  readonly transactionNumber: string;
  readonly paymentId: string;
  readonly amount: bigint;
  refunded: bigint;
  /** waiting: collected or not. returning: given back by the operator, not settled yet. */
  state: "waiting" | "spoilt" | "held" | "returning" | "settled";
}

interface Model {
  readonly accounts: bigint[];
  /** What each shop is owed. */
  readonly shops: bigint[];
  readonly payments: Payment[];
  /** Payouts that the bank may still send back. */
  payouts: { payoutId: string; shop: number; amount: bigint }[];
}

interface Real {
  readonly wallets: Wallet[];
  readonly shops: Merchant[];
}

type Step = fc.AsyncCommand<Model, Real>;

async function compare(model: Model, { wallets, shops }: Real): Promise<void> {
  const accounts = await Promise.all(wallets.map(({ accountId }) => balanceOf(world, accountId)));
  const owed = await Promise.all(shops.map((shop) => shop.balance()));
  expect({ accounts, owed }).toEqual({ accounts: model.accounts, owed: model.shops });
}

function add(balances: bigint[], index: number, amount: bigint): void {
  balances[index] = (balances[index] ?? 0n) + amount;
}

class Pay implements Step {
  readonly wallet: number;
  readonly shop: number;
  readonly amount: bigint;
  readonly spoilt: boolean;
  constructor(wallet: number, shop: number, amount: bigint, spoilt: boolean) {
    this.wallet = wallet;
    this.shop = shop;
    this.amount = amount;
    this.spoilt = spoilt;
  }
  check = (model: Readonly<Model>) => (model.accounts[this.wallet] ?? 0n) >= this.amount;
  async run(model: Model, real: Real): Promise<void> {
    const { wallet, shop, amount, spoilt } = this;
    const transactionNumber = id();
    const merchantId = real.shops[shop]?.merchantId ?? "";
    await real.wallets[wallet]?.pay({ merchantId, amount, transactionNumber });
    const [row] = await world.database.query<{ payment_id: string }>(
      `update payments set device_signature = case when $2 then sha512(device_signature) else device_signature end
       where transaction_number = $1 returning payment_id`,
      [transactionNumber, spoilt],
    );
    const state = spoilt ? "spoilt" : "waiting";
    const paymentId = row?.payment_id ?? "";
    model.payments.push({
      wallet,
      shop,
      amount,
      transactionNumber,
      paymentId,
      refunded: 0n,
      state,
    });
    add(model.accounts, wallet, -amount);
    await compare(model, real);
  }
  toString = () =>
    `pay(${this.amount} from ${this.wallet} to ${this.shop}${this.spoilt ? ", spoilt" : ""})`;
}

class Refund implements Step {
  readonly which: number;
  readonly percent: bigint;
  constructor(which: number, percent: bigint) {
    this.which = which;
    this.percent = percent;
  }
  check = (model: Readonly<Model>) => model.payments.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const payment = model.payments[this.which % model.payments.length] as Payment;
    const { transactionNumber, amount } = payment;
    await real.shops[payment.shop]?.refund({ transactionNumber, refunded: this.percent, of: 100n });
    const target = (amount * this.percent) / 100n;
    const given = target > payment.refunded ? target - payment.refunded : 0n;
    payment.refunded += given;
    add(model.accounts, payment.wallet, given);
    add(model.shops, payment.shop, -given);
    await compare(model, real);
  }
  toString = () => `refund(${this.which}, ${this.percent} %)`;
}

class Settle implements Step {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const { cycle } = await settleLater(world);
    for (const payment of model.payments) {
      if (payment.state === "spoilt") payment.state = "held";
      if (payment.state !== "waiting" && payment.state !== "returning") continue;
      const fee = payment.state === "returning" ? 0n : feeOf(payment.amount, RATE);
      add(model.shops, payment.shop, payment.amount - fee);
      payment.state = "settled";
    }
    for (const [index, shop] of real.shops.entries()) {
      const owed = model.shops[index] ?? 0n;
      const amount = owed > 0n ? owed - (owed % CENT) : 0n;
      const told = await reportOf(shop, cycle);
      expect(told?.report.payout?.amount ?? 0n).toBe(amount);
      add(model.shops, index, -amount);
      const { payoutId } = told?.report.payout ?? {};
      if (payoutId !== undefined) model.payouts.push({ payoutId, shop: index, amount });
      if (told !== undefined) expect(told.report.closing).toBe(model.shops[index]);
    }
    await compare(model, real);
    expect(await auditFindings(world)).toEqual([]);
  }
  toString = () => "settle";
}

/** The operator decides about what is held back. */
class Decide implements Step {
  readonly which: number;
  readonly releases: boolean;
  constructor(which: number, releases: boolean) {
    this.which = which;
    this.releases = releases;
  }
  check = (model: Readonly<Model>) => model.payments.some(({ state }) => state === "held");
  async run(model: Model, real: Real): Promise<void> {
    const held = model.payments.filter(({ state }) => state === "held");
    const payment = held[this.which % held.length] as Payment;
    if (this.releases) {
      await releaseHeldPayment(world.deps, payment.paymentId);
      payment.state = "waiting";
    } else {
      const given = payment.amount - payment.refunded;
      expect(await refundHeldPayment(world.deps, payment.paymentId)).toBe(given);
      payment.refunded = payment.amount;
      payment.state = "returning";
      add(model.accounts, payment.wallet, given);
      add(model.shops, payment.shop, -given);
    }
    await compare(model, real);
  }
  toString = () => `${this.releases ? "release" : "give back"}(${this.which})`;
}

/** A file goes to the bank, which executes all of it or sends one payout back. */
class Bank implements Step {
  readonly fails: number | undefined;
  constructor(fails: number | undefined) {
    this.fails = fails;
  }
  check = (model: Readonly<Model>) => model.payouts.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const file = await makePayoutFile(world.deps);
    if (file !== undefined) await settlePayouts(world.deps, file.fileId);
    if (this.fails !== undefined) {
      const [back] = model.payouts.splice(this.fails % model.payouts.length, 1);
      if (back === undefined) return;
      await failPayout(world.deps, back.payoutId, "AC04");
      add(model.shops, back.shop, back.amount);
    }
    await compare(model, real);
  }
  toString = () => `bank(${this.fails === undefined ? "all" : `sends back ${this.fails}`})`;
}

test("any course of events agrees with the model, and money is conserved", {
  timeout: 120_000,
}, async () => {
  const index = fc.nat(1);
  const commands = fc.commands<Model, Real, false>(
    [
      fc
        .tuple(index, index, fc.bigInt({ min: 1n, max: 30_000n }), fc.nat(5))
        .map(([wallet, shop, amount, odd]) => new Pay(wallet, shop, amount, odd === 0)),
      fc
        .tuple(fc.nat(20), fc.bigInt({ min: 1n, max: 100n }))
        .map(([which, percent]) => new Refund(which, percent)),
      fc.constant(new Settle()),
      fc.tuple(fc.nat(5), fc.boolean()).map(([which, releases]) => new Decide(which, releases)),
      fc.option(fc.nat(5), { nil: undefined }).map((fails) => new Bank(fails)),
    ],
    { maxCommands: 30 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const real: Real = {
        wallets: [await createWallet(world, OPENING), await createWallet(world, OPENING)],
        shops: [await createPaidMerchant(world), await createPaidMerchant(world)],
      };
      const model: Model = {
        accounts: [OPENING, OPENING],
        shops: [0n, 0n],
        payments: [],
        payouts: [],
      };
      await fc.asyncModelRun(() => ({ model, real }), steps);
      expect((await audit(world.deps)).difference).toBe(0n);
    }),
    { numRuns: 15 },
  );
  // A spoilt payment that no settlement has met is found by the audit first.
  await settleLater(world);
  expect(await auditFindings(world)).toEqual([]);
});
