/**
 * Signed documents against the rows that they stand in: proofs and denials, devices' signatures, refund orders, reports
 * with their pages. The newest of each, or all. The signatures are what nobody makes up who only writes to the database.
 */
import {
  ChitError,
  checkReportEntries,
  decodeCertificate,
  equalBytes,
  type PaymentClaims,
  readReportPage,
  readVerdict,
  type SettlementReport,
  utf8,
  verifyRefundOrder,
  verifySettlementReport,
} from "@chit/protocol";
import { LIMITS } from "../../limits.ts";
import {
  COLLECTED_COLUMNS,
  COLLECTED_JOINS,
  readCollected,
  reasonToHold,
} from "../verify-payment.ts";
import { type AuditContext, type CheckResult, type Finding, result } from "./check.ts";

const NEWEST = LIMITS.auditSample;
const PORTION = LIMITS.settlementBatch;

/** Rows of a statement with a keyset, `$1` and so on: all of them, in portions, or so many of the newest. */
async function* rowsOf<Row extends object>(
  { tx, all }: AuditContext,
  statement: {
    readonly all: string;
    readonly newest: string;
    readonly key: (row: Row) => unknown[];
  },
  start: readonly unknown[],
): AsyncGenerator<Row> {
  if (!all) {
    yield* await tx.query<Row>(`${statement.newest} limit ${NEWEST}`);
    return;
  }
  for (let last = start; ; ) {
    const rows = await tx.query<Row>(`${statement.all} limit ${PORTION}`, last);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = statement.key(end);
  }
}

interface PaymentRow {
  account_id: string;
  payment_id: string;
  verdict: "proof" | "denial";
  merchant_id: string;
  transaction_number: string;
  amount: bigint;
  currency: string;
  scale: number;
  quote_hash: Buffer;
  document: string;
  paid_at: bigint;
}

const PAYMENTS = `select account_id, payment_id, verdict, merchant_id, transaction_number, amount, currency, scale, quote_hash,
                         document, paid_at from kept_payments`;

/** Proofs and denials verify, and say what their row says. */
export async function checkVerdicts(context: AuditContext): Promise<CheckResult> {
  const findings: Finding[] = [];
  let looked = 0;
  const statement = {
    all: `${PAYMENTS} where (account_id, paid_at, payment_id) > ($1, $2, $3) order by account_id, paid_at, payment_id`,
    newest: `${PAYMENTS} order by paid_at desc, payment_id`,
    key: (row: PaymentRow) => [row.account_id, row.paid_at, row.payment_id],
  };
  for await (const row of rowsOf<PaymentRow>(context, statement, ["", 0, ""])) {
    looked += 1;
    const text = inWords(() => {
      const claims = readVerdict(context.crypto, context.list, row.verdict, row.document);
      return saysSame(claims, row) ? undefined : "says something else than the record";
    });
    if (text !== undefined) {
      findings.push({ subject: `payment ${row.payment_id}`, text: `the ${row.verdict} ${text}` });
    }
  }
  return result("payments: proofs and denials", looked, findings);
}

function saysSame(claims: PaymentClaims, row: PaymentRow): boolean {
  return (
    claims.jti === row.payment_id &&
    claims.iat === Number(row.paid_at) &&
    claims.merchantId === row.merchant_id &&
    claims.transactionNumber === row.transaction_number &&
    claims.amount === row.amount &&
    claims.currency === row.currency &&
    claims.scale === row.scale &&
    equalBytes(claims.quoteHash, row.quote_hash)
  );
}

const COLLECTED = `select ${COLLECTED_COLUMNS}, h.payment_id is not null as held
                   from merchant_payments mp ${COLLECTED_JOINS}
                   left join held_payments h on h.merchant_id = mp.merchant_id and h.payment_id = mp.payment_id`;

/** Carried months were verified before they were carried. */
const KEPT = "mp.paid_at >= (select carried_until from collection)";

/** Devices signed what was collected; what a settlement held back is known not to be so. */
export async function checkSignatures(context: AuditContext): Promise<CheckResult> {
  const findings: Finding[] = [];
  let looked = 0;
  const statement = {
    all: `${COLLECTED} where ${KEPT} and (mp.merchant_id, mp.payment_id) > ($1, $2) order by mp.merchant_id, mp.payment_id`,
    newest: `${COLLECTED} where ${KEPT} order by mp.paid_at desc, mp.payment_id`,
    key: (row: { merchant_id: string; payment_id: string }) => [row.merchant_id, row.payment_id],
  };
  const rows = rowsOf<{ merchant_id: string; payment_id: string; held: boolean }>(
    context,
    statement,
    ["", ""],
  );
  for await (const row of rows) {
    looked += 1;
    if (row.held) continue;
    const reason = await reasonToHold(readCollected(row), context.issuer);
    if (reason !== undefined) {
      findings.push({
        subject: `payment ${row.payment_id}`,
        text: `would be held back: ${reason}`,
      });
    }
  }
  return result("payments: devices' signatures", looked, findings);
}

interface OrderRow {
  merchant_id: string;
  order_id: string;
  transaction_number: string;
  refunded: bigint;
  of_amount: bigint;
  document: string;
}

