/** The file of the SQLite store: opened, and brought to this version's schema. */
import { chmodSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parseValue } from "@chit/protocol";
import * as v from "valibot";
import { MerchantError } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";

/** Each entry takes the file from the version of its index to the next. Never changed, only added to. */
const MIGRATIONS = [
  `CREATE TABLE sales (
     transaction_number TEXT PRIMARY KEY,
     state TEXT NOT NULL,
     issued_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     payments INTEGER NOT NULL,
     record TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX sales_by_state ON sales (state, issued_at);
   CREATE INDEX sales_paid_twice ON sales (issued_at) WHERE payments > 1;
   CREATE TABLE events (
     id TEXT PRIMARY KEY,
     type TEXT NOT NULL,
     transaction_number TEXT NOT NULL,
     at INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     due_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX events_due ON events (due_at);
   CREATE TABLE key_lists (
     issuer TEXT PRIMARY KEY,
     sequence INTEGER NOT NULL,
     document TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // Amounts as text: they go beyond what a number holds exactly.
  `CREATE TABLE refund_orders (
     order_id TEXT PRIMARY KEY,
     transaction_number TEXT NOT NULL,
     refunded TEXT NOT NULL,
     of_amount TEXT NOT NULL,
     document TEXT NOT NULL,
     at INTEGER NOT NULL,
     batch_id TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX refund_orders_of_sale ON refund_orders (transaction_number, at);
   CREATE INDEX refund_orders_waiting ON refund_orders (at) WHERE batch_id IS NULL;`,
  // `amount` beside a record is there to be compared; it is read from the record.
  `ALTER TABLE refund_orders ADD COLUMN outcome TEXT;
   ALTER TABLE refund_orders ADD COLUMN reason TEXT;
   ALTER TABLE refund_orders ADD COLUMN payments INTEGER;
   ALTER TABLE refund_orders ADD COLUMN given TEXT;
   ALTER TABLE refund_orders ADD COLUMN outcome_at INTEGER;
   ALTER TABLE refund_orders ADD COLUMN cycle INTEGER;
   CREATE INDEX refund_orders_by_time ON refund_orders (at, order_id);
   CREATE INDEX refund_orders_of_batch ON refund_orders (batch_id, at);
   CREATE INDEX refund_orders_open ON refund_orders (at, order_id)
     WHERE (outcome IS NULL OR outcome = 'refused' OR (given <> '0' AND cycle IS NULL));
   CREATE TABLE batches (
     batch_id TEXT PRIMARY KEY,
     document TEXT NOT NULL,
     at INTEGER NOT NULL,
     orders INTEGER NOT NULL,
     state TEXT NOT NULL,
     result TEXT,
     problem TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX batches_by_time ON batches (at, batch_id);
   CREATE TABLE reports (cycle INTEGER PRIMARY KEY, document TEXT NOT NULL) STRICT;
   CREATE TABLE report_entries (
     cycle INTEGER NOT NULL,
     place INTEGER NOT NULL,
     kind TEXT NOT NULL,
     transaction_number TEXT NOT NULL,
     payment_id TEXT NOT NULL,
     order_id TEXT,
     amount INTEGER NOT NULL,
     met TEXT NOT NULL,
     record TEXT NOT NULL,
     PRIMARY KEY (cycle, place)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX report_entries_of_sale ON report_entries (transaction_number);
   CREATE INDEX report_entries_of_payment ON report_entries (payment_id);
   CREATE INDEX report_entries_unmet ON report_entries (met, cycle, place) WHERE met <> 'met';
   CREATE INDEX report_entries_held_back ON report_entries (cycle, place) WHERE kind = 'held-back';
   CREATE TABLE payments (
     payment_id TEXT PRIMARY KEY,
     transaction_number TEXT NOT NULL,
     amount INTEGER NOT NULL,
     at INTEGER NOT NULL,
     cycle INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX payments_unsettled ON payments (at, payment_id) WHERE cycle IS NULL;
   INSERT INTO payments
     SELECT json_extract(payment.value, '$.jti'), transaction_number,
       CAST(json_extract(json_extract(record, '$.quote'), '$.amount') AS INTEGER),
       json_extract(payment.value, '$.at'), NULL
     FROM sales, json_each(record, '$.payments') AS payment;
   CREATE INDEX sales_unclaimed ON sales (issued_at, transaction_number)
     WHERE state = 'paid' AND coalesce(json_array_length(record, '$.advice.goods'), 1) > 0;
   CREATE INDEX sales_by_time ON sales (issued_at, transaction_number);
   CREATE INDEX sales_refund_asked ON sales (issued_at, transaction_number)
     WHERE json_extract(record, '$.refund.decision') = 'asked';
   ALTER TABLE sales ADD COLUMN reference TEXT AS (json_extract(record, '$.reference')) VIRTUAL;
   CREATE INDEX sales_by_reference ON sales (reference) WHERE reference IS NOT NULL;`,
] as const;

const versionSchema = v.object({ user_version: v.number() });
/**
 * Opens the file, makes it when there is none (readable for its owner alone: it holds addresses and session
 * keys), and brings it to this version's schema.
 *
 * @throws {MerchantError} `store-unusable`
 */
export function openSqlite(path: string): DatabaseSync {
  try {
    const fresh = path !== ":memory:" && !existsSync(path);
    const database = new DatabaseSync(path);
    if (fresh) chmodSync(path, 0o600);
    database.exec(
      `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
       PRAGMA cache_size = -${MERCHANT_LIMITS.storeCacheKib}`,
    );
    migrate(database, path);
    return database;
  } catch (cause) {
    if (cause instanceof MerchantError) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new MerchantError(
      "store-unusable",
      `The store ${path} cannot be opened: ${problem}. Check that its directory exists and can be written.`,
      { cause },
    );
  }
}

function migrate(database: DatabaseSync, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  const row = { ...database.prepare("PRAGMA user_version").get() };
  const version = parseValue(versionSchema, row).user_version;
  if (version > MIGRATIONS.length) {
    database.exec("ROLLBACK");
    throw new MerchantError(
      "store-unusable",
      `The store ${path} was written by a newer version of @chit/merchant. Update this one.`,
    );
  }
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  database.exec("COMMIT");
}
