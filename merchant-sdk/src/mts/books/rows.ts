/** Rows of the books as the SQLite store keeps them, and entries of reports as text. */
import {
  amount,
  identifier,
  message,
  ORDER_REFUSALS,
  parseValue,
  type ReportEntry,
  reportEntrySchema,
  time,
  toBase64url,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { BATCH_STATES, type BookedEntry, type BookedOrder } from "./books.ts";

/** Columns of an order as {@link readOrder} wants them. */
export const ORDER_COLUMNS = `order_id AS orderId, transaction_number AS transactionNumber, refunded,
  of_amount AS "of", document, at, batch_id AS batchId, outcome, reason, payments, given,
  outcome_at AS outcomeAt`;

const orderSchema = message({
  orderId: identifier,
  transactionNumber: identifier,
  refunded: amount,
  of: amount,
  document: v.string(),
  at: time,
  batchId: v.nullable(identifier),
  outcome: v.nullable(v.picklist(["executed", "refused"])),
  reason: v.nullable(v.picklist(ORDER_REFUSALS)),
  payments: v.nullable(whole(0, Number.MAX_SAFE_INTEGER)),
  given: v.nullable(amount),
  outcomeAt: v.nullable(time),
});

/** A row with {@link ORDER_COLUMNS}. */
export function readOrder(row: unknown): BookedOrder {
  const { outcome, reason, payments, given, outcomeAt, ...order } = parseValue(orderSchema, row);
  if (outcome === null) return { ...order, outcome };
  const at = outcomeAt ?? order.at;
  return {
    ...order,
    outcome: { outcome, reason, payments: payments ?? 0, given: given ?? 0n, at },
  };
}

/** Columns of a batch as {@link batchSchema} wants them. */
export const BATCH_COLUMNS = "batch_id AS batchId, document, at, orders, state, result, problem";

export const batchSchema = message({
  batchId: identifier,
  document: v.string(),
  at: time,
  orders: whole(0, Number.MAX_SAFE_INTEGER),
  state: v.picklist(BATCH_STATES),
  result: v.nullable(v.string()),
  problem: v.nullable(v.string()),
});

const entryRowSchema = message({
  cycle: whole(1, Number.MAX_SAFE_INTEGER),
  place: whole(0, Number.MAX_SAFE_INTEGER),
  record: v.string(),
});

/** A row of `cycle`, `place` and `record`. */
export function readEntry(row: unknown): BookedEntry {
  const { cycle, place, record } = parseValue(entryRowSchema, row);
  return { cycle, index: place, entry: decodeEntry(record) };
}

/** An entry as it travelled. */
export function encodeEntry(entry: ReportEntry): string {
  return JSON.stringify(entry, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    return value instanceof Uint8Array ? toBase64url(value) : value;
  });
}

/** Reads {@link encodeEntry}'s text. */
export function decodeEntry(text: string): ReportEntry {
  return parseValue(reportEntrySchema, JSON.parse(text));
}

export const paymentSchema = message({
  paymentId: identifier,
  transactionNumber: identifier,
  at: time,
});
export const reportSchema = message({ document: v.string() });
/** Whether an entry's payment is known, and says the same. */
export const metSchema = message({ met: v.picklist(["met", "differing"]) });