const ORDERS = `select merchant_id, order_id, transaction_number, refunded, of_amount, document from refund_orders`;

/** Refund orders are signed by a key that the merchant was certified for, and say what their row says. */
export async function checkOrderDocuments(context: AuditContext): Promise<CheckResult> {
  const keys = new Map<string, Uint8Array[]>();
  for (const row of await context.tx.query<{ merchant_id: string; document: string }>(
    // A key that was revoked later signed while it was not.
    "select merchant_id, document from certificates",
  )) {
    const known = keys.get(row.merchant_id) ?? [];
    keys.set(row.merchant_id, [...known, decodeCertificate(row.document).signingKey]);
  }
  const findings: Finding[] = [];
  let looked = 0;
  const statement = {
    all: `${ORDERS} where (merchant_id, order_id) > ($1, $2) order by merchant_id, order_id`,
    newest: `${ORDERS} order by executed_at desc nulls first, order_id`,
    key: (row: OrderRow) => [row.merchant_id, row.order_id],
  };
  for await (const row of rowsOf<OrderRow>(context, statement, ["", ""])) {
    looked += 1;
    const text = inWords(() => orderProblem(context, row, keys.get(row.merchant_id) ?? []));
    if (text !== undefined) findings.push({ subject: `refund order ${row.order_id}`, text });
  }
  return result("refunds: merchants' orders", looked, findings);
}

function orderProblem(
  { crypto, issuer }: AuditContext,
  row: OrderRow,
  keys: readonly Uint8Array[],
): string | undefined {
  for (const key of keys) {
    try {
      const order = verifyRefundOrder(crypto, key, row.document);
      const same =
        order.iss === row.merchant_id &&
        order.aud === issuer.origin &&
        order.jti === row.order_id &&
        order.transactionNumber === row.transaction_number &&
        order.refunded === row.refunded &&
        order.of === row.of_amount;
      return same ? undefined : "says something else than the record";
    } catch (error) {
      if (!(error instanceof ChitError) || error.code !== "signing-key-unknown") throw error;
    }
  }
  return "is signed by a key that the merchant was never certified for";
}

interface ReportRow {
  merchant_id: string;
  cycle: bigint;
  previous: bigint;
  opening: bigint;
  payments_count: bigint;
  payments: bigint;
  refunds_count: bigint;
  refunds: bigint;
  fees: bigint;
  held_count: bigint;
  held: bigint;
  returned_count: bigint;
  returned: bigint;
  payout: bigint;
  closing: bigint;
  document: string;
}

const REPORTS = `select merchant_id, cycle, previous, opening, payments_count, payments, refunds_count, refunds, fees, held_count,
                        held, returned_count, returned, payout, closing, document from settlement_reports`;

/** Reports verify, say what their row says, and their pages are the signed ones and make the totals. */
export async function checkReportDocuments(context: AuditContext): Promise<CheckResult> {
  const findings: Finding[] = [];
  let looked = 0;
  const statement = {
    all: `${REPORTS} where (merchant_id, cycle) > ($1, $2::bigint) order by merchant_id, cycle`,
    newest: `${REPORTS} order by cycle desc, merchant_id`,
    key: (row: ReportRow) => [row.merchant_id, row.cycle],
  };
  for await (const row of rowsOf<ReportRow>(context, statement, ["", 0])) {
    looked += 1;
    const pages = await context.tx.query<{ content: string }>(
      "select content from settlement_report_pages where merchant_id = $1 and cycle = $2 order by page",
      [row.merchant_id, row.cycle],
    );
    const text = inWords(() => {
      const report = verifySettlementReport(context.crypto, context.list, row.document);
      if (!isOfRow(report, row)) return "says something else than the record";
      if (report.pages.length !== pages.length)
        return `has ${report.pages.length} pages, ${pages.length} are kept`;
      const entries = pages.flatMap(({ content }, page) =>
        readReportPage(report, page, utf8(content)),
      );
      checkReportEntries(report, entries);
      return undefined;
    });
    if (text !== undefined) {
      findings.push({ subject: `report ${row.cycle} of merchant ${row.merchant_id}`, text });
    }
  }
  return result("reports: documents and pages", looked, findings);
}

function isOfRow(report: SettlementReport, row: ReportRow): boolean {
  return (
    report.merchantId === row.merchant_id &&
    report.cycle === Number(row.cycle) &&
    report.previous === Number(row.previous) &&
    report.opening === row.opening &&
    isTotal(report.payments, row.payments_count, row.payments) &&
    isTotal(report.refunds, row.refunds_count, row.refunds) &&
    report.fees === row.fees &&
    isTotal(report.heldBack, row.held_count, row.held) &&
    isTotal(report.returned, row.returned_count, row.returned) &&
    (report.payout?.amount ?? 0n) === row.payout &&
    report.closing === row.closing
  );
}

function isTotal(total: SettlementReport["payments"], count: bigint, amount: bigint): boolean {
  return total.count === Number(count) && total.amount === amount;
}

/** What a look at a document found, an error of its verification included. */
function inWords(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof ChitError) return `does not verify: ${error.message}`;
    throw error;
  }
}
