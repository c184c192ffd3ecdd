// PROTOCOL.md, section 8: refund orders.
import { demand } from "./bytes.mjs";
import { keyId } from "./crypto.mjs";
import { verifyDocument } from "./documents.mjs";
import { amountFrom, currency, id, object, origin, scale, time, version } from "./types.mjs";

const order = object({
  v: version,
  iss: id,
  aud: origin,
  jti: id,
  iat: time,
  transactionNumber: id,
  refunded: amountFrom(1n),
  of: amountFrom(1n),
  currency,
  scale,
});

/**
 * @param {string} text
 * @param {Uint8Array} signingKey the merchant's certified one
 */
export function verifyRefundOrder(text, signingKey) {
  const kid = keyId("Ed25519", signingKey);
  const { payload } = verifyDocument(text, "chit-refund-order+jwt", order, (id) =>
    id === kid ? signingKey : undefined,
  );
  demand(BigInt(payload.refunded) <= BigInt(payload.of), "more than all is given back");
  return payload;
}
