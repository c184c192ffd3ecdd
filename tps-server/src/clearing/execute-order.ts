/**
 * Executing a refund order: every payment of its transaction number that was collected is brought up to the order's
 * share, whoever paid (paper, section 3). Portions of payments are transactions of their own, each of which may be the
 * last before a crash: what a payment lacks is judged by what it has by then, so nothing is given twice.
 *
 * Rows are locked in this order by everything that works on merchants' books: the order, the merchant's account, its
 * payments, the customers' accounts by their ids. Customers' accounts come last and are held for one statement and the
 * commit: their own payments wait no longer.
 */
import { type OrderRefusal, LIMITS as PROTOCOL_LIMITS, refundTarget } from "@chit/protocol";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import type { ClearingDeps } from "./deps.ts";

/** What became of an order. */
export type OrderOutcome =
  | { readonly outcome: "executed"; readonly payments: number; readonly given: bigint }
  | { readonly outcome: "refused"; readonly reason: OrderRefusal };

/** An order by its ids. */
export interface OrderName {
  readonly merchantId: string;
  readonly orderId: string;
}

type ExecutionDeps = Pick<ClearingDeps, "database" | "platform">;

/** Executes an order that has no outcome yet. Again, it tells the outcome. */
export async function executeOrder(deps: ExecutionDeps, name: OrderName): Promise<OrderOutcome> {
  /** Payments seen so far, and how many of them stand where the order wants them. */
  let seen = 0;
  let standing = 0;
  for (let after = ""; ; ) {
    const portion = await deps.database.transaction(async (tx): Promise<Portion | OrderOutcome> => {
      const order = await lockOrder(tx, name);
      if (order.outcome !== null) return outcomeOf(order);
      const payments = await lockPayments(tx, name, order, after);
      const short = payments.filter((payment) => lacking(payment, order) > 0n);
      const left = await giveBack(deps, tx, name, order, short);
      seen += payments.length;
      standing += payments.length - left;
      const last = payments.at(-1);
      if (last !== undefined && payments.length === LIMITS.refundsAtOnce) {
        return { after: last.payment_id };
      }
      return decide(deps, tx, name, seen, standing);
    });
    if (!("after" in portion)) return portion;
    after = portion.after;
  }
}

interface Portion {
  readonly after: string;
}

interface OrderRow {
  transaction_number: string;
  refunded: bigint;
  of_amount: bigint;
  outcome: "executed" | "refused" | null;
  reason: OrderRefusal | null;
  payments: number;
  given: bigint;
}

interface PaymentRow {
  payment_id: string;
  account_id: string;
  amount: bigint;
  refunded: bigint;
}

/** What a payment lacks of its share: 0 or less when other orders have given as much. */
function lacking(payment: PaymentRow, order: OrderRow): bigint {
  const { refunded, of_amount: of } = order;
  return refundTarget(payment.amount, { refunded, of }) - payment.refunded;
}

async function lockOrder(tx: Queryable, { merchantId, orderId }: OrderName): Promise<OrderRow> {
  const order = one(
    await tx.query<OrderRow>(
      `select transaction_number, refunded, of_amount, outcome, reason, payments, given
       from refund_orders where merchant_id = $1 and order_id = $2 for update`,
      [merchantId, orderId],
    ),
  );
  if (order === undefined) throw new TypeError("The order is gone.");
  return order;
}

/** The next payments of the order's number, in the order of their ids. */
async function lockPayments(
  tx: Queryable,
  { merchantId }: OrderName,
  order: OrderRow,
  after: string,
): Promise<PaymentRow[]> {
  await tx.query(
    "insert into merchant_accounts (merchant_id) values ($1) on conflict (merchant_id) do nothing",
    [merchantId],
  );
  await tx.query("select 1 from merchant_accounts where merchant_id = $1 for update", [merchantId]);
  return tx.query<PaymentRow>(
    `select payment_id, account_id, amount, refunded from merchant_payments
     where merchant_id = $1 and transaction_number = $2 and payment_id > $3
     order by payment_id limit $4 for update`,
    [merchantId, order.transaction_number, after, LIMITS.refundsAtOnce],
  );
}

