/** Reading what judgements need, for a whole batch at once: the payers under lock, the merchants without. */
import { LIMITS, type OpenedRequest } from "@chit/protocol";
import type { SealedValue } from "../keys/vault.ts";
import { binaryColumn } from "../store/binary-array.ts";
import type { PreparedStatement, Queryable } from "../store/database.ts";
import type { DeviceFacts, PaymentFacts } from "./judge.ts";

/** A device and its account as read, with what verifies its requests. */
export interface PayerRecord {
  readonly device: DeviceFacts;
  readonly account: { readonly status: "active" | "held"; readonly balance: bigint };
  readonly publicKey: Uint8Array;
  /** Undefined while no PIN is in force. */
  readonly modifiedPin: SealedValue | undefined;
}

/**
 * What became of one payer: its record, locked until the transaction ends; no such device; or, for whoever does
 * not wait, rows that another transaction has locked.
 */
export type LockedPayer = PayerRecord | "unknown" | "held-elsewhere";

/** Whether rows that another transaction has locked are waited for or left out. */
export type Patience = "wait" | "skip";

interface PayerRow {
  position: bigint;
  state: DeviceFacts["state"];
  pin_state: DeviceFacts["pinState"];
  pin_generation: bigint;
  count: bigint;
  failures: number;
  public_key: Buffer;
  modified_pin: Buffer | null;
  modified_pin_key_id: string | null;
  /** Of this very request; null otherwise. */
  last_reply: Buffer | null;
  status: "active" | "held";
  balance: bigint;
}

/** The account first, then the device, in the order of account ids: whoever locks in another order may deadlock. */
const lockStatement = (name: string, ending: string): PreparedStatement => ({
  name,
  text: `select r.position, d.state, d.pin_state, d.pin_generation, d.count, d.failures, d.public_key,
                d.modified_pin, d.modified_pin_key_id, a.status, a.balance,
                case when d.last_request_hash = r.request_hash then d.last_reply end as last_reply
         from unnest($1::text[], $2::text[], $3::bytea[]) with ordinality
              as r (account_id, device_id, request_hash, position)
         join accounts a on a.account_id = r.account_id
         join devices d on d.account_id = r.account_id and d.device_id = r.device_id
         order by a.account_id
         for no key update of a, d ${ending}`,
});

const LOCK: Record<Patience, PreparedStatement> = {
  wait: lockStatement("payers-lock-wait", ""),
  skip: lockStatement("payers-lock-skip", "skip locked"),
};

const REFUSED: PreparedStatement = {
  name: "payers-refused",
  text: `select r.position, f.reply,
                exists (select 1 from devices d
                        where d.account_id = r.account_id and d.device_id = r.device_id) as known
         from unnest($1::text[], $2::text[], $3::bytea[]) with ordinality
              as r (account_id, device_id, request_hash, position)
         left join refused_requests f on f.account_id = r.account_id and f.device_id = r.device_id
                                     and f.request_hash = r.request_hash`,
};

const MERCHANTS: PreparedStatement = {
  name: "merchants-standing",
  text: `select m.merchant_id, m.revoked_at,
                exists (select 1 from certificates c
                        where c.merchant_id = m.merchant_id and c.revoked_at is null
                          and c.not_before - $3 <= $2 and c.expires_at + $3 >= $2) as certified
         from merchants m where m.merchant_id = any($1::text[])`,
};

/**
 * The payers of a batch, in its order, locked until the transaction ends: the accounts' rows, which several
 * devices share, and the devices', so that the requests of each come one after another.
 *
 * With `skip` it never waits for another transaction, so that one locked account delays nobody else, and two
 * batches cannot wait for each other.
 */
export async function lockPayers(
  tx: Queryable,
  requests: readonly OpenedRequest[],
  patience: Patience,
): Promise<LockedPayer[]> {
  const asked = [
    binaryColumn("text", requests, ({ payer }) => payer.accountId),
    binaryColumn("text", requests, ({ payer }) => payer.deviceId),
    binaryColumn("bytea", requests, ({ requestHash }) => requestHash),
  ];
  const locked = byPosition(await tx.query<PayerRow>(LOCK[patience], asked));
  // Read after the locks are held: another request of the device may just have written it.
  const refused = byPosition(
    await tx.query<{ position: bigint; reply: Buffer | null; known: boolean }>(REFUSED, asked),
  );
  return requests.map(({ requestHash }, index) => {
    const row = locked.get(index);
    const also = refused.get(index);
    if (row !== undefined) return recordFrom(row, requestHash, also?.reply ?? null);
    return patience === "skip" && also?.known === true ? "held-elsewhere" : "unknown";
  });
}

/** Rows by the place of their request in the batch; SQL counts from 1. */
function byPosition<Row extends { position: bigint }>(rows: readonly Row[]): Map<number, Row> {
  return new Map(rows.map((row) => [Number(row.position) - 1, row]));
}

function recordFrom(row: PayerRow, requestHash: Uint8Array, refused: Buffer | null): PayerRecord {
  const { last_reply: lastReply } = row;
  const { modified_pin: sealed, modified_pin_key_id: keyId } = row;
  return {
    device: {
      state: row.state,
      pinState: row.pin_state,
      pinGeneration: Number(row.pin_generation),
      count: Number(row.count),
      failures: row.failures,
      last: lastReply === null ? undefined : { requestHash, reply: Uint8Array.from(lastReply) },
      refused: refused === null ? undefined : { requestHash, reply: Uint8Array.from(refused) },
    },
    account: { status: row.status, balance: row.balance },
    publicKey: row.public_key,
    modifiedPin: sealed === null || keyId === null ? undefined : { sealed, keyId },
  };
}

/** Tells of each merchant of a batch whether it may be paid. */
export type MerchantStandings = (merchantId: string) => PaymentFacts["merchant"];

/**
 * Which merchants may be paid at `now` (seconds). A plain read: a lock would write to the merchant's row and make a
 * popular merchant slow. A revocation counts from its own commit on.
 */
export async function readMerchantStandings(
  tx: Queryable,
  requests: readonly OpenedRequest[],
  now: number,
): Promise<MerchantStandings> {
  const merchantIds = [...new Set(requests.map(({ order }) => order.merchantId))];
  const rows = await tx.query<{
    merchant_id: string;
    revoked_at: bigint | null;
    certified: boolean;
  }>(MERCHANTS, [merchantIds, now, LIMITS.clockSkewSeconds]);
  const standings = new Map(
    rows.map((row) => [
      row.merchant_id,
      row.revoked_at === null && row.certified ? ("certified" as const) : ("revoked" as const),
    ]),
  );
  return (merchantId) => standings.get(merchantId) ?? "unknown";
}
