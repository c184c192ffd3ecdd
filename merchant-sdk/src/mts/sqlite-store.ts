/**
 * A {@link Store} in one SQLite file, through `node:sqlite`: the default. Write-ahead log with full
 * synchronisation, so that what was answered survives a power cut; several processes may share the file.
 */
import type { SQLInputValue } from "node:sqlite";
import { amount, identifier, message, parseValue, time } from "@chit/protocol";
import * as v from "valibot";
import { MERCHANT_LIMITS } from "../limits.ts";
import { systemPlatform } from "../platform.ts";
import { Recent } from "../recent.ts";
import { sqliteBatches } from "./books/sqlite-batches.ts";
import { sqliteReports } from "./books/sqlite-reports.ts";
import { NEWS_TYPES, paymentsOf, type SaleRecord } from "./sale.ts";
import { sqliteOf } from "./sqlite-database.ts";
import { openSqlite } from "./sqlite-file.ts";
import { type Change, decodeSale, encodeSale, type SaleFilter, type Store } from "./store.ts";

const recordSchema = message({ record: v.string() });
const documentSchema = message({ document: v.string() });
const orderSchema = message({
  orderId: identifier,
  transactionNumber: identifier,
  refunded: amount,
  of: amount,
  document: v.string(),
  at: time,
  batchId: v.nullable(v.string()),
});
const eventSchema = message({
  id: v.string(),
  type: v.picklist(NEWS_TYPES),
  transactionNumber: identifier,
  at: v.number(),
  attempts: v.number(),
});

/**
 * Opens the file, makes it when there is none, and brings it to this version's schema.
 *
 * @throws {MerchantError} `store-unusable`
 */
