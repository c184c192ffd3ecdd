// PROTOCOL.md, section 8: batches of refund orders, and what the TPS answers.
import { demand, parseCompactJson } from "./bytes.mjs";
import { keyId } from "./crypto.mjs";
import { verifyDocument, verifyIssued } from "./documents.mjs";
import {
  amountFrom,
  count,
  id,
  jws,
  list,
  object,
  one,
  origin,
  time,
  type,
  version,
} from "./types.mjs";

const MOST_ORDERS = 500;

const batch = object({
  v: version,
  iss: id,
  aud: origin,
  jti: id,
  iat: time,
  orders: list(1, MOST_ORDERS, jws),
});

const executed = object({
  orderId: id,
  outcome: one("executed"),
  reason: type("null", (value) => value === null),
  payments: count,
  given: amountFrom(0n),
});
const refused = object({
  orderId: id,
  outcome: one("refused"),
  reason: one("no-payment", "currency", "order-conflict"),
  payments: one(0),
  given: one("0"),
});

const result = object({
  v: version,
  iss: origin,
  jti: id,
  iat: time,
  merchantId: id,
  batchId: id,
  orders: list(1, MOST_ORDERS, (value, at) =>
    (value?.outcome === "refused" ? refused : executed)(value, at),
  ),
});

const received = object({ v: version, type: one("batch-received"), batchId: id });

/**
 * At the TPS; the orders in it are verified one by one.
 * @param {string} text
 * @param {Uint8Array} signingKey
 */
export function verifyBatch(text, signingKey) {
  const kid = keyId("Ed25519", signingKey);
  return verifyDocument(text, "chit-batch+jwt", batch, (id) =>
    id === kid ? signingKey : undefined,
  ).payload;
}

/**
 * At the MTS.
 * @param {string} text
 * @param {any} keyList
 * @param {{ merchantId: string, batchId: string }} sent
 */
export function verifyBatchResult(text, keyList, sent) {
  const payload = verifyIssued(text, "chit-batch-result+jwt", result, keyList);
  demand(payload.merchantId === sent.merchantId, "for another merchant");
  demand(payload.batchId === sent.batchId, "for another batch");
  return payload;
}

/** @param {Buffer} body */
export function readBatchReceived(body) {
  const message = parseCompactJson(body, 65536);
  received(message, "message");
  return message.batchId;
}
