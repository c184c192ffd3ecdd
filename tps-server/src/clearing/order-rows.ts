/** The rows of a refund order's execution: what is read under lock, and what is written. See execute-order.ts. */
import { type OrderRefusal, LIMITS as PROTOCOL_LIMITS, refundTarget } from "@chit/protocol";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";

/** An order by its ids. */
export interface OrderName {
  readonly merchantId: string;
  readonly orderId: string;
}

/** An order as it is stored; amounts in smallest units. */
export interface OrderRow {
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

/** The payments of one transaction: the next ones behind an id, or that one alone. */
export type Which = { readonly after: string } | { readonly only: string };

/** The order, which nobody else executes until the transaction ends. */
export async function lockOrder(
  tx: Queryable,
  { merchantId, orderId }: OrderName,
): Promise<OrderRow> {
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

/** Payments of the order's number, in the order of their ids. */
export async function lockPayments(
  tx: Queryable,
  { merchantId }: OrderName,
  order: OrderRow,
  which: Which,
): Promise<PaymentRow[]> {
  await tx.query(
    "insert into merchant_accounts (merchant_id) values ($1) on conflict (merchant_id) do nothing",
    [merchantId],
  );
  await tx.query("select 1 from merchant_accounts where merchant_id = $1 for update", [merchantId]);
  const [comparison, paymentId] = "only" in which ? ["=", which.only] : [">", which.after];
  return tx.query<PaymentRow>(
    `select payment_id, account_id, amount, refunded from merchant_payments
     where merchant_id = $1 and transaction_number = $2 and payment_id ${comparison} $3
     order by payment_id limit $4 for update`,
    [merchantId, order.transaction_number, paymentId, LIMITS.refundsAtOnce],
  );
}

/** The accounts that have paid, locked until the transaction ends. */
export async function lockBalances(
  tx: Queryable,
  payments: readonly PaymentRow[],
  patience: "" | "skip locked",
): Promise<Map<string, bigint>> {
  if (payments.length === 0) return new Map();
  const rows = await tx.query<{ account_id: string; balance: bigint }>(
    `select account_id, balance from accounts where account_id = any($1::text[])
     order by account_id for no key update ${patience}`,
    [payments.map((payment) => payment.account_id)],
  );
  return new Map(rows.map((row) => [row.account_id, row.balance]));
}

/** What a payment lacks of its share: 0 or less when other orders have given as much. */
export function lacking(payment: PaymentRow, order: OrderRow): bigint {
  const { refunded, of_amount: of } = order;
  return refundTarget(payment.amount, { refunded, of }) - payment.refunded;
}

/** What is given back to one account for one payment. */
interface Credit {
  readonly accountId: string;
  readonly paymentId: string;
  readonly amount: bigint;
  /** The account's, with it. */
  readonly balance: bigint;
}

/**
 * What payments lack. Accounts are credited whatever their state: held, or with no device left. Left out is what an
 * account cannot hold; another order brings it up later.
 *
 * @param balances are brought up to date: an account may have paid several times
 */
export function creditsFor(
  payments: readonly PaymentRow[],
  order: OrderRow,
  balances: Map<string, bigint>,
): Credit[] {
  return payments.flatMap((payment) => {
    const { payment_id: paymentId, account_id: accountId } = payment;
    const amount = lacking(payment, order);
    const balance = (balances.get(accountId) ?? 0n) + amount;
    if (balance > PROTOCOL_LIMITS.amount) return [];
    balances.set(accountId, balance);
    return [{ paymentId, accountId, amount, balance }];
  });
}

/** All of it in one statement: refunds, accounts, payments, the merchant's account and the order. */
export async function writeRefunds(
  tx: Queryable,
  { merchantId, orderId }: OrderName,
  order: OrderRow,
  credits: readonly Credit[],
  now: number,
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
      credits.map(({ accountId }) => accountId),
      credits.map(({ paymentId }) => paymentId),
      credits.map(({ amount }) => amount),
      credits.map(({ balance }) => balance),
      now,
    ],
  );
}