export function sqliteStore(path: string): Store {
  const database = sqliteOf(openSqlite(path), systemPlatform.soon);
  const { run, all, together } = database;
  const readRecord = (row: unknown) => decodeSale(parseValue(recordSchema, row).record);
  const { notePayments, ...reportBooks } = sqliteReports(database, readRecord);

  /** Records as they were read or written last, by number. A record counts only where the file has the same text. */
  const recent = new Recent<string, { readonly text: string; readonly sale: SaleRecord }>(
    MERCHANT_LIMITS.recentSales,
  );
  const read = (transactionNumber: string): SaleRecord | undefined => {
    const sql = "SELECT record FROM sales WHERE transaction_number = ?";
    const [row] = all(sql, transactionNumber);
    if (row === undefined) return undefined;
    const { record: text } = parseValue(recordSchema, row);
    const known = recent.get(transactionNumber);
    if (known?.text === text) return known.sale;
    const sale = decodeSale(text);
    recent.set(transactionNumber, { text, sale });
    return sale;
  };
  const encode = (sale: SaleRecord): string => {
    const text = encodeSale(sale);
    recent.set(sale.transactionNumber, { text, sale });
    return text;
  };
  const addEvents = ({ events }: Change) => {
    const sql = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
    for (const { id, type, transactionNumber, at, attempts } of events) {
      run(sql, id, type, transactionNumber, at, attempts, at);
    }
  };
  const addOrders = ({ orders }: Change) => {
    const sql = `INSERT INTO refund_orders
      (order_id, transaction_number, refunded, of_amount, document, at, batch_id)
      VALUES (?, ?, ?, ?, ?, ?, ?)`;
    for (const { orderId, transactionNumber, refunded, of, document, at, batchId } of orders) {
      run(sql, orderId, transactionNumber, `${refunded}`, `${of}`, document, at, batchId);
    }
  };

  return {
    ...sqliteBatches(database),
    ...reportBooks,
    async insert(change) {
      const { sale } = change;
      await together(() => {
        run(
          "INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?)",
          sale.transactionNumber,
          sale.state,
          sale.issuedAt,
          sale.expiresAt,
          paymentsOf(sale).length,
          encode(sale),
        );
        notePayments(sale);
        addEvents(change);
        addOrders(change);
      });
    },
    async find(transactionNumber) {
      return read(transactionNumber);
    },
    async update(transactionNumber, change) {
      return together(() => {
        const before = read(transactionNumber);
        if (before === undefined) return undefined;
        const changed = change(before);
        const { sale } = changed;
        if (sale !== before) {
          run(
            "UPDATE sales SET state = ?, payments = ?, record = ? WHERE transaction_number = ?",
            sale.state,
            paymentsOf(sale).length,
            encode(sale),
            transactionNumber,
          );
          notePayments(sale);
        }
        addEvents(changed);
        addOrders(changed);
        return sale;
      });
    },
    async list(filter) {
      const { where, values } = whereOf(filter);
      const sql = `SELECT record FROM sales WHERE ${where.join(" AND ")}
        ORDER BY issued_at DESC, transaction_number DESC LIMIT ?`;
      return all(sql, ...values, filter.limit ?? MERCHANT_LIMITS.listing).map(readRecord);
    },
    async prune(expiredBefore) {
      const sql = "DELETE FROM sales WHERE state = 'quoted' AND expires_at < ?";
      return Number(run(sql, expiredBefore).changes);
    },
    async orders(transactionNumber) {
      return all(
        `SELECT order_id AS orderId, transaction_number AS transactionNumber, refunded,
           of_amount AS "of", document, at, batch_id AS batchId
         FROM refund_orders WHERE transaction_number = ? ORDER BY at, order_id`,
        transactionNumber,
      ).map((row) => parseValue(orderSchema, row));
    },
    async claimEvents(now, leaseUntil, limit) {
      if (all("SELECT 1 FROM events WHERE due_at <= ? LIMIT 1", now).length === 0) return [];
      return together(() => {
        const events = all(
          `SELECT id, type, transaction_number AS transactionNumber, at, attempts
           FROM events WHERE due_at <= ? ORDER BY due_at LIMIT ?`,
          now,
          limit,
        ).map((row) => parseValue(eventSchema, row));
        const lease = "UPDATE events SET attempts = attempts + 1, due_at = ? WHERE id = ?";
        for (const { id } of events) run(lease, leaseUntil, id);
        return events;
      });
    },
    async finishEvent(id) {
      await together(() => run("DELETE FROM events WHERE id = ?", id));
    },
    async postponeEvent(id, dueAt) {
      await together(() => run("UPDATE events SET due_at = ? WHERE id = ?", dueAt, id));
    },
    async keyList(issuer) {
      const [row] = all("SELECT document FROM key_lists WHERE issuer = ?", issuer);
      return row === undefined ? undefined : parseValue(documentSchema, row).document;
    },
    async saveKeyList(issuer, sequence, document) {
      run(
        `INSERT INTO key_lists VALUES (?, ?, ?) ON CONFLICT (issuer) DO UPDATE
         SET sequence = excluded.sequence, document = excluded.document
         WHERE key_lists.sequence <= excluded.sequence`,
        issuer,
        sequence,
        document,
      );
    },
    async close() {
      database.close();
    },
  };
}

/** The conditions of a filter, in the words of the indexes. */
function whereOf({ states, paidTwice, refundAsked, search, issuedBefore, before }: SaleFilter): {
  where: string[];
  values: SQLInputValue[];
} {
  const where = ["issued_at < ?"];
  const values: SQLInputValue[] = [issuedBefore ?? Number.MAX_SAFE_INTEGER];
  const also = (condition: string, ...more: SQLInputValue[]) => {
    where.push(condition);
    values.push(...more);
  };
  if (states !== undefined) also(`state IN (${states.map(() => "?").join(", ")})`, ...states);
  if (paidTwice === true) also("payments > 1");
  if (refundAsked === true) also("json_extract(record, '$.refund.decision') = 'asked'");
  if (search !== undefined) also("(transaction_number = ? OR reference = ?)", search, search);
  if (before !== undefined) {
    also("(issued_at, transaction_number) < (?, ?)", before.issuedAt, before.transactionNumber);
  }
  return { where, values };
}
