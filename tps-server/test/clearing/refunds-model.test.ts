/**
 * Whatever is paid and ordered back, in whatever order, with batches sent again and processed now or later: what each
 * payment was given back agrees with a model of a few lines, never exceeds what was paid, and money is conserved.
 */
import { refundTarget } from "@chit/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processBatches } from "../../src/clearing/batches.ts";
import { collectPayments } from "../../src/clearing/collect.ts";
import { receiveBatch } from "../../src/clearing/receive-batch.ts";
import { createMerchant, type Merchant } from "../support/merchant.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

const OPENING = 1_000_000n;
const OF = 1_000n;

let world: World;
let wallets: Wallet[];
beforeAll(async () => {
  world = await createWorld();
  wallets = await Promise.all([createWallet(world, OPENING), createWallet(world, OPENING)]);
});
afterAll(() => world.close());

/** Numbers are told by their place: 0 or 1. */
const number = fc.nat({ max: 1 });
const step = fc.oneof(
  fc.record({
    do: fc.constant("pay" as const),
    wallet: fc.nat({ max: 1 }),
    number,
    amount: fc.bigInt({ min: 1n, max: 2n * OF }),
  }),
  fc.record({
    do: fc.constant("order" as const),
    orders: fc.array(fc.record({ number, refunded: fc.bigInt({ min: 1n, max: OF }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({ do: fc.constant("again" as const), batch: fc.nat() }),
  fc.record({ do: fc.constant("process" as const) }),
  fc.record({ do: fc.constant("collect" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What must be true. */
interface Model {
  readonly payments: { number: number; amount: bigint; refunded: bigint }[];
  /** Orders that wait, in the order of their batches. */
  waiting: { number: number; refunded: bigint }[];
}

function processModel(model: Model): void {
  for (const order of model.waiting) {
    for (const payment of model.payments.filter((one) => one.number === order.number)) {
      const target = refundTarget(payment.amount, { refunded: order.refunded, of: OF });
      if (target > payment.refunded) payment.refunded = target;
    }
  }
  model.waiting = [];
}

async function perform(
  steps: readonly Step[],
  shop: Merchant,
  numbers: readonly string[],
  model: Model,
): Promise<void> {
  const { merchantId } = shop;
  const batches: string[] = [];
  for (const one of steps) {
    world.now += 1;
    switch (one.do) {
      case "pay": {
        const transactionNumber = numbers[one.number] ?? "";
        const { amount } = one;
        const answer = await wallets[one.wallet]?.pay({ merchantId, transactionNumber, amount });
        expect(answer).toMatchObject({ outcome: "paid" });
        model.payments.push({ number: one.number, amount, refunded: 0n });
        break;
      }
      case "order": {
        const orders = await Promise.all(
          one.orders.map(({ number, refunded }) =>
            shop.order({ transactionNumber: numbers[number] ?? "", refunded, of: OF }),
          ),
        );
        const batch = await shop.batch(orders);
        batches.push(batch);
        await receiveBatch(world.deps, batch);
        model.waiting.push(...one.orders);
        break;
      }
      case "again": {
        const batch = batches[one.batch % Math.max(batches.length, 1)];
        if (batch !== undefined) await receiveBatch(world.deps, batch);
        break;
      }
      case "process":
        await Promise.all([processBatches(world.deps), processBatches(world.deps)]);
        processModel(model);
        break;
      case "collect":
        await collectPayments(world.deps);
    }
  }
}

/** All money, wherever it is: nothing was paid out. */
async function total(): Promise<{ paidIn: bigint; kept: bigint }> {
  await collectPayments(world.deps);
  const [row] = await world.database.query<{ paid_in: bigint; kept: bigint }>(
    `select (select sum(amount) from fundings)::bigint as paid_in,
            (select sum(balance) from accounts)::bigint
            + (select coalesce(sum(balance), 0) from merchant_accounts)::bigint
            + (select coalesce(sum(amount), 0) from merchant_payments where state <> 'settled')::bigint as kept`,
  );
  return { paidIn: row?.paid_in ?? 0n, kept: row?.kept ?? 0n };
}

test("each payment is given back its highest ordered share, at most what was paid, and money is conserved", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const shop = await createMerchant(world);
      const numbers = [id(), id()];
      const model: Model = { payments: [], waiting: [] };
      await perform(steps, shop, numbers, model);
      await processBatches(world.deps);
      processModel(model);
      const { paidIn, kept } = await total();
      expect(kept).toBe(paidIn);
      const real = await world.database.query<{ amount: bigint; refunded: bigint; given: bigint }>(
        `select p.amount, p.refunded, coalesce(sum(r.amount), 0)::bigint as given
         from merchant_payments p left join refunds r
           on r.account_id = p.account_id and r.payment_id = p.payment_id
         where p.merchant_id = $1 group by p.merchant_id, p.payment_id`,
        [shop.merchantId],
      );
      for (const { amount, refunded, given } of real) {
        expect(given).toBe(refunded);
        expect(given).toBeLessThanOrEqual(amount);
      }
      const inOrder = (payments: readonly { amount: bigint; refunded: bigint }[]) =>
        payments.map(({ amount, refunded }) => `${refunded} of ${amount}`).sort();
      expect(inOrder(real)).toEqual(inOrder(model.payments));
      const sum = model.payments.reduce((so, { refunded }) => so + refunded, 0n);
      expect(await shop.balance()).toBe(-sum);
    }),
    { numRuns: 25 },
  );
}, 60_000);
