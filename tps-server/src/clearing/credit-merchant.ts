/** The second half of a settlement: one merchant in one transaction, with the report that tells of it. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { newIdentifier } from "../identifiers.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import { LIMITS } from "../limits.ts";
import { one, type Queryable } from "../store/database.ts";
import { readFeeRate } from "./fees.ts";
import { createPayout } from "./payouts.ts";
import { type ReportTotals, writeReport, writeReportPages } from "./report.ts";
import type { Settlement } from "./settle.ts";

/** Merchants for whom something may have happened, and who have no report of this cycle yet. */
export async function merchantsToCredit(
  { database }: Pick<TpsDeps, "database">,
  cycle: number,
): Promise<string[]> {
  const rows = await database.query<{ merchant_id: string }>(
    `select merchant_id from (
       select merchant_id from merchant_payments where cycle = $1
       union select merchant_id from refunds where cycle is null or cycle = $1
       union select merchant_id from payouts where state = 'failed' and returned_cycle is null
       union select merchant_id from merchant_accounts join payout_accounts using (merchant_id) where balance > 0
     ) candidates
     where not exists (select 1 from settlement_reports r where r.merchant_id = candidates.merchant_id and r.cycle = $1)
     order by merchant_id`,
    [cycle],
  );
  return rows.map(({ merchant_id }) => merchant_id);
}

// Of a payment that the operator gave back nothing is kept. Numbers larger than any bigint are in between.
const SETTLE_PAYMENTS = `
  update merchant_payments mp set state = 'settled', fee = case
    when exists (select 1 from held_payments h
                 where h.merchant_id = mp.merchant_id and h.payment_id = mp.payment_id and h.decision = 'refunded')
    then 0 else least(mp.amount, div(mp.amount::numeric * $3, 10000) + $4::bigint)::bigint end
  where mp.merchant_id = $1 and mp.cycle = $2 and mp.state = 'collected'`;

const TAKE_REFUNDS = `
  update refunds r set cycle = $2
  from (select account_id, payment_id, order_id from refunds
        where merchant_id = $1 and cycle is null and refunded_at < $3
        order by refunded_at, payment_id, order_id limit ${LIMITS.settlementRefunds}) taken
  where r.account_id = taken.account_id and r.payment_id = taken.payment_id and r.order_id = taken.order_id`;

const TAKE_RETURNED = `
  with returned as (
    update payouts set returned_cycle = $2
    where merchant_id = $1 and state = 'failed' and returned_cycle is null returning amount
  )
  select count(*) as count, coalesce(sum(amount), 0)::bigint as amount from returned`;

// Refunds of this cycle were taken by a transaction that ended half-way, where they are on other servers: by this one again.
const BEFORE = `
  select coalesce((select closing from settlement_reports where merchant_id = $1 order by cycle desc limit 1), 0) as opening,
         coalesce((select max(cycle) from settlement_reports where merchant_id = $1), 0) as previous,
         coalesce((select sum(amount) from refunds where merchant_id = $1 and (cycle is null or cycle = $2)), 0)::bigint as refunds,
         coalesce((select sum(amount) from payouts
                   where merchant_id = $1 and state = 'failed' and returned_cycle is null), 0)::bigint as returned`;

/**
 * Credits the merchant's payments of the cycle less their fees, takes in the refunds that no report told of yet, puts
 * down a payout, and signs the report. Nothing at all when nothing happened, or when it was done before.
 *
 * @throws {OperatorError} `books-differ` when the merchant's account is not what its last report and its movements since
 * make it
 */
export async function creditMerchant(
  deps: TpsDeps,
  ring: KeyRing,
  settlement: Settlement,
  merchantId: string,
): Promise<void> {
  const { cycle, until } = settlement;
  await deps.database.transaction(async (tx) => {
    // A busy merchant has hundreds of thousands of payments.
    await tx.query("set local statement_timeout = 0");
    const balance = await lockAccount(tx, merchantId);
    const done = await tx.query(
      "select 1 from settlement_reports where merchant_id = $1 and cycle = $2",
      [merchantId, cycle],
    );
    if (done.length > 0) return;
    const { opening, previous } = await readBooks(tx, merchantId, cycle, balance);
    const { basisPoints, fixed } = await readFeeRate(tx, merchantId);
    await tx.query(SETTLE_PAYMENTS, [merchantId, cycle, basisPoints, fixed]);
    await tx.query(TAKE_REFUNDS, [merchantId, cycle, until]);
    const returned = one(
      await tx.query<{ count: bigint; amount: bigint }>(TAKE_RETURNED, [merchantId, cycle]),
    );
    const totals = await writeReportPages(tx, merchantId, cycle);
    const owed = balance + totals.payments.amount - totals.fees;
    const payoutId = newIdentifier(deps.platform);
    const payout = await createPayout(deps, tx, { payoutId, merchantId, cycle, owed });
    if (!hasHappened(totals) && returned?.count === 0n && payout === null) return;
    await tx.query("update merchant_accounts set balance = $2 where merchant_id = $1", [
      merchantId,
      owed - (payout?.amount ?? 0n),
    ]);
    await writeReport(deps, tx, ring, {
      ...totals,
      settlement,
      merchantId,
      previous,
      opening,
      returned: { count: Number(returned?.count ?? 0n), amount: returned?.amount ?? 0n },
      payout,
    });
  });
}

/** The merchant's account, which nobody else changes until this transaction ends. */
async function lockAccount(tx: Queryable, merchantId: string): Promise<bigint> {
  await tx.query("insert into merchant_accounts (merchant_id) values ($1) on conflict do nothing", [
    merchantId,
  ]);
  const row = one(
    await tx.query<{ balance: bigint }>(
      "select balance from merchant_accounts where merchant_id = $1 for update",
      [merchantId],
    ),
  );
  return row?.balance ?? 0n;
}

/** What the last report left, after checking that it and what happened since make the balance. */
async function readBooks(
  tx: Queryable,
  merchantId: string,
  cycle: number,
  balance: bigint,
): Promise<{ opening: bigint; previous: number }> {
  const row = one(
    await tx.query<{ opening: bigint; previous: bigint; refunds: bigint; returned: bigint }>(
      BEFORE,
      [merchantId, cycle],
    ),
  );
  const { opening = 0n, previous = 0n, refunds = 0n, returned = 0n } = row ?? {};
  if (opening - refunds + returned !== balance) {
    throw new OperatorError(
      "books-differ",
      `The account of the merchant ${merchantId} is not what its records make it: it was not settled.`,
    );
  }
  return { opening, previous: Number(previous) };
}

function hasHappened({ payments, refunds, heldBack }: ReportTotals): boolean {
  return payments.count + refunds.count + heldBack.count > 0;
}
