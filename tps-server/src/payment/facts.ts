/** Reading under lock what a judgement needs: one statement for the payer, one for the merchant. */
import { LIMITS, type OpenedRequest } from "@chit/protocol";
import type { SealedValue } from "../keys/vault.ts";
import { one, type Queryable } from "../store/database.ts";
import type { DeviceFacts, PaymentFacts } from "./judge.ts";

/** A device and its account as read, with what verifies its requests. */
export interface PayerRecord {
  readonly device: DeviceFacts;
  readonly account: { readonly status: "active" | "held"; readonly balance: bigint };
  readonly publicKey: Uint8Array;
  /** Undefined while no PIN is in force. */
  readonly modifiedPin: SealedValue | undefined;
}

interface PayerRow {
  state: DeviceFacts["state"];
  pin_state: DeviceFacts["pinState"];
  pin_generation: bigint;
  count: bigint;
  failures: number;
  public_key: Buffer;
  modified_pin: Buffer | null;
  modified_pin_key_id: string | null;
  last_request_hash: Buffer | null;
  last_reply: Buffer | null;
  status: "active" | "held";
  balance: bigint;
}

/**
 * The payer's rows, locked until the transaction ends: the device's, so that its requests come one after
 * another, and the account's, which several devices share.
 */
export async function lockPayer(
  tx: Queryable,
  request: OpenedRequest,
): Promise<PayerRecord | undefined> {
  const { accountId, deviceId } = request.payer;
  const row = one(
    await tx.query<PayerRow>(
      `select d.state, d.pin_state, d.pin_generation, d.count, d.failures, d.public_key, d.modified_pin,
              d.modified_pin_key_id, d.last_request_hash, d.last_reply, a.status, a.balance
       from devices d join accounts a on a.account_id = d.account_id
       where d.account_id = $1 and d.device_id = $2
       for update of d, a`,
      [accountId, deviceId],
    ),
  );
  // Read after the lock is held: another request of the device may just have written it.
  const refused = one(
    await tx.query<{ reply: Buffer }>(
      `select reply from refused_requests
       where account_id = $1 and device_id = $2 and request_hash = $3`,
      [accountId, deviceId, request.requestHash],
    ),
  );
  if (row === undefined) return undefined;
  const { last_request_hash: lastHash, last_reply: lastReply } = row;
  const { modified_pin: sealed, modified_pin_key_id: keyId } = row;
  return {
    device: {
      state: row.state,
      pinState: row.pin_state,
      pinGeneration: Number(row.pin_generation),
      count: Number(row.count),
      failures: row.failures,
      last:
        lastHash === null || lastReply === null
          ? undefined
          : { requestHash: lastHash, reply: Uint8Array.from(lastReply) },
      refused:
        refused === undefined
          ? undefined
          : { requestHash: request.requestHash, reply: Uint8Array.from(refused.reply) },
    },
    account: { status: row.status, balance: row.balance },
    publicKey: row.public_key,
    modifiedPin: sealed === null || keyId === null ? undefined : { sealed, keyId },
  };
}

/**
 * Whether the merchant may be paid at `now` (seconds). A plain read: a lock would write to the merchant's row
 * and make a popular merchant slow. A revocation counts from its own commit on.
 */
export async function readMerchantStanding(
  tx: Queryable,
  merchantId: string,
  now: number,
): Promise<PaymentFacts["merchant"]> {
  const row = one(
    await tx.query<{ revoked_at: bigint | null; certified: boolean }>(
      `select m.revoked_at,
              exists (select 1 from certificates c
                      where c.merchant_id = m.merchant_id and c.revoked_at is null
                        and c.not_before - $3 <= $2 and c.expires_at + $3 >= $2) as certified
       from merchants m where m.merchant_id = $1`,
      [merchantId, now, LIMITS.clockSkewSeconds],
    ),
  );
  if (row === undefined) return "unknown";
  return row.revoked_at === null && row.certified ? "certified" : "revoked";
}
