/**
 * What becomes of each table where accounts are on several servers. Every table of the schema is in one of these lists;
 * a test asks whoever adds one to decide.
 */

/**
 * Tables by account: `account_id` says in which place a row is, and every unique key contains it. In this order, in which
 * a row's account comes before the row.
 */
export const BY_ACCOUNT = [
  "accounts",
  "devices",
  "refused_requests",
  "payments",
  "fundings",
  "refunds",
  "account_statements",
] as const;

/** Tables of which every place has a copy, with their primary keys: few rows, read with payments and seldom changed. */
export const COPIED = [
  ["merchants", "merchant_id"],
  ["certificates", "serial"],
  ["pin_keys", "key_id"],
] as const;

/** Tables that stay whole, in the main database. None of them is read or written on the payment path. */
export const WHOLE = [
  // The operator: the TPS itself, its keys and what was done.
  "issuer",
  "keys",
  "forgotten_sealing_keys",
  "pin_key_holders",
  "operator_log",
  "device_log",
  "chores",
  "audits",
  "schema_migrations",
  "account_places",
  "place_marker",
  // Ways to an account that are no account id: each is unique over all accounts.
  "telephone_access",
  "activations",
  "funding_references",
  "bank_entries",
  // The telephone service.
  "vru_calls",
  "vru_failures",
  "vru_caller_failures",
  "vru_log",
  "cases",
  "alarms",
  // By merchant, filled apart from payments.
  "merchant_applications",
  "merchant_accounts",
  "merchant_payments",
  "collection",
  // What payments of old months add up to, once they are carried.
  "carried_partitions",
  "carried_payments",
  "carried_ends",
  "batches",
  "refund_orders",
  "settlements",
  "settlement_settings",
  "settlement_reports",
  "settlement_report_pages",
  "fee_rates",
  "held_payments",
  "payout_accounts",
  "payout_files",
  "payouts",
  // The log of payments.
  "log_entries",
  "log_nodes",
  "log_checkpoints",
] as const;
