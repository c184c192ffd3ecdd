/**
 * The refund order (MTS → TPS, in a batch): a JWS of the merchant, "of what was paid under this transaction number,
 * `refunded` of `of` is given back by now". It names no payment: every payment of the number is treated alike, whoever
 * paid (paper, section 3: anything else is an attack). It is cumulative, so that the same order twice, or two orders in
 * the wrong order, give back no more.
 */
import * as v from "valibot";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, signDocument, verifyDocument } from "./jws.ts";
import { amountToWire } from "./money.ts";
import { currency, identifier, message, positiveAmount, scale, time, webOrigin } from "./schema.ts";

const orderSchema = message({
  v: v.literal(1),
  /** The merchant's id. */
  iss: identifier,
  /** The issuer's origin. */
  aud: webOrigin,
  /** The order's id, 16 random bytes. */
  jti: identifier,
  iat: time,
  transactionNumber: identifier,
  /** Of `of`, what is given back by now. */
  refunded: positiveAmount,
  /** The quote's amount. */
  of: positiveAmount,
  currency,
  scale,
});

/** What a verified refund order says; amounts in smallest units, `0 < refunded ≤ of`. */
export type RefundOrder = v.InferOutput<typeof orderSchema>;

/** The share of what was paid that is given back. */
export type RefundShare = Pick<RefundOrder, "refunded" | "of">;

/**
 * Signs a refund order under the merchant's certified signing key.
 *
 * @throws {ChitError} `malformed-message` when it gives back nothing, or more than all
 */
export async function createRefundOrder(
  signer: Signer,
  order: Omit<RefundOrder, "v">,
): Promise<string> {
  expectShare(order);
  return signDocument(signer, DOCUMENT_TYPES.refundOrder, {
    v: 1,
    iss: order.iss,
    aud: order.aud,
    jti: order.jti,
    iat: order.iat,
    transactionNumber: order.transactionNumber,
    refunded: amountToWire(order.refunded),
    of: amountToWire(order.of),
    currency: order.currency,
    scale: order.scale,
  });
}

/**
 * Verifies a refund order under the merchant's certified signing key (32 bytes). Whose key it is, and `iss` and `aud`, are
 * for the caller to compare.
 *
 * @throws {ChitError} as `verifyDocument` does
 */
export function verifyRefundOrder(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  publicKey: Uint8Array,
  document: string,
): RefundOrder {
  const type = DOCUMENT_TYPES.refundOrder;
  const order = verifyDocument(crypto, publicKey, document, type, orderSchema);
  expectShare(order);
  return order;
}

/**
 * What is given back by now of one payment of `amount`: the share of the order, rounded down; all of it when all is
 * refunded. Of several orders the highest target counts: targets never go down.
 */
export function refundTarget(amount: bigint, { refunded, of }: RefundShare): bigint {
  return (amount * refunded) / of;
}

function expectShare({ refunded, of }: RefundShare): void {
  if (refunded > 0n && refunded <= of) return;
  throw new ChitError(
    "malformed-message",
    "A refund order gives back 1 unit at least, at most all.",
  );
}
