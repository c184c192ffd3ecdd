/** The file of the SQLite store: opened, and brought to this version's schema. */
import { chmodSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parseValue } from "@chit/protocol";
import * as v from "valibot";
import { MerchantError } from "../errors.ts";

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
      "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
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
