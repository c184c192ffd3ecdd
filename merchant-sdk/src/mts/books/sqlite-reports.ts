/** Settlement reports in the SQLite store's file, and what of sales and reports does not meet. */
import { decodeSettlementReport, parseValue, type ReportEntry } from "@chit/protocol";
import { paymentsOf, type SaleRecord } from "../sale.ts";
import type { Sqlite } from "../sqlite-database.ts";
import { priceOf } from "../subject.ts";
import type { Books, EntryFilter } from "./books.ts";
import { encodeEntry, metSchema, paymentSchema, readEntry, reportSchema } from "./rows.ts";

export type ReportBooks = Pick<
  Books,
  | "addEntries"
  | "addReport"
  | "reports"
  | "report"
  | "entries"
  | "unsettledPayments"
  | "unclaimedSales"
> & {
  /** Notes the payments of a sale that is being written, within its transaction. */
  notePayments(sale: SaleRecord): void;
};

/** A sale whose digital goods were never all sent; an index has the same words. */
const UNCLAIMED = "state = 'paid' AND coalesce(json_array_length(record, '$.advice.goods'), 1) > 0";

/** @param readSale reads a row with the column `record` */
export function sqliteReports(
  { run, all, atomically }: Sqlite,
  readSale: (row: unknown) => SaleRecord,
): ReportBooks {
  const readReport = (row: unknown) =>
    decodeSettlementReport(parseValue(reportSchema, row).document);

  /** An entry is compared with the payment of its name, where there is one. */
  const addEntry = (cycle: number, place: number, entry: ReportEntry) => {
    const { transactionNumber, paymentId, amount } = entry;
    const isRefund = entry.entry === "refund";
    const [kind, orderId] = isRefund ? ["refund", entry.orderId] : [entry.state, null];
    const [row] = all(
      `SELECT CASE WHEN transaction_number = ? AND amount = ? THEN 'met' ELSE 'differing' END AS met
       FROM payments WHERE payment_id = ?`,
      ...[transactionNumber, amount, paymentId],
    );
    const known = row === undefined ? "unproven" : parseValue(metSchema, row).met;
    run(
      `INSERT INTO report_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (cycle, place) DO NOTHING`,
      ...[cycle, place, kind, transactionNumber, paymentId, orderId, amount],
      ...[isRefund ? "met" : known, encodeEntry(entry)],
    );
  };

  /** What a report settles, gives back or releases is settled, given back and released from now on. */
  const meet = (cycle: number) => {
    const inReport = (column: string, kinds: string) =>
      `${column} IN (SELECT ${column} FROM report_entries WHERE cycle = ? AND kind IN (${kinds}))`;
    run(
      `UPDATE payments SET cycle = ?
       WHERE cycle IS NULL AND ${inReport("payment_id", "'settled', 'held-back'")}`,
      ...[cycle, cycle],
    );
    run(
      `UPDATE refund_orders SET cycle = ? WHERE ${inReport("order_id", "'refund'")}`,
      ...[cycle, cycle],
    );
    run(
      `UPDATE report_entries SET kind = 'released'
       WHERE kind = 'held-back' AND cycle < ? AND ${inReport("payment_id", "'settled'")}`,
      ...[cycle, cycle],
    );
    run(
      `UPDATE report_entries AS entry SET met = 'met'
       WHERE met <> 'met' AND ${inReport("payment_id", "'refund'")} AND amount <= (
         SELECT sum(amount) FROM report_entries
         WHERE kind = 'refund' AND payment_id = entry.payment_id AND cycle <= ?)`,
      ...[cycle, cycle],
    );
  };

  return {
    notePayments(sale) {
      for (const { jti, at } of paymentsOf(sale)) {
        const { transactionNumber } = sale;
        const amount = priceOf(sale);
        const { changes } = run(
          `INSERT INTO payments VALUES (?, ?, ?, ?, (
             SELECT min(cycle) FROM report_entries WHERE payment_id = ? AND kind <> 'refund'
             AND cycle <= (SELECT max(cycle) FROM reports)))
           ON CONFLICT (payment_id) DO NOTHING`,
          ...[jti, transactionNumber, amount, at, jti],
        );
        if (changes === 0) continue;
        run(
          `UPDATE report_entries SET met = CASE WHEN transaction_number = ? AND amount = ?
             THEN 'met' ELSE 'differing' END WHERE payment_id = ? AND met = 'unproven'`,
          ...[transactionNumber, amount, jti],
        );
      }
    },
    async addEntries(cycle, first, entries) {
      atomically(() => {
        for (const [index, entry] of entries.entries()) addEntry(cycle, first + index, entry);
      });
    },
    async addReport(document) {
      const { cycle } = decodeSettlementReport(document);
      atomically(() => {
        const insert = "INSERT INTO reports VALUES (?, ?) ON CONFLICT (cycle) DO NOTHING";
        if (run(insert, cycle, document).changes !== 0) meet(cycle);
      });
    },
    async reports({ before = Number.MAX_SAFE_INTEGER, limit }) {
      const sql = "SELECT document FROM reports WHERE cycle < ? ORDER BY cycle DESC LIMIT ?";
      return all(sql, before, limit).map(readReport);
    },
    async report(cycle) {
      return all("SELECT document FROM reports WHERE cycle = ?", cycle).map(readReport)[0];
    },
    async entries(filter, after, limit) {
      const { where, values } = whereOf(filter);
      return all(
        `SELECT cycle, place, record FROM report_entries WHERE ${where} AND (cycle, place) > (?, ?)
         AND cycle <= (SELECT coalesce(max(cycle), 0) FROM reports) ORDER BY cycle, place LIMIT ?`,
        ...[...values, after?.cycle ?? 0, after?.index ?? -1, limit],
      ).map(readEntry);
    },
    async unsettledPayments(before, after, limit) {
      return all(
        `SELECT payment_id AS paymentId, transaction_number AS transactionNumber, at FROM payments
         WHERE cycle IS NULL AND at < ? AND (at, payment_id) > (?, ?) ORDER BY at, payment_id LIMIT ?`,
        ...[before, after?.at ?? -1, after?.id ?? "", limit],
      ).map((row) => parseValue(paymentSchema, row));
    },
    async unclaimedSales(issuedBefore, after, limit) {
      return all(
        `SELECT record FROM sales WHERE ${UNCLAIMED} AND issued_at < ?
         AND (issued_at, transaction_number) < (?, ?)
         ORDER BY issued_at DESC, transaction_number DESC LIMIT ?`,
        ...[issuedBefore, after?.issuedAt ?? Number.MAX_SAFE_INTEGER],
        ...[after?.transactionNumber ?? "", limit],
      ).map(readSale);
    },
  };
}

function whereOf(filter: EntryFilter): { where: string; values: (string | number)[] } {
  switch (filter.kind) {
    case "all":
      return { where: "cycle = ?", values: [filter.cycle] };
    case "of-number":
      return { where: "transaction_number = ?", values: [filter.transactionNumber] };
    case "unproven":
      return { where: "met = 'unproven' AND kind = 'settled'", values: [] };
    case "differing":
      return { where: "met = 'differing'", values: [] };
    case "held-back":
      return { where: "kind = 'held-back'", values: [] };
  }
}
