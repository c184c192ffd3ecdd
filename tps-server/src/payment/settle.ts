/** Writing what was judged, inside of the transaction that judged it. */
import type { OpenedRequest } from "@chit/protocol";
import type { SealedValue } from "../keys/vault.ts";
import type { Queryable } from "../store/database.ts";

/** An authenticated transaction to write down. */
export interface Advance {
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
  /** Seconds. */
  readonly now: number;
}

/**
 * Paid or denied: balance, count, modified PIN, stored reply and payment record, in one statement. Wrong PINs
 * are forgotten.
 */
export async function writeAdvance(
  tx: Queryable,
  request: OpenedRequest,
  advance: Advance,
): Promise<void> {
  const { payer, order } = request;
  await tx.query(
    `with debit as (
       update accounts set balance = $3 where account_id = $1 and balance <> $3
     ), device as (
       update devices
       set count = $4 + 1, modified_pin = $5, modified_pin_key_id = $6, failures = 0,
           last_request_hash = $7, last_reply = $8
       where account_id = $1 and device_id = $2
     ), forgotten as (
       delete from refused_requests where account_id = $1 and device_id = $2
     )
     insert into payments
       (account_id, device_id, balance_after, count, request_hash, payment_id, pin_generation, verdict,
        denial_reason, merchant_id, transaction_number, amount, currency, scale, quote_hash, document,
        plain, component, device_signature, paid_at)
     values ($1, $2, $3, $4, $7, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`,
    [
      payer.accountId,
      payer.deviceId,
      advance.balance,
      payer.count,
      advance.modifiedPin.sealed,
      advance.modifiedPin.keyId,
      request.requestHash,
      advance.reply,
      advance.paymentId,
      payer.pinGeneration,
      advance.verdict,
      advance.denialReason,
      order.merchantId,
      order.transactionNumber,
      order.amount,
      order.currency,
      order.scale,
      order.quoteHash,
      advance.document,
      request.sealed.plain,
      request.component,
      request.signature,
      advance.now,
    ],
  );
}

/** A wrong PIN: counted, its reply stored; the fifth locks the PIN and forgets it. */
export async function writeWrongPin(
  tx: Queryable,
  request: OpenedRequest,
  wrong: { readonly failures: number; readonly locked: boolean },
  reply: Uint8Array,
  now: number,
): Promise<void> {
  const { accountId, deviceId } = request.payer;
  await tx.query(
    `with device as (
       update devices
       set failures = $3,
           pin_state = case when $4 then 'locked' else pin_state end,
           modified_pin = case when $4 then null else modified_pin end,
           modified_pin_key_id = case when $4 then null else modified_pin_key_id end
       where account_id = $1 and device_id = $2
     )
     insert into refused_requests (account_id, device_id, request_hash, reply, refused_at)
     values ($1, $2, $5, $6, $7)`,
    [accountId, deviceId, wrong.failures, wrong.locked, request.requestHash, reply, now],
  );
}
