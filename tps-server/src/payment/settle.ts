/** Writing what was judged, for a whole batch at once, inside of the transaction that judged it. */
import type { OpenedRequest } from "@chit/protocol";
import type { SealedValue } from "../keys/vault.ts";
import { binaryColumn, type Element, type ElementType } from "../store/binary-array.ts";
import type { PreparedStatement, Queryable } from "../store/database.ts";

/** An authenticated transaction to write down. */
interface Advance {
  readonly kind: "advance";
  readonly request: OpenedRequest;
  readonly verdict: "proof" | "denial";
  readonly denialReason: string | null;
  readonly paymentId: string;
  /** The proof or denial. */
  readonly document: string;
  /** The balance afterwards. */
  readonly balance: bigint;
  /** The modified PIN with both components added. */
  readonly modifiedPin: SealedValue;
  readonly reply: Uint8Array;
}

/** A wrong PIN to count; the one that locks makes the TPS forget the PIN. */
interface WrongPin {
  readonly kind: "wrong-pin";
  readonly request: OpenedRequest;
  /** In a row, this one included. */
  readonly failures: number;
  readonly locked: boolean;
  readonly reply: Uint8Array;
}

/** What one request changes. */
export type Change = Advance | WrongPin;

/** Name, type and value of a column that is written. */
type Column = readonly [string, ElementType, (advance: Advance, now: number) => Element];

/** A payment's columns, in the order of the statement's parameters. */
const COLUMNS: readonly Column[] = [
  ["account_id", "text", ({ request }) => request.payer.accountId],
  ["device_id", "text", ({ request }) => request.payer.deviceId],
  ["payment_id", "text", ({ paymentId }) => paymentId],
  ["count", "bigint", ({ request }) => request.payer.count],
  ["pin_generation", "bigint", ({ request }) => request.payer.pinGeneration],
  ["verdict", "text", ({ verdict }) => verdict],
  ["denial_reason", "text", ({ denialReason }) => denialReason],
  ["merchant_id", "text", ({ request }) => request.order.merchantId],
  ["transaction_number", "text", ({ request }) => request.order.transactionNumber],
  ["amount", "bigint", ({ request }) => request.order.amount],
  ["currency", "text", ({ request }) => request.order.currency],
  ["scale", "smallint", ({ request }) => request.order.scale],
  ["quote_hash", "bytea", ({ request }) => request.order.quoteHash],
  ["document", "text", ({ document }) => document],
  ["request_hash", "bytea", ({ request }) => request.requestHash],
  ["plain", "bytea", ({ request }) => request.sealed.plain],
  ["component", "bytea", ({ request }) => request.component],
  ["device_signature", "bytea", ({ request }) => request.signature],
  ["balance_after", "bigint", ({ balance }) => balance],
  ["paid_at", "bigint", (_advance, now) => now],
];

/** What the device's row gets besides. */
const DEVICE_COLUMNS: readonly Column[] = [
  ["modified_pin", "bytea", ({ modifiedPin }) => modifiedPin.sealed],
  ["modified_pin_key_id", "text", ({ modifiedPin }) => modifiedPin.keyId],
  ["reply", "bytea", ({ reply }) => reply],
];

const ALL_COLUMNS = [...COLUMNS, ...DEVICE_COLUMNS];
const names = (columns: readonly Column[]) => columns.map(([name]) => name).join(", ");
const arrays = ALL_COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(", ");

const WRITE_ADVANCES: PreparedStatement = {
  name: "advances-write",
  text: `with advance as (
           select * from unnest(${arrays}) as r (${names(ALL_COLUMNS)})
         ), debit as (
           update accounts a set balance = r.balance_after
           from advance r where a.account_id = r.account_id and a.balance <> r.balance_after
         ), device as (
           update devices d
           set count = r.count + 1, modified_pin = r.modified_pin, modified_pin_key_id = r.modified_pin_key_id,
               failures = 0, last_request_hash = r.request_hash, last_reply = r.reply,
               last_paid_at = r.paid_at
           from advance r where d.account_id = r.account_id and d.device_id = r.device_id
         ), forgotten as (
           delete from refused_requests f
           using advance r where f.account_id = r.account_id and f.device_id = r.device_id
         )
         insert into payments (${names(COLUMNS)}) select ${names(COLUMNS)} from advance`,
};

const WRITE_WRONG_PINS: PreparedStatement = {
  name: "wrong-pins-write",
  text: `with wrong as (
           select * from unnest($1::text[], $2::text[], $3::smallint[], $4::boolean[], $5::bytea[], $6::bytea[])
             as r (account_id, device_id, failures, locked, request_hash, reply)
         ), device as (
           update devices d
           set failures = r.failures,
               pin_state = case when r.locked then 'locked' else d.pin_state end,
               modified_pin = case when r.locked then null else d.modified_pin end,
               modified_pin_key_id = case when r.locked then null else d.modified_pin_key_id end
           from wrong r where d.account_id = r.account_id and d.device_id = r.device_id
         )
         insert into refused_requests (account_id, device_id, request_hash, reply, refused_at)
         select account_id, device_id, request_hash, reply, $7 from wrong`,
};

/**
 * Writes what a batch changes, at `now` (seconds): all advances in one statement (balance, count, modified PIN, stored
 * reply and payment record of each; wrong PINs are forgotten), all wrong PINs in another.
 *
 * @param changes of accounts that differ: a statement changes a row once
 */
export async function writeChanges(
  tx: Queryable,
  changes: readonly Change[],
  now: number,
): Promise<void> {
  const advances = changes.filter((change) => change.kind === "advance");
  const wrong = changes.filter((change) => change.kind === "wrong-pin");
  if (advances.length > 0) {
    const column = ([, type, value]: Column) =>
      binaryColumn(type, advances, (advance) => value(advance, now));
    await tx.query(WRITE_ADVANCES, ALL_COLUMNS.map(column));
  }
  if (wrong.length > 0) {
    await tx.query(WRITE_WRONG_PINS, [
      binaryColumn("text", wrong, ({ request }) => request.payer.accountId),
      binaryColumn("text", wrong, ({ request }) => request.payer.deviceId),
      binaryColumn("smallint", wrong, ({ failures }) => failures),
      binaryColumn("boolean", wrong, ({ locked }) => locked),
      binaryColumn("bytea", wrong, ({ request }) => request.requestHash),
      binaryColumn("bytea", wrong, ({ reply }) => reply),
      now,
    ]);
  }
}
