/** Refund orders and their batches in the SQLite store's file. */
import { parseValue } from "@chit/protocol";
import type { Sqlite } from "../sqlite-database.ts";
import type { Books } from "./books.ts";
import { BATCH_COLUMNS, batchSchema, ORDER_COLUMNS, readOrder } from "./rows.ts";

export type BatchBooks = Pick<
  Books,
  | "waitingOrders"
  | "addBatch"
  | "batches"
  | "batch"
  | "batchOrders"
  | "batchSent"
  | "batchAnswered"
  | "batchDone"
  | "batchRejected"
  | "releaseOrders"
  | "recentOrders"
  | "openOrders"
>;

/** An order that needs a look; an index has the same words. */
const OPEN_ORDER = "(outcome IS NULL OR outcome = 'refused' OR (given <> '0' AND cycle IS NULL))";
const UNANSWERED = "state IN ('made', 'sent')";

export function sqliteBatches({ run, all, atomically }: Sqlite): BatchBooks {
  const isWaiting = (orderId: string) =>
    all("SELECT 1 FROM refund_orders WHERE order_id = ? AND batch_id IS NULL", orderId).length > 0;

  return {
    async waitingOrders(limit) {
      const sql = `SELECT ${ORDER_COLUMNS} FROM refund_orders WHERE batch_id IS NULL
        ORDER BY at, order_id LIMIT ?`;
      return all(sql, limit).map(readOrder);
    },
    async addBatch({ batchId, document, at, orders, state, result, problem }, orderIds) {
      return atomically(() => {
        if (!orderIds.every(isWaiting)) return false;
        const insert = "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)";
        run(insert, batchId, document, at, orders, state, result, problem);
        for (const orderId of orderIds) {
          run("UPDATE refund_orders SET batch_id = ? WHERE order_id = ?", batchId, orderId);
        }
        return true;
      });
    },
    async batches({ states, before, limit }) {
      const places = states?.map(() => "?").join(", ");
      return all(
        `SELECT ${BATCH_COLUMNS} FROM batches WHERE (at, batch_id) < (?, ?)
         ${places === undefined ? "" : `AND state IN (${places})`}
         ORDER BY at DESC, batch_id DESC LIMIT ?`,
        before?.at ?? Number.MAX_SAFE_INTEGER,
        before?.id ?? "",
        ...(states ?? []),
        limit,
      ).map((row) => parseValue(batchSchema, row));
    },
    async batch(batchId) {
      const [row] = all(`SELECT ${BATCH_COLUMNS} FROM batches WHERE batch_id = ?`, batchId);
      return row === undefined ? undefined : parseValue(batchSchema, row);
    },
    async batchOrders(batchId) {
      const sql = `SELECT ${ORDER_COLUMNS} FROM refund_orders WHERE batch_id = ? ORDER BY at, order_id`;
      return all(sql, batchId).map(readOrder);
    },
    async batchSent(batchId) {
      run("UPDATE batches SET state = 'sent' WHERE batch_id = ? AND state = 'made'", batchId);
    },
    async batchAnswered(batchId, document, { orders, iat }) {
      atomically(() => {
        const keep = `UPDATE batches SET state = 'answered', result = ? WHERE batch_id = ? AND ${UNANSWERED}`;
        if (run(keep, document, batchId).changes === 0) return;
        const note = `UPDATE refund_orders SET outcome = ?, reason = ?, payments = ?, given = ?,
          outcome_at = ? WHERE order_id = ? AND batch_id = ?`;
        for (const { outcome, reason, payments, given, orderId } of orders) {
          run(note, outcome, reason, payments, `${given}`, iat, orderId, batchId);
        }
      });
    },
    async batchDone(batchId) {
      run("UPDATE batches SET state = 'done' WHERE batch_id = ? AND state = 'answered'", batchId);
    },
    async batchRejected(batchId, problem) {
      const sql = `UPDATE batches SET state = 'rejected', problem = ? WHERE batch_id = ? AND ${UNANSWERED}`;
      run(sql, problem, batchId);
    },
    async releaseOrders(batchId) {
      const sql = `UPDATE refund_orders SET batch_id = NULL
        WHERE batch_id = (SELECT batch_id FROM batches WHERE batch_id = ? AND state = 'rejected')`;
      return Number(run(sql, batchId).changes);
    },
    async recentOrders(before, limit) {
      const sql = `SELECT ${ORDER_COLUMNS} FROM refund_orders WHERE (at, order_id) < (?, ?)
        ORDER BY at DESC, order_id DESC LIMIT ?`;
      return all(sql, before?.at ?? Number.MAX_SAFE_INTEGER, before?.id ?? "", limit).map(
        readOrder,
      );
    },
    async openOrders(after, limit) {
      return all(
        `SELECT ${ORDER_COLUMNS} FROM refund_orders WHERE ${OPEN_ORDER} AND (at, order_id) > (?, ?)
         ORDER BY at, order_id LIMIT ?`,
        after?.at ?? -1,
        after?.id ?? "",
        limit,
      ).map(readOrder);
    },
  };
}
