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
  for (;;) {
    const pass = await bringAllUp(deps, name);
    const outcome = "outcome" in pass ? pass : await decide(deps, name, pass);
    if (outcome !== undefined) return outcome;
  }
}

/** Payments of the number, and how many of them stand where the order wants them. */
interface Pass {
  readonly seen: number;
  readonly standing: number;
}

async function bringAllUp(deps: ExecutionDeps, name: OrderName): Promise<Pass | OrderOutcome> {
  let seen = 0;
  let standing = 0;
  const busy: string[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const step: Step | OrderOutcome = await bringUp(deps, name, { after });
    if ("outcome" in step) return step;
    seen += step.seen;
    standing += step.standing;
    busy.push(...step.busy);
    after = step.next;
  }
  // Those whose accounts others had locked, one by one: whoever waits for an account holds no other.
  for (const only of busy) {
    const step = await bringUp(deps, name, { only });
    if ("outcome" in step) return step;
    standing += step.standing;
  }
  return { seen, standing };
}

/** The payments of one transaction: the next ones behind an id, or that one alone. */
type Which = { readonly after: string } | { readonly only: string };

interface Step extends Pass {
  /** Of these, those whose accounts others have locked. */
  readonly busy: readonly string[];
  /** Behind which there may be more. */
  readonly next: string | undefined;
}

/** Brings payments up to the order's share, in one transaction; or tells the outcome if there is one. */
async function bringUp(
  deps: ExecutionDeps,
  name: OrderName,
  which: Which,
): Promise<Step | OrderOutcome> {
  return deps.database.transaction(async (tx) => {
    const order = await lockOrder(tx, name);
    if (order.outcome !== null) return outcomeOf(order);
    const payments = await lockPayments(tx, name, order, which);
    const short = payments.filter((payment) => lacking(payment, order) > 0n);
    const balances = await lockBalances(tx, short, "only" in which ? "" : "skip locked");
    const free = short.filter(({ account_id: accountId }) => balances.has(accountId));
    const credits = creditsFor(free, order, balances);
    if (credits.length > 0) await writeRefunds(deps, tx, name, order, credits);
    return {
      seen: payments.length,
      standing: payments.length - short.length + credits.length,
      busy: short.filter((payment) => !free.includes(payment)).map((payment) => payment.payment_id),
      next: payments.length < LIMITS.refundsAtOnce ? undefined : payments.at(-1)?.payment_id,
    };
  });
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

/** Payments of the order's number, in the order of their ids. */
async function lockPayments(
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
async function lockBalances(
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
function creditsFor(
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
async function writeRefunds(
  { platform }: ExecutionDeps,
  tx: Queryable,
  { merchantId, orderId }: OrderName,
  order: OrderRow,
  credits: readonly Credit[],
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
      platform.nowSeconds(),
    ],
  );
}

/**
 * The outcome, or that of another process which was first. Undefined: to be tried again, because payments came while this
 * process saw none, and another one may just be refunding them.
 */
async function decide(
  { database, platform }: ExecutionDeps,
  name: OrderName,
  { seen, standing }: Pass,
): Promise<OrderOutcome | undefined> {
  const { merchantId, orderId } = name;
  const refused = seen === 0;
  return database.transaction(async (tx) => {
    const order = await lockOrder(tx, name);
    if (order.outcome !== null) return outcomeOf(order);
    if (refused && (await lockPayments(tx, name, order, { after: "" })).length > 0)
      return undefined;
    await tx.query(
      `update refund_orders set outcome = $3, reason = $4, executed_at = $5, payments = $6
       where merchant_id = $1 and order_id = $2`,
      [
        merchantId,
        orderId,
        refused ? "refused" : "executed",
        refused ? "no-payment" : null,
        platform.nowSeconds(),
        standing,
      ],
    );
    return outcomeOf(await lockOrder(tx, name));
  });
}

function outcomeOf({ reason, payments, given }: OrderRow): OrderOutcome {
  return reason === null
    ? { outcome: "executed", payments, given }
    : { outcome: "refused", reason };
}
