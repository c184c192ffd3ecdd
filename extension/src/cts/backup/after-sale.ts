/**
 * What a backup carries of refunds and of shops that recognise the wallet's owner. Of a refund: what was asked for. How
 * it stands, the shop tells whoever has the purchase's token, and what came back, the account's TPS.
 */
import {
  bytes,
  displayText,
  identifier,
  LIMITS,
  LOYALTY_SECRET_BYTES,
  message,
  time,
  toBase64url,
  webOrigin,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { type Loyalty, type Refund, refundAskedSchema } from "../after-sale-records.ts";
import { mergedLoyalty } from "../loyalty.ts";
import type { Store } from "../store.ts";

export const refundRecordSchema = message({
  kind: v.literal("refund"),
  purchaseId: identifier,
  asked: refundAskedSchema,
});
export type RefundRecord = v.InferOutput<typeof refundRecordSchema>;

export const loyaltyRecordSchema = message({
  kind: v.literal("loyalty"),
  merchantId: identifier,
  secret: bytes(LOYALTY_SECRET_BYTES),
  epoch: whole(0, Number.MAX_SAFE_INTEGER),
  on: v.boolean(),
  shopName: displayText(LIMITS.nameLength),
  shopOrigin: webOrigin,
  told: v.nullable(message({ first: time, last: time })),
});
export type LoyaltyRecord = v.InferOutput<typeof loyaltyRecordSchema>;

export function loyaltyToRecord(loyalty: Loyalty): v.InferInput<typeof loyaltyRecordSchema> {
  return { kind: "loyalty", ...loyalty, secret: toBase64url(loyalty.secret) };
}

/** The record of a refund that the shopper asked for; nothing where the shop began. */
export function refundToRecords(refund: Refund | undefined): RefundRecord[] {
  const { purchaseId, asked = null } = refund ?? {};
  return purchaseId === undefined || asked === null ? [] : [{ kind: "refund", purchaseId, asked }];
}

/** A refund that is known here stays as it is. True: something changed. */
export function restoreRefund(
  { store }: { readonly store: Pick<Store, "transact"> },
  { purchaseId, asked }: RefundRecord,
): Promise<boolean> {
  return store.transact(async (transaction) => {
    if ((await transaction.refund(purchaseId)) !== undefined) return false;
    await transaction.putRefund({ purchaseId, asked, request: null, failure: null, answer: null });
    return true;
  });
}

/** A restored wallet is recognised again, unless its owner has put an end to it since. True: something changed. */
export function restoreLoyalty(
  { store }: { readonly store: Pick<Store, "transact"> },
  { kind: _, ...backup }: LoyaltyRecord,
): Promise<boolean> {
  return store.transact(async (transaction) => {
    const merged = mergedLoyalty(backup, await transaction.loyalty(backup.merchantId));
    if (merged !== null) await transaction.putLoyalty(merged);
    return merged !== null;
  });
}
