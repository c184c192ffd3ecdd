/** One month of an account, as the records have it, and whether they agree with each other. */
import { LIMITS, monthBounds } from "@chit/protocol";
import type { Database, Queryable } from "../store/database.ts";
import { one } from "../store/database.ts";
import { trailFrom } from "./trail.ts";

/** A movement as its table has it. */
export interface MonthMovement {
  readonly kind: "payment" | "refund" | "funding";
  readonly at: number;
  readonly amount: bigint;
  /** The same with its sign: negative for a payment. */
  readonly change: bigint;
  readonly balanceAfter: bigint;
  /** Of a payment or refund, else empty. */
  readonly paymentId: string;
  readonly merchantId: string;
  readonly merchantName: string;
  readonly transactionNumber: string;
  /** Of a refund, else empty. */
  readonly orderId: string;
  /** Of a funding, else empty. */
  readonly reference: string;
}

/** A month whose records agree. */
export interface Month {
  readonly kind: "month";
  /** What all movements before it add up to. */
  readonly opening: bigint;
  readonly closing: bigint;
  /** In the order in which the balance went. */
  readonly movements: readonly MonthMovement[];
}

/** Why there is no such month: `why` is for the operator. */
export type NoMonth =
  | { readonly kind: "books-disagree"; readonly why: string }
  | { readonly kind: "too-long"; readonly why: string };

/** Movements of an account that are kept, with their signs; `$1` is the account. Denials moved nothing and are left out. */
const MOVED = `(
  select 'payment' as kind, p.paid_at as at, p.count as place, p.amount, -p.amount as change, p.balance_after,
         p.payment_id, p.merchant_id, p.transaction_number, '' as order_id, '' as reference
    from kept_payments p where p.account_id = $1 and p.verdict = 'proof'
  union all
  select 'refund', refunded_at, movement, amount, amount, balance_after,
         payment_id, merchant_id, transaction_number, order_id, ''
    from refunds where account_id = $1
  union all
  select 'funding', funded_at, movement, amount, amount, balance_after, '', '', '', '', reference
    from fundings where account_id = $1
)`;

/**
 * Reads a month, and checks it: the movements before it must add up to the balance that its first movement began
 * with, each movement to the balance that was written down with it, and the last one of a month that still runs to
 * the account's balance.
 *
 * @param month none that was carried: of those only sums are kept
 */
export async function readMonth(
  database: Database,
  accountId: string,
  month: string,
  now: number,
): Promise<Month | NoMonth> {
  const { from, until } = monthBounds(month);
  return database.transaction(async (tx) => {
    // One view of all the tables: a payment that comes in between is in all of it or in nothing.
    await tx.query("set transaction isolation level repeatable read, read only");
    const opening = await sumBefore(tx, accountId, from);
    const unordered = await readMovements(tx, accountId, from, until);
    if (unordered.length > MOST) {
      return { kind: "too-long", why: `${month} has more than ${MOST} movements.` };
    }
    const movements = trailFrom(opening, unordered);
    const disagree = (why: string) => ({ kind: "books-disagree", why }) as const;
    if (movements === undefined) {
      return disagree(
        `The movements before ${month} add up to ${opening} units, but those of ${month} do not lead on from there, from one recorded balance to the next: a movement is missing, is twice, or has a wrong balance.`,
      );
    }
    const before = await lastBalancesBefore(tx, accountId, from);
    if (movements.length === 0 && !before.includes(opening)) {
      return disagree(
        `The movements before ${month} add up to ${opening} units, but the last of them recorded a balance of ${before.join(" or ")}.`,
      );
    }
    const closing = movements.at(-1)?.balanceAfter ?? opening;
    const balance = await balanceOf(tx, accountId);
    if (now < until && balance !== closing) {
      return disagree(`All movements add up to ${closing} units, but the balance is ${balance}.`);
    }
    return { kind: "month", opening, closing, movements };
  });
}

const MOST = LIMITS.statementSheets * LIMITS.statementSheetMovements;

async function sumBefore(tx: Queryable, accountId: string, from: number): Promise<bigint> {
  const row = one(
    await tx.query<{ sum: bigint }>(
      `select coalesce(sum(change), 0)::bigint as sum from (
         select change from ${MOVED} moved where at < $2
         union all
         select -spent from carried_payments where account_id = $1
       ) changes`,
      [accountId, from],
    ),
  );
  return row?.sum ?? 0n;
}

/** The balances that the movements of the latest second before `from` recorded; 0 where there was none. */
async function lastBalancesBefore(
  tx: Queryable,
  accountId: string,
  from: number,
): Promise<bigint[]> {
  const rows = await tx.query<{ balance_after: bigint }>(
    `with moved as (
       select at, balance_after from ${MOVED} kept where at < $2
       union all
       select last_at, last_balance from carried_payments where account_id = $1 and last_at is not null
     )
     select balance_after from moved where at = (select max(at) from moved)`,
    [accountId, from],
  );
  return rows.length === 0 ? [0n] : rows.map((row) => row.balance_after);
}

async function balanceOf(tx: Queryable, accountId: string): Promise<bigint | undefined> {
  const rows = await tx.query<{ balance: bigint }>(
    "select balance from accounts where account_id = $1",
    [accountId],
  );
  return one(rows)?.balance;
}

async function readMovements(
  tx: Queryable,
  accountId: string,
  from: number,
  until: number,
): Promise<MonthMovement[]> {
  const rows = await tx.query<{
    kind: MonthMovement["kind"];
    at: bigint;
    amount: bigint;
    change: bigint;
    balance_after: bigint;
    payment_id: string;
    merchant_id: string;
    name: string | null;
    transaction_number: string;
    order_id: string;
    reference: string;
  }>(
    `select moved.*, m.name from ${MOVED} moved left join merchants m on m.merchant_id = moved.merchant_id
     where at >= $2 and at < $3 order by at, place limit $4`,
    [accountId, from, until, MOST + 1],
  );
  return rows.map((row) => ({
    kind: row.kind,
    at: Number(row.at),
    amount: row.amount,
    change: row.change,
    balanceAfter: row.balance_after,
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    merchantName: row.name ?? row.merchant_id,
    transactionNumber: row.transaction_number,
    orderId: row.order_id,
    reference: row.reference,
  }));
}
