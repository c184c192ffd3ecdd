import { LIMITS as PROTOCOL_LIMITS } from "@chit/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fundAccount, revokeDevice } from "../../src/accounts/accounts.ts";
import { setAccountStatus } from "../../src/accounts/holds.ts";
import { showAccount } from "../../src/accounts/show.ts";
import { allChores } from "../../src/chores/all-chores.ts";
import { processBatches } from "../../src/clearing/batches.ts";
import { receiveBatch } from "../../src/clearing/receive-batch.ts";
import { LIMITS } from "../../src/limits.ts";
import { gated } from "../support/gate.ts";
import { balanceOf, createMerchant, type Merchant } from "../support/merchant.ts";
import { createWallet, recordOf, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

const FULL = 1_000_000n;

let world: World;
let shop: Merchant;
let transactionNumber: string;
let anna: Wallet;
let ben: Wallet;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  shop = await createMerchant(world);
  transactionNumber = id();
  anna = await createWallet(world, FULL);
  ben = await createWallet(world, FULL);
});
afterAll(() => world.close());

/** Somebody pays the number. */
async function pay(wallet: Wallet, amount: bigint): Promise<void> {
  const { merchantId } = shop;
  const response = await wallet.pay({ merchantId, transactionNumber, amount });
  expect(response).toMatchObject({ outcome: "paid" });
}

/** What each of them has less than in the beginning. */
async function spent(...wallets: Wallet[]): Promise<bigint[]> {
  return Promise.all(
    wallets.map(async ({ accountId }) => FULL - (await balanceOf(world, accountId))),
  );
}

describe("a refund order covers every payment of its number", () => {
  test("threat 16: a small payment first, its proof suppressed: no automatic refund of duplicates, and a merchant-signed order covers all", async () => {
    // Mallory pays one unit and hides the proof; Anna pays the same number in full.
    const mallory = ben;
    await pay(mallory, 1n);
    await pay(anna, 12_500n);
    for (let turn = 0; turn < 3; turn++) {
      for (const chore of allChores(world.deps)) await chore.run(new AbortController().signal);
      world.now += 86_400;
    }
    // Were the later payment of a number taken for a mistake, Anna would have her money and the goods.
    expect(await spent(mallory, anna)).toEqual([1n, 12_500n]);
    expect(await world.database.query("select 1 from refunds")).toEqual([]);
    const [result] = await shop.refund({ transactionNumber });
    expect(result).toMatchObject({ outcome: "executed", payments: 2, given: 12_501n });
    expect(await spent(mallory, anna)).toEqual([0n, 0n]);
    expect(await shop.balance()).toBe(-12_501n);
  });

  test("in part: the same share of each, rounded down", async () => {
    await pay(anna, 12_500n);
    await pay(ben, 12_500n);
    await pay(ben, 2n);
    const [result] = await shop.refund({ transactionNumber, refunded: 4_167n });
    // 12500 * 4167 / 12500, twice, and 2 * 4167 / 12500 = 0.67.
    expect(result).toMatchObject({ outcome: "executed", payments: 3, given: 8_334n });
    expect(await spent(anna, ben)).toEqual([8_333n, 8_335n]);
  });

  test("up to the highest share ordered, in whatever order the orders come", async () => {
    await pay(anna, 10_000n);
    const shares = [3_000n, 9_000n, 6_000n, 9_000n];
    const given: unknown[] = [];
    for (const refunded of shares) {
      const [result] = await shop.refund({ transactionNumber, refunded, of: 10_000n });
      given.push(result?.given);
    }
    expect(given).toEqual([3_000n, 6_000n, 0n, 0n]);
    expect(await spent(anna)).toEqual([1_000n]);
  });

  test("with amounts whose product is more than the ledger holds", async () => {
    const most = PROTOCOL_LIMITS.amount;
    const rich = await createWallet(world, most);
    await pay(rich, most);
    const [part] = await shop.refund({ transactionNumber, of: most, refunded: most - 1n });
    expect(part).toMatchObject({ given: most - 1n });
    const [rest] = await shop.refund({ transactionNumber, of: most });
    expect(rest).toMatchObject({ given: 1n });
    expect(await balanceOf(world, rich.accountId)).toBe(most);
  });

  test("and no payment of another merchant under the same number, or of another number", async () => {
    const other = await createMerchant(world);
    await pay(anna, 100n);
    await ben.pay({ merchantId: other.merchantId, transactionNumber, amount: 100n });
    await ben.pay({ merchantId: shop.merchantId, amount: 100n });
    await shop.refund({ transactionNumber, of: 100n });
    expect(await spent(anna, ben)).toEqual([0n, 200n]);
    expect(await other.balance()).toBe(0n);
  });

  test("more of them than one portion, also several of one account", async () => {
    await pay(anna, 10n);
    await pay(ben, 10n);
    const copies = LIMITS.refundsAtOnce;
    await world.database.query(
      `insert into payments
       select (jsonb_populate_record(p, jsonb_build_object('payment_id', p.payment_id || n, 'count', p.count + n))).*
       from payments p, generate_series(1, $2::int) n where p.transaction_number = $1`,
      [transactionNumber, copies],
    );
    const [result] = await shop.refund({ transactionNumber, of: 10n });
    const payments = 2 * (copies + 1);
    expect(result).toMatchObject({ payments, given: BigInt(payments) * 10n });
    expect(await spent(anna, ben)).toEqual([-10n * BigInt(copies), -10n * BigInt(copies)]);
    const chains = await world.database.query(
      `select 1 as wrong from (
         select balance_after, max(balance_after) over (partition by account_id) as last from refunds
         where transaction_number = $1) r
       join accounts a on a.account_id in ($2, $3) and a.balance < r.last`,
      [transactionNumber, anna.accountId, ben.accountId],
    );
    expect(chains).toEqual([]);
  });
});

