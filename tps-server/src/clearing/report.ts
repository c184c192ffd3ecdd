/** Settlement reports: made once, signed, and kept as they are; and what merchants and operators read of them. */
import {
  amountToWire,
  createReportPage,
  createSettlementReport,
  describeReportPage,
  fromUtf8,
  LIMITS as PROTOCOL_LIMITS,
  type ReportEntryInput,
  toBase64url,
} from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { newIdentifier } from "../identifiers.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { Queryable } from "../store/database.ts";
import type { CreatedPayout } from "./payouts.ts";
import type { Settlement } from "./settle.ts";

/** How many, and how much together. */
export interface Total {
  readonly count: number;
  readonly amount: bigint;
}

/** What the entries of a report make. */
export interface ReportTotals {
  readonly payments: Total;
  readonly refunds: Total;
  readonly heldBack: Total;
  readonly fees: bigint;
  readonly pages: { entries: number; digest: string }[];
}

/** All that a report says. */
export interface ReportContent extends ReportTotals {
  readonly settlement: Settlement;
  readonly merchantId: string;
  readonly previous: number;
  readonly opening: bigint;
  readonly returned: Total;
  readonly payout: CreatedPayout | null;
}

interface PaymentRow {
  payment_id: string;
  transaction_number: string;
  amount: bigint;
  fee: bigint;
  quote_hash: Buffer;
  paid_at: bigint;
  state: "settled" | "held-back";
}

interface RefundRow {
  order_id: string;
  payment_id: string;
  transaction_number: string;
  amount: bigint;
  refunded_at: bigint;
  by: "merchant" | "operator";
}

const { reportPageEntries } = PROTOCOL_LIMITS;

const PAYMENTS = `
  select payment_id, transaction_number, amount, fee, quote_hash, paid_at, state from merchant_payments
  where merchant_id = $1 and cycle = $2 and (paid_at, payment_id) > ($3::bigint, $4)
  order by paid_at, payment_id limit ${reportPageEntries}`;

const REFUNDS = `
  select order_id, payment_id, transaction_number, amount, refunded_at,
         case when o.order_id is null then 'operator' else 'merchant' end as by
  from refunds r left join (select merchant_id, order_id from refund_orders) o using (merchant_id, order_id)
  where r.merchant_id = $1 and r.cycle = $2 and (refunded_at, payment_id, order_id) > ($3::bigint, $4, $5)
  order by refunded_at, payment_id, order_id limit ${reportPageEntries}`;

/** Writes the pages of a merchant's payments and refunds of a cycle, each by its time, and adds them up. */
export async function writeReportPages(
  tx: Queryable,
  merchantId: string,
  cycle: number,
): Promise<ReportTotals> {
  const totals = { payments: none(), refunds: none(), heldBack: none(), fees: 0n };
  const pages: ReportTotals["pages"] = [];
  let page: ReportEntryInput[] = [];
  const turn = async () => {
    if (page.length === 0) return;
    await tx.query(
      "insert into settlement_report_pages (merchant_id, cycle, page, content) values ($1, $2, $3, $4)",
      [merchantId, cycle, pages.length, fromUtf8(createReportPage(page))],
    );
    pages.push(describeReportPage(page));
    page = [];
  };
  for await (const row of paymentsOf(tx, merchantId, cycle)) {
    add(row.state === "settled" ? totals.payments : totals.heldBack, row.amount);
    totals.fees += row.fee;
    page.push(paymentEntry(row));
    if (page.length === reportPageEntries) await turn();
  }
  for await (const row of refundsOf(tx, merchantId, cycle)) {
    add(totals.refunds, row.amount);
    page.push(refundEntry(row));
    if (page.length === reportPageEntries) await turn();
  }
  await turn();
  return { ...totals, pages };
}

const none = () => ({ count: 0, amount: 0n });

function add(total: { count: number; amount: bigint }, amount: bigint): void {
  total.count += 1;
  total.amount += amount;
}

async function* paymentsOf(tx: Queryable, merchantId: string, cycle: number) {
  for (let last: [bigint, string] = [-1n, ""]; ; ) {
    const rows = await tx.query<PaymentRow>(PAYMENTS, [merchantId, cycle, ...last]);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = [end.paid_at, end.payment_id];
  }
}

async function* refundsOf(tx: Queryable, merchantId: string, cycle: number) {
  for (let last: [bigint, string, string] = [-1n, "", ""]; ; ) {
    const rows = await tx.query<RefundRow>(REFUNDS, [merchantId, cycle, ...last]);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = [end.refunded_at, end.payment_id, end.order_id];
  }
}

function paymentEntry(row: PaymentRow): ReportEntryInput {
  return {
    entry: "payment",
    paymentId: row.payment_id,
    transactionNumber: row.transaction_number,
    amount: amountToWire(row.amount),
    fee: amountToWire(row.fee),
    quoteHash: toBase64url(row.quote_hash),
    paidAt: Number(row.paid_at),
    state: row.state,
  };
}

function refundEntry(row: RefundRow): ReportEntryInput {
  return {
    entry: "refund",
    orderId: row.order_id,
    paymentId: row.payment_id,
    transactionNumber: row.transaction_number,
    amount: amountToWire(row.amount),
    at: Number(row.refunded_at),
    by: row.by,
  };
}

/** Signs and keeps the report of pages that were written. */
export async function writeReport(
  deps: Pick<TpsDeps, "platform">,
  tx: Queryable,
  { issuer, signer }: KeyRing,
  content: ReportContent,
): Promise<void> {
  const { settlement, merchantId, previous, opening, payments, refunds, heldBack } = content;
  const { fees, returned, payout, pages } = content;
  const { cycle, from, until } = settlement;
  const now = deps.platform.nowSeconds();
  const paidOut = payout?.amount ?? 0n;
  const closing = opening + payments.amount - fees - refunds.amount + returned.amount - paidOut;
  const onWire = ({ count, amount }: Total) => ({ count, amount: amountToWire(amount) });
  const document = await createSettlementReport(signer(now), {
    v: 1,
    iss: issuer.origin,
    jti: newIdentifier(deps.platform),
    iat: now,
    merchantId,
    cycle,
    previous,
    from,
    until,
    currency: issuer.currency,
    scale: issuer.scale,
    opening: amountToWire(opening),
    payments: onWire(payments),
    refunds: onWire(refunds),
    fees: amountToWire(fees),
    heldBack: onWire(heldBack),
    returned: onWire(returned),
    payout:
      payout === null ? null : { amount: amountToWire(payout.amount), payoutId: payout.payoutId },
    closing: amountToWire(closing),
    pages,
  });
  await tx.query(
    `insert into settlement_reports (merchant_id, cycle, previous, opening, payments_count, payments, refunds_count,
       refunds, fees, held_count, held, returned_count, returned, payout, closing, document, made_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      merchantId,
      cycle,
      previous,
      opening,
      ...[payments.count, payments.amount, refunds.count, refunds.amount, fees],
      ...[heldBack.count, heldBack.amount, returned.count, returned.amount],
      ...[paidOut, closing, document, now],
    ],
  );
}
