// PROTOCOL.md, section 6, steps 5 to 7, and section 7: request-for-payment, response, forwarded proof, PIN.
import { demand, fail, fromBase64url, parseCompactJson, u64 } from "./bytes.mjs";
import {
  addModulo,
  ed25519Verify,
  keyId,
  LABEL,
  mac,
  same,
  transcript,
  x25519PublicOf,
} from "./crypto.mjs";
import { verifyIssued, verifyKeyList } from "./documents.mjs";
import { openReply, openSealed } from "./hpke.mjs";
import * as schema from "./schema.mjs";

/**
 * @param {any} document plain part of a request, or a proof
 * @param {any} quote
 */
function checkFitsQuote(document, quote) {
  for (const name of ["merchantId", "transactionNumber", "amount", "currency", "scale"]) {
    demand(document[name] === quote[name], `another ${name} than the quote's`);
  }
  demand(same(fromBase64url(document.quoteHash), quote.hash), "another quote's hash");
}

/** @param {Uint8Array} bytes */
export function readRequest(bytes) {
  const message = parseCompactJson(bytes, 16384);
  schema.sealedMessage(message, "message");
  const plain = parseCompactJson(fromBase64url(message.plain), 16384);
  schema.requestPlain(plain, "plain");
  return { message, plain, bytes };
}
/** @typedef {ReturnType<typeof readRequest>} Request */

/**
 * @param {Request} request
 * @param {any} quote
 * @param {any} list
 */
export function checkRequestFitsQuote({ plain }, quote, list) {
  demand(plain.issuer === list.iss, "another issuer");
  checkFitsQuote(plain, quote);
}

/**
 * The wallet takes, of the sealing keys in force, the one with the largest notBefore.
 * @param {Request} request
 * @param {any} list
 * @param {number} now
 */
export function checkSealingKey({ plain }, list, now) {
  const inForce = list.sealingKeys.filter(
    (/** @type {any} */ key) => key.notBefore <= now && now <= key.notAfter,
  );
  const key = inForce.find((/** @type {any} */ one) => one.kid === plain.keyId);
  demand(key, "the sealing key is not in the key list or not in force");
  demand(
    inForce.every((/** @type {any} */ other) => other.notBefore <= key.notBefore),
    "a newer sealing key is in force",
  );
}

/**
 * @param {Request} request
 * @param {Uint8Array[]} privateKeys
 */
export function openRequest({ message, plain, bytes }, privateKeys) {
  const privateKey =
    privateKeys.find((one) => keyId("X25519", x25519PublicOf(one)) === plain.keyId) ??
    fail("sealed to a key that the recording does not hold");
  const opened = openSealed(message, LABEL.requestForPayment, privateKey, 768);
  const sealed = parseCompactJson(opened.content, 8190);
  schema.requestSealed(sealed, "sealed part");
  const signed = [
    sealed.accountId,
    sealed.deviceId,
    u64(sealed.count),
    u64(sealed.pinGeneration),
    fromBase64url(sealed.component, 32),
    opened.plain,
  ];
  return { ...opened, sealed, signed, request: bytes };
}
/** @typedef {ReturnType<typeof openRequest>} OpenedRequest */

/**
 * @param {OpenedRequest} opened
 * @param {Uint8Array} deviceKey
 */
export function checkDeviceSignature({ sealed, signed }, deviceKey) {
  const data = transcript(LABEL.deviceSignature, ...signed);
  demand(
    ed25519Verify(deviceKey, data, fromBase64url(sealed.signature, 64)),
    "the signature does not verify",
  );
}

/**
 * @param {OpenedRequest} opened
 * @param {Uint8Array} modifiedPin
 */
export function checkPinTag(opened, modifiedPin) {
  const binding = opened.export(LABEL.pinTagBinding, 32);
  const expected = mac(modifiedPin, LABEL.pinTag, binding, ...opened.signed);
  demand(same(fromBase64url(opened.sealed.pinTag, 32), expected), "another tag");
}

/**
 * modified PIN = (PIN + modifier) mod N, where a recording tells them.
 * @param {string} pin
 * @param {Uint8Array} modifier
 * @param {Uint8Array} modifiedPin
 */
export function checkModifiedPin(pin, modifier, modifiedPin) {
  demand(/^[0-9]{6,12}$/.test(pin), "the PIN is not 6 to 12 digits");
  demand(same(addModulo(pin, modifier), modifiedPin), "PIN and modifier give another one");
}

/**
 * The modified PIN after the payment: both components added.
 * @param {Uint8Array} modifiedPin
 * @param {OpenedRequest} opened
 * @param {any} response
 */
export const nextModifiedPin = (modifiedPin, { sealed }, response) =>
  addModulo(
    modifiedPin,
    fromBase64url(sealed.component, 32),
    fromBase64url(response.component, 32),
  );

/**
 * @param {Uint8Array} bytes
 * @param {OpenedRequest} opened
 */
export function openResponse(bytes, { enc, request, export: exportSecret }) {
  const reply = parseCompactJson(bytes, 65536);
  schema.sealedReply(reply, "reply");
  const secret = exportSecret(LABEL.paymentResponse, 16);
  const content = openReply(
    reply,
    { secret, enc, request },
    [LABEL.requestForPayment, LABEL.paymentResponse],
    2560,
  );
  const response = parseCompactJson(content, 8190);
  schema.paymentResponse(response, "response");
  return response;
}

/**
 * @param {string} proof
 * @param {any} quote
 * @param {any} list
 */
export function verifyProof(proof, quote, list) {
  const payload = verifyIssued(proof, "chit-proof-of-payment+jwt", schema.proof, list);
  checkFitsQuote(payload, quote);
}

/** @param {Uint8Array} bytes */
export function readForwarded(bytes) {
  const message = parseCompactJson(bytes, 81920);
  schema.forwardedProof(message, "message");
  return message;
}

/**
 * @param {any} forwarded
 * @param {any} quote
 * @param {{ list: any, root: Uint8Array, now: number }} trust
 */
export function checkForwardedKeyList(forwarded, quote, { list, root, now }) {
  if (forwarded.keyList === undefined) return;
  const other = verifyKeyList(forwarded.keyList, root, now);
  demand(other.iss === list.iss, "another issuer");
  demand(other.sequence >= list.sequence, "older than the recording's key list");
  verifyProof(forwarded.proof, quote, other);
}