describe("money comes back", () => {
  test("to an account that is held, and to one whose devices are revoked", async () => {
    await pay(anna, 100n);
    await pay(ben, 100n);
    await setAccountStatus(world.deps, anna.accountId, "held");
    await revokeDevice(world.deps, ben.accountId, ben.deviceId);
    await shop.refund({ transactionNumber, of: 100n });
    expect(await spent(anna, ben)).toEqual([0n, 0n]);
  });

  test("but not beyond what an account can hold: others have theirs, and another order brings it up", async () => {
    await pay(anna, 100n);
    await pay(ben, 100n);
    await fundAccount(world.deps, anna.accountId, PROTOCOL_LIMITS.amount - FULL + 1n, "windfall");
    const [result] = await shop.refund({ transactionNumber, of: 100n });
    expect(result).toMatchObject({ outcome: "executed", payments: 1, given: 100n });
    expect(await spent(ben)).toEqual([0n]);
    await anna.pay({ amount: 1_000n });
    const [again] = await shop.refund({ transactionNumber, of: 100n });
    expect(again).toMatchObject({ payments: 2, given: 100n });
    expect(await balanceOf(world, anna.accountId)).toBe(PROTOCOL_LIMITS.amount - 999n);
  });

  test("and is written down with the balance that it made", async () => {
    await pay(anna, 100n);
    const orderId = id();
    world.now += 60;
    await shop.refund({ transactionNumber, of: 100n, refunded: 40n, jti: orderId });
    expect(
      await world.database.query(
        `select r.*, p.refunded from refunds r join merchant_payments p on p.payment_id = r.payment_id
         where r.account_id = $1`,
        [anna.accountId],
      ),
    ).toMatchObject([
      {
        account_id: anna.accountId,
        order_id: orderId,
        merchant_id: shop.merchantId,
        transaction_number: transactionNumber,
        amount: 40n,
        balance_after: FULL - 60n,
        refunded_at: BigInt(world.now),
        cycle: null,
        refunded: 40n,
      },
    ]);
    expect(await recordOf(anna)).toMatchObject({ count: 1, balance: FULL - 60n });
    const { movements } = await showAccount(world.deps, anna.accountId);
    expect(movements[0]).toEqual({
      kind: "refund",
      at: world.now,
      amount: 40n,
      balanceAfter: FULL - 60n,
      text: "Paper & Ink",
    });
  });
});

describe("an order is refused", () => {
  test("while no payment of its number is known; another order refunds the payment that comes later", async () => {
    const [early] = await shop.refund({ transactionNumber, of: 100n });
    expect(early).toMatchObject({ outcome: "refused", reason: "no-payment", given: 0n });
    await pay(anna, 100n);
    await processBatches(world.deps);
    expect(await spent(anna)).toEqual([100n]);
    const [later] = await shop.refund({ transactionNumber, of: 100n });
    expect(later).toMatchObject({ outcome: "executed", given: 100n });
    expect(await spent(anna)).toEqual([0n]);
  });

  test.each([{ currency: "USD" }, { scale: 2 }])(
    "in another currency or scale: %o; the others of its batch are not",
    async (changes) => {
      await pay(anna, 100n);
      await pay(ben, 100n);
      const results = await shop.refund(
        { transactionNumber, of: 100n, ...changes },
        { transactionNumber, of: 100n, refunded: 1n },
      );
      expect(results).toMatchObject([
        { outcome: "refused", reason: "currency" },
        { outcome: "executed", given: 2n },
      ]);
      expect(await spent(anna, ben)).toEqual([99n, 99n]);
    },
  );
});

describe("each payment is refunded once", () => {
  test("threat 17: a refund batch sent again before, while and after it is processed refunds each payment once", async () => {
    await pay(anna, 100n);
    const document = await shop.batch([await shop.order({ transactionNumber, of: 100n })]);
    const send = () => receiveBatch(world.deps, document);
    await send();
    await Promise.all([send(), processBatches(world.deps), send(), processBatches(world.deps)]);
    await send();
    await processBatches(world.deps);
    expect(await spent(anna)).toEqual([0n]);
    expect(await shop.balance()).toBe(-100n);
  });

  test("threat 17: a payment that crosses its refund batch is refunded by another order, and the first payment not again", async () => {
    await pay(anna, 100n);
    // Ben's payment is judged, and not on disk yet.
    const gate = gated(world.database);
    const { merchantId } = shop;
    const request = await ben.request({ merchantId, transactionNumber, amount: 100n });
    const late = ben.send(request, world.withDatabase(gate));
    await expect.poll(() => gate.batches.length).toBe(1);
    const [first] = await shop.refund({ transactionNumber, of: 100n });
    expect(first).toMatchObject({ payments: 1, given: 100n });
    gate.open();
    expect(await ben.receive(request, await late)).toMatchObject({ outcome: "paid" });
    await processBatches(world.deps);
    expect(await spent(anna, ben)).toEqual([0n, 100n]);
    const [second] = await shop.refund({ transactionNumber, of: 100n });
    expect(second).toMatchObject({ payments: 2, given: 100n });
    expect(await spent(anna, ben)).toEqual([0n, 0n]);
    expect(await shop.balance()).toBe(-200n);
  });
});
