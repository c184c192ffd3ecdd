// PROTOCOL.md, section 8: recovery after the sale.
import { demand, fail, fromBase64url, parseCompactJson } from "./bytes.mjs";
import { hash, keyId, LABEL, x25519PublicOf } from "./crypto.mjs";
import { openReply, openSealed } from "./hpke.mjs";
import { sealedMessage, sealedReply } from "./schema.mjs";
import { bytes, id, kid, object, one, suite, time, url, version } from "./types.mjs";

/** @typedef {import("./types.mjs").Type} Type */

const plainPart = object({
  v: version,
  type: one("recovery"),
  suite,
  keyId: kid,
  merchantId: id,
  transactionNumber: id,
});
const sealedPart = object({ wish: one("redelivery"), token: bytes(32) });

/** @type {Record<string, Record<string, Type>>} */
const ANSWERS = {
  redelivery: { sendGoodsUrl: url, until: time },
  refused: { reason: one("period-over", "too-often", "nothing-to-send", "not-offered") },
};

/**
 * At the MTS.
 * @param {Uint8Array} body
 * @param {Record<string, any>} context
 */
export function openRecovery(body, context) {
  const privateKey = Buffer.from(context.privateKey, "hex");
  const message = parseCompactJson(body, 16384);
  sealedMessage(message, "message");
  const plain = parseCompactJson(fromBase64url(message.plain), 16384);
  plainPart(plain, "plain");
  demand(plain.keyId === keyId("X25519", x25519PublicOf(privateKey)), "sealed to another key");
  const opened = openSealed(message, LABEL.recovery, privateKey, 512);
  const wish = parseCompactJson(opened.content, 8190);
  sealedPart(wish, "sealed part");
  return {
    parties: [plain.merchantId, plain.transactionNumber],
    token: fromBase64url(wish.token, 32),
    sendGoods: opened.export(LABEL.sendGoods, 32),
    goods: opened.export(LABEL.goods, 32),
    requestHash: hash(LABEL.recovery, body),
  };
}

/**
 * At the CTS.
 * @param {Uint8Array} body
 * @param {Record<string, any>} context
 */
export function openAcknowledgment(body, context) {
  const reply = parseCompactJson(body, 65536);
  sealedReply(reply, "reply");
  const to = {
    secret: Buffer.from(context.responseSecret, "hex"),
    enc: Buffer.from(context.enc, "hex"),
    request: Buffer.from(context.request),
  };
  const labels = /** @type {[string, string]} */ ([LABEL.recovery, LABEL.recoveryAcknowledgment]);
  const answer = parseCompactJson(openReply(reply, to, labels, 512), 8190);
  const name = answer?.answer;
  if (typeof name !== "string" || !Object.hasOwn(ANSWERS, name)) fail("answer.answer is unknown");
  const fields = { v: version, type: one("recovery-acknowledgment"), answer: one(name) };
  object({ ...fields, ...ANSWERS[name] })(answer, "answer");
  return answer;
}
