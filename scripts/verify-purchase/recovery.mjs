// PROTOCOL.md, section 8: recovery after the sale.
import { demand, fail, fromBase64url, parseCompactJson } from "./bytes.mjs";
import { hash, keyId, LABEL, x25519PublicOf } from "./crypto.mjs";
import { openReply, openSealed } from "./hpke.mjs";
import { sealedMessage, sealedReply } from "./schema.mjs";
import {
  amountFrom,
  bytes,
  id,
  jws,
  kid,
  object,
  one,
  orNull,
  suite,
  text,
  time,
  url,
  version,
} from "./types.mjs";

/** @typedef {import("./types.mjs").Type} Type */

const plainPart = object({
  v: version,
  type: one("recovery"),
  suite,
  keyId: kid,
  merchantId: id,
  transactionNumber: id,
});

const words = orNull(text(500));
const token = bytes(32);
const refundReason = one(
  "not-received",
  "damaged",
  "not-as-described",
  "changed-mind",
  "paid-twice",
  "other",
);

/** @type {Record<string, Record<string, Type>>} */
const WISHES = {
  redelivery: { token },
  refund: { token, reason: refundReason, text: words, amount: orNull(amountFrom(1n)) },
  "refund-state": { token },
  payment: { token },
  "call-off": { token },
};

/** @type {Record<string, Record<string, Type>>} */
const ANSWERS = {
  redelivery: { sendGoodsUrl: url, until: time },
  refund: {
    decision: one("none", "asked", "accepted", "refused"),
    accepted: amountFrom(0n),
    of: amountFrom(1n),
    given: amountFrom(0n),
    message: words,
    at: orNull(time),
  },
  payment: { proof: orNull(jws) },
  refused: {
    reason: one(
      "refunded",
      "period-over",
      "too-often",
      "nothing-to-send",
      "not-offered",
      "more-than-paid",
    ),
  },
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
  const name = wish?.wish;
  if (typeof name !== "string" || !Object.hasOwn(WISHES, name)) fail("wish is unknown");
  object({ wish: one(name), ...WISHES[name] })(wish, "sealed part");
  return {
    wish,
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
  if (name === "refund") {
    const [given, accepted, of] = [answer.given, answer.accepted, answer.of].map(BigInt);
    demand(given <= accepted && accepted <= of, "more is given back than accepted or paid");
  }
  return answer;
}
