/**
 * A collected payment once more before its merchant is credited: is it the payment that was made, for the order that the
 * device signed, and does the signature verify? The database may have been changed behind the payment path's back.
 */
import { equalBytes, type PaymentOrder, readPlainPart, signedBytes } from "@chit/protocol";
import { verifyEd25519InPool } from "@chit/protocol/node";
import type { Issuer } from "../issuer/read-issuer.ts";

/** Why a payment is held back. */
export type HoldReason =
  /** The signature does not verify under the device's key. */
  | "signature-invalid"
  /** What was signed is another order than the one recorded. */
  | "order-differs"
  /** The device is gone from the records. */
  | "device-unknown"
  /** There is no such payment, or it was denied. */
  | "payment-missing"
  /** The copy that settlement works on differs from the payment. */
  | "copy-differs";

/** A collected payment beside the payment and the device that it names. Columns as in the database. */
export interface CollectedPayment {
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly account_id: string;
  readonly device_id: string;
  readonly transaction_number: string;
  readonly amount: bigint;
  readonly quote_hash: Buffer;
  readonly paid_at: bigint;
  readonly paid: {
    readonly verdict: "proof" | "denial";
    readonly merchant_id: string;
    readonly device_id: string;
    readonly transaction_number: string;
    readonly amount: bigint;
    readonly currency: string;
    readonly scale: number;
    readonly quote_hash: Buffer;
    readonly paid_at: bigint;
    readonly count: bigint;
    readonly pin_generation: bigint;
    readonly plain: Buffer;
    readonly component: Buffer;
    readonly device_signature: Buffer;
  } | null;
  readonly public_key: Buffer | null;
}

const PAYMENT_COLUMNS = [
  "verdict",
  "merchant_id",
  "device_id",
  "transaction_number",
  "amount",
  "currency",
  "scale",
  "quote_hash",
  "paid_at",
  "count",
  "pin_generation",
  "plain",
  "component",
  "device_signature",
] as const;

/**
 * Columns and joins that make a {@link CollectedPayment} of rows of `merchant_payments mp`; rows go through
 * {@link readCollected}.
 */
export const COLLECTED_COLUMNS = `mp.merchant_id, mp.payment_id, mp.account_id, mp.device_id, mp.transaction_number,
  mp.amount, mp.quote_hash, mp.paid_at, d.public_key, ${PAYMENT_COLUMNS.map((name) => `p.${name} as p_${name}`).join(", ")}`;
export const COLLECTED_JOINS = `left join payments p on p.account_id = mp.account_id and p.paid_at = mp.paid_at and p.payment_id = mp.payment_id
  left join devices d on d.account_id = mp.account_id and d.device_id = mp.device_id`;

type Flat = Omit<CollectedPayment, "paid"> & Record<`p_${string}`, unknown>;

/** A row of such a statement. */
export function readCollected(row: object): CollectedPayment {
  const flat = row as Flat;
  const paid =
    flat.p_verdict === null
      ? null
      : Object.fromEntries(PAYMENT_COLUMNS.map((name) => [name, flat[`p_${name}`]]));
  return { ...flat, paid: paid as CollectedPayment["paid"] };
}

/** Why this payment must not be credited; undefined when all is as it should be. */
export async function reasonToHold(
  payment: CollectedPayment,
  issuer: Issuer,
): Promise<HoldReason | undefined> {
  const { paid, public_key: publicKey } = payment;
  if (paid === null || paid.verdict !== "proof") return "payment-missing";
  if (!isTrueCopy(payment, paid)) return "copy-differs";
  if (publicKey === null) return "device-unknown";
  if (!isForOrder(paid, issuer)) return "order-differs";
  const payer = {
    accountId: payment.account_id,
    deviceId: paid.device_id,
    count: Number(paid.count),
    pinGeneration: Number(paid.pin_generation),
  };
  const signed = signedBytes(payer, paid.component, paid.plain);
  const sound = await verifyEd25519InPool(publicKey, signed, paid.device_signature);
  return sound ? undefined : "signature-invalid";
}

/** Whether what settlement works on is what was paid. */
export function isTrueCopy(
  copy: CollectedPayment,
  paid: NonNullable<CollectedPayment["paid"]>,
): boolean {
  return (
    copy.merchant_id === paid.merchant_id &&
    copy.device_id === paid.device_id &&
    copy.transaction_number === paid.transaction_number &&
    copy.amount === paid.amount &&
    copy.paid_at === paid.paid_at &&
    equalBytes(copy.quote_hash, paid.quote_hash)
  );
}

/** Whether the recorded payment is the one that the signed bytes order. */
function isForOrder(paid: NonNullable<CollectedPayment["paid"]>, issuer: Issuer): boolean {
  let order: PaymentOrder;
  try {
    ({ order } = readPlainPart(paid.plain));
  } catch {
    return false;
  }
  return (
    order.issuer === issuer.origin &&
    order.merchantId === paid.merchant_id &&
    order.transactionNumber === paid.transaction_number &&
    order.amount === paid.amount &&
    order.currency === paid.currency &&
    order.scale === paid.scale &&
    equalBytes(order.quoteHash, paid.quote_hash)
  );
}
