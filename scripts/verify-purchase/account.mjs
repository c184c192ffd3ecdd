// PROTOCOL.md, section 8: activation links, account status, devices.
import { demand, fromBase64url, parseCompactJson } from "./bytes.mjs";
import { ed25519Verify, hash, keyId, LABEL, transcript, x25519PublicOf } from "./crypto.mjs";
import { byField } from "./fields.mjs";
import { openReply, openSealed } from "./hpke.mjs";
import { sealedMessage, sealedReply } from "./schema.mjs";
import {
  amountFrom,
  bytes,
  count,
  id,
  isOrigin,
  kid,
  list,
  object,
  one,
  origin,
  orNull,
  string,
  suite,
  text,
  time,
  version,
} from "./types.mjs";

/** @typedef {import("./types.mjs").Type} Type */

/** @param {string} link */
export function readActivationLink(link) {
  const [page, code, ...rest] = link.replace(/\s+/g, "").split("#");
  const [secret, rootKey, ...more] = (code ?? "").split(".");
  demand(rest.length === 0 && more.length === 0, "more than two parts");
  demand(page?.endsWith("/activate") && isOrigin(page.slice(0, -"/activate".length)), "the page");
  return { secret: fromBase64url(secret ?? "", 16), rootKey: fromBase64url(rootKey ?? "", 32) };
}

/** @param {Uint8Array} secret */
export const secretHash = (secret) => hash(LABEL.activationSecret, secret);

/** @param {string} type */
const ofType = (type) => ({ v: version, type: one(type) });

const PIN = one("awaiting-pin", "active", "locked");
const device = object({
  deviceId: id,
  name: text(80),
  state: one("active", "revoked"),
  pin: PIN,
  activatedAt: time,
  lastUsedAt: orNull(time),
  checkNumber: string(/^[0-9]{4}$/, "4 digits"),
});

/** The fields of each action, in the order in which they are signed. */
const ACTIONS = {
  list: {},
  revoke: { deviceId: id },
  invite: { secretHash: bytes(32), use: one("once", "recovery") },
};

/** @param {any} action */
const actionParts = (action) => [
  action.action,
  ...Object.keys(ACTIONS[/** @type {keyof typeof ACTIONS} */ (action.action)]).map((field) =>
    field === "secretHash" ? fromBase64url(action[field], 32) : action[field],
  ),
];

/**
 * An exchange of a device with the TPS.
 * @typedef {object} Exchange
 * @property {string} type
 * @property {[request: string, response: string]} labels
 * @property {string} signature label
 * @property {Record<string, Type>} sealed further fields of the sealed part
 * @property {(content: any) => (string | Uint8Array)[]} signed what is signed behind ids, enc and plain part
 * @property {number} replyBlock
 * @property {Record<string, Record<string, Type>>} outcomes
 */

/** @type {Exchange} */
export const STATUS = {
  type: "account-status",
  labels: [LABEL.accountStatus, LABEL.accountStatusResponse],
  signature: LABEL.accountStatusSignature,
  sealed: {},
  signed: () => [],
  replyBlock: 512,
  outcomes: {
    status: {
      balance: amountFrom(0n),
      account: one("active", "held"),
      pin: one("active", "locked"),
      pinGeneration: count,
    },
    "awaiting-pin": {},
    "device-revoked": {},
    refused: {},
  },
};

/** @type {Exchange} */
export const DEVICES = {
  type: "devices",
  labels: [LABEL.devices, LABEL.devicesResponse],
  signature: LABEL.devicesSignature,
  sealed: { action: byField("action", ACTIONS) },
  signed: ({ action }) => actionParts(action),
  replyBlock: 2048,
  outcomes: {
    devices: { devices: list(1, 20, device), inviteExpiresAt: orNull(time) },
    "too-many-invites": {},
    "invitation-void": {},
    "awaiting-pin": {},
    "device-revoked": {},
    refused: {},
  },
};

/**
 * At the TPS.
 * @param {Exchange} exchange
 * @param {Uint8Array} body
 * @param {Record<string, any>} context
 */
export function openQuestion(exchange, body, context) {
  const privateKey = Buffer.from(context.privateKey, "hex");
  const message = parseCompactJson(body, 16384);
  sealedMessage(message, "message");
  const plain = parseCompactJson(fromBase64url(message.plain), 16384);
  object({ ...ofType(exchange.type), suite, keyId: kid, issuer: origin })(plain, "plain");
  demand(plain.keyId === keyId("X25519", x25519PublicOf(privateKey)), "sealed to another key");
  const opened = openSealed(message, exchange.labels[0], privateKey, 512);
  const content = parseCompactJson(opened.content, 8190);
  const fields = { accountId: id, deviceId: id, ...exchange.sealed, signature: bytes(64) };
  object(fields)(content, "sealed part");
  const { accountId, deviceId } = content;
  const parts = [accountId, deviceId, opened.enc, opened.plain, ...exchange.signed(content)];
  const signed = transcript(exchange.signature, ...parts);
  const deviceKey = Buffer.from(context.deviceKey, "hex");
  return {
    content,
    verifies: ed25519Verify(deviceKey, signed, fromBase64url(content.signature, 64)),
  };
}

/**
 * At the CTS.
 * @param {Exchange} exchange
 * @param {Uint8Array} body
 * @param {Record<string, any>} context
 */
export function openAnswer({ type, labels, replyBlock, outcomes }, body, context) {
  const reply = parseCompactJson(body, 65536);
  sealedReply(reply, "reply");
  const to = {
    secret: Buffer.from(context.responseSecret, "hex"),
    enc: Buffer.from(context.enc, "hex"),
    request: Buffer.from(context.request),
  };
  const answer = parseCompactJson(openReply(reply, to, labels, replyBlock), 8190);
  byField("outcome", outcomes, ofType(`${type}-response`))(answer, "answer");
  return answer;
}