/**
 * Credits what payments lack. Accounts are credited whatever their state: held, or with no device left.
 *
 * @returns how many were left out because their account cannot hold more; another order brings them up later
 */
async function giveBack(
  deps: ExecutionDeps,
  tx: Queryable,
  name: OrderName,
  order: OrderRow,
  short: readonly PaymentRow[],
): Promise<number> {
  if (short.length === 0) return 0;
  const balances = await lockBalances(tx, short);
  const given = short.flatMap((payment) => {
    const amount = lacking(payment, order);
    const balance = (balances.get(payment.account_id) ?? 0n) + amount;
    if (balance > PROTOCOL_LIMITS.amount) return [];
    balances.set(payment.account_id, balance);
    const { payment_id: paymentId, account_id: accountId } = payment;
    return [{ paymentId, accountId, amount, balance }];
  });
  if (given.length > 0) await writeRefunds(deps, tx, name, order, given);
  return short.length - given.length;
}

async function lockBalances(
  tx: Queryable,
  payments: readonly PaymentRow[],
): Promise<Map<string, bigint>> {
  const rows = await tx.query<{ account_id: string; balance: bigint }>(
    `select account_id, balance from accounts where account_id = any($1::text[])
     order by account_id for no key update`,
    [payments.map((payment) => payment.account_id)],
  );
  return new Map(rows.map((row) => [row.account_id, row.balance]));
}

interface Given {
  readonly accountId: string;
  readonly paymentId: string;
  /** What is given back now. */
  readonly amount: bigint;
  /** The account's, with it. */
  readonly balance: bigint;
}

/** All of it in one statement: refunds, accounts, payments, the merchant's account and the order. */
async function writeRefunds(
  { platform }: ExecutionDeps,
  tx: Queryable,
  { merchantId, orderId }: OrderName,
  order: OrderRow,
  given: readonly Given[],
): Promise<void> {
  await tx.query(
    `with given as (
       select * from unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[])
         as g (account_id, payment_id, amount, balance_after)
     ), credited as (
       update accounts a set balance = a.balance + sums.amount
       from (select account_id, sum(amount)::bigint as amount from given group by account_id) sums
       where a.account_id = sums.account_id
     ), brought_up as (
       update merchant_payments p set refunded = p.refunded + g.amount
       from given g where p.merchant_id = $1 and p.payment_id = g.payment_id
     ), debited as (
       update merchant_accounts set balance = balance - (select sum(amount)::bigint from given)
       where merchant_id = $1
     ), counted as (
       update refund_orders set given = given + (select sum(amount)::bigint from given)
       where merchant_id = $1 and order_id = $2
     )
     insert into refunds (account_id, payment_id, order_id, merchant_id, transaction_number, amount, balance_after,
                          refunded_at)
     select account_id, payment_id, $2, $1, $3, amount, balance_after, $8 from given`,
    [
      merchantId,
      orderId,
      order.transaction_number,
      given.map(({ accountId }) => accountId),
      given.map(({ paymentId }) => paymentId),
      given.map(({ amount }) => amount),
      given.map(({ balance }) => balance),
      platform.nowSeconds(),
    ],
  );
}

async function decide(
  { platform }: ExecutionDeps,
  tx: Queryable,
  { merchantId, orderId }: OrderName,
  seen: number,
  standing: number,
): Promise<OrderOutcome> {
  const refused = seen === 0;
  const row = one(
    await tx.query<OrderRow>(
      `update refund_orders set outcome = $3, reason = $4, executed_at = $5, payments = $6
       where merchant_id = $1 and order_id = $2 returning *`,
      [
        merchantId,
        orderId,
        refused ? "refused" : "executed",
        refused ? "no-payment" : null,
        platform.nowSeconds(),
        standing,
      ],
    ),
  );
  if (row === undefined) throw new TypeError("The order is gone.");
  return outcomeOf(row);
}

function outcomeOf({ reason, payments, given }: OrderRow): OrderOutcome {
  return reason === null
    ? { outcome: "executed", payments, given }
    : { outcome: "refused", reason };
}
