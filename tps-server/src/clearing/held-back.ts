/** Payments that settlements held back, and what the operator decides about each. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { newIdentifier } from "../identifiers.ts";
import { logOperation } from "../operator-log.ts";
import { one, type Queryable } from "../store/database.ts";
import { catchUpWithRefunds } from "./catch-up.ts";
import {
  COLLECTED_COLUMNS,
  COLLECTED_JOINS,
  type CollectedPayment,
  type HoldReason,
  isTrueCopy,
  readCollected,
} from "./verify-payment.ts";

/** A payment that was held back. Times in seconds. */
export interface HeldPayment {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly merchant: string;
  readonly accountId: string;
  readonly deviceId: string;
  readonly transactionNumber: string;
  readonly amount: bigint;
  readonly refunded: bigint;
  readonly paidAt: number;
  readonly cycle: number;
  readonly reason: HoldReason;
  readonly decision: "released" | "refunded" | null;
  readonly decidedBy: string | null;
}

/** The most that one list shows. */
const MOST_HELD = 500;

/** Those that nobody decided about, or all; the newest first, 500 at most. */
export async function listHeldPayments(
  { database }: Pick<TpsDeps, "database">,
  which: "open" | "all",
): Promise<HeldPayment[]> {
  const rows = await database.query<{
    payment_id: string;
    merchant_id: string;
    name: string;
    account_id: string;
    device_id: string;
    transaction_number: string;
    amount: bigint;
    refunded: bigint;
    paid_at: bigint;
    cycle: bigint;
    reason: HoldReason;
    decision: HeldPayment["decision"];
    decided_by: string | null;
  }>(
    `select h.payment_id, h.merchant_id, m.name, mp.account_id, mp.device_id, mp.transaction_number, mp.amount,
            mp.refunded, mp.paid_at, h.cycle, h.reason, h.decision, h.decided_by
     from held_payments h join merchant_payments mp using (merchant_id, payment_id) join merchants m using (merchant_id)
     where $1 or h.decision is null order by h.held_at desc, h.payment_id limit ${MOST_HELD}`,
    [which === "all"],
  );
  return rows.map((row) => ({
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    merchant: row.name,
    accountId: row.account_id,
    deviceId: row.device_id,
    transactionNumber: row.transaction_number,
    amount: row.amount,
    refunded: row.refunded,
    paidAt: Number(row.paid_at),
    cycle: Number(row.cycle),
    reason: row.reason,
    decision: row.decision,
    decidedBy: row.decided_by,
  }));
}

/**
 * The payment is sound: the next settlement credits it without asking again.
 *
 * @throws {OperatorError} `held-payment-unknown`, `already-done`, `record-damaged`, `settlement-under-way`
 */
export async function releaseHeldPayment(deps: TpsDeps, paymentId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const { merchant_id: merchantId } = await lockHeld(tx, paymentId);
    await decide(deps, tx, merchantId, paymentId, "released");
  });
}

/**
 * The payment was not the account holder's: what was not refunded of it goes back to the account. The next settlement
 * credits it without a fee and tells of this refund, so that the merchant's account ends where it was.
 *
 * @returns what was given back, in smallest units
 * @throws {OperatorError} `held-payment-unknown`, `already-done`, `record-damaged`, `settlement-under-way`
 */
export async function refundHeldPayment(deps: TpsDeps, paymentId: string): Promise<bigint> {
  return deps.database.transaction(async (tx) => {
    const held = await lockHeld(tx, paymentId);
    const given = held.amount - held.refunded;
    if (given > 0n) {
      await tx.query(
        `with credit as (
           update accounts set balance = balance + $3 where account_id = $1 returning balance
         ), owed as (
           update merchant_accounts set balance = balance - $3 where merchant_id = $4
         ), done as (
           update merchant_payments set refunded = amount where merchant_id = $4 and payment_id = $2
         )
         insert into refunds (account_id, payment_id, order_id, merchant_id, transaction_number, amount, balance_after,
                              refunded_at)
         select $1, $2, $5, $4, $6, $3, balance, $7 from credit`,
        [
          held.account_id,
          paymentId,
          given,
          held.merchant_id,
          newIdentifier(deps.platform),
          held.transaction_number,
          deps.platform.nowSeconds(),
        ],
      );
    }
    await decide(deps, tx, held.merchant_id, paymentId, "refunded");
    return given;
  });
}

/** The merchant's account, the payment and its payer's account, locked in this order, as refunds lock them. */
async function lockHeld(
  tx: Queryable,
  paymentId: string,
): Promise<CollectedPayment & { readonly refunded: bigint }> {
  const named = one(
    await tx.query<{ merchant_id: string; cycle: bigint; decision: string | null }>(
      "select merchant_id, cycle, decision from held_payments where payment_id = $1 for update",
      [paymentId],
    ),
  );
  if (named === undefined) {
    throw new OperatorError(
      "held-payment-unknown",
      `No payment ${paymentId} is held back. See: chit-tps settlement held-back`,
    );
  }
  if (named.decision !== null) {
    throw new OperatorError(
      "already-done",
      `The payment ${paymentId} was ${named.decision} before.`,
    );
  }
  const merchantId = named.merchant_id;
  await tx.query("insert into merchant_accounts (merchant_id) values ($1) on conflict do nothing", [
    merchantId,
  ]);
  await tx.query("select 1 from merchant_accounts where merchant_id = $1 for update", [merchantId]);
  await expectReported(tx, merchantId, named.cycle);
  const row = one(
    await tx.query<{ refunded: bigint }>(
      `select ${COLLECTED_COLUMNS}, mp.refunded from merchant_payments mp ${COLLECTED_JOINS}
       where mp.merchant_id = $1 and mp.payment_id = $2 for update of mp`,
      [merchantId, paymentId],
    ),
  );
  const payment = row === undefined ? undefined : readCollected(row);
  const paid = payment?.paid ?? null;
  if (!row || !payment || paid?.verdict !== "proof" || !isTrueCopy(payment, paid)) {
    throw new OperatorError(
      "record-damaged",
      `The records of the payment ${paymentId} are missing or differ from each other. Repair them from a backup first; "chit-tps audit" names them.`,
    );
  }
  // All is locked now: once more, with the books brought up.
  if (await catchUpWithRefunds(tx, merchantId, [payment])) return lockHeld(tx, paymentId);
  return { ...payment, refunded: row.refunded };
}

/** The settlement that held it back tells the merchant first. */
async function expectReported(tx: Queryable, merchantId: string, cycle: bigint): Promise<void> {
  const told = await tx.query(
    "select 1 from settlement_reports where merchant_id = $1 and cycle = $2",
    [merchantId, cycle],
  );
  if (told.length > 0) return;
  throw new OperatorError(
    "settlement-under-way",
    `Settlement ${cycle} is not done yet. Let it come to its end first: chit-tps settle`,
  );
}

async function decide(
  deps: TpsDeps,
  tx: Queryable,
  merchantId: string,
  paymentId: string,
  decision: "released" | "refunded",
): Promise<void> {
  await tx.query(
    `update held_payments set decision = $3, decided_at = $4, decided_by = $5
     where merchant_id = $1 and payment_id = $2`,
    [merchantId, paymentId, decision, deps.platform.nowSeconds(), deps.operatorName],
  );
  await tx.query(
    `update merchant_payments set state = 'collected', cycle = null
     where merchant_id = $1 and payment_id = $2 and state = 'held-back'`,
    [merchantId, paymentId],
  );
  await logOperation(deps, tx, `settlement held-back ${decision}`, paymentId, { merchantId });
}
