// PROTOCOL.md, section 3 (transcripts, key ids, strict Ed25519) and section 7 (PIN), on node:crypto alone.
import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  verify as nodeVerify,
  timingSafeEqual,
} from "node:crypto";
import { fail, toBase64url, u32, utf8 } from "./bytes.mjs";

export const SUITE = "0020-0001-0001";
export const LABEL = {
  hpkeInfo: "chit/1/hpke-info",
  quote: "chit/1/quote",
  sessionInitiation: "chit/1/session-initiation",
  sessionSealedPart: "chit/1/session-sealed-part",
  quoteAuthentication: "chit/1/quote-authentication",
  requestForPayment: "chit/1/request-for-payment",
  pinTagBinding: "chit/1/pin-tag-binding",
  pinTag: "chit/1/pin-tag",
  deviceSignature: "chit/1/device-signature",
  paymentResponse: "chit/1/payment-response",
  adviceRequest: "chit/1/advice-request",
  payerLink: "chit/1/payer-link",
  shippingAdvice: "chit/1/shipping-advice",
  sendGoods: "chit/1/send-goods",
  goods: "chit/1/goods",
  token: "chit/1/token",
  loyalty: "chit/1/loyalty",
  recovery: "chit/1/recovery",
  recoveryAcknowledgment: "chit/1/recovery-acknowledgment",
  activationSecret: "chit/1/activation-secret",
  accountStatus: "chit/1/account-status",
  accountStatusSignature: "chit/1/account-status-signature",
  accountStatusResponse: "chit/1/account-status-response",
  devices: "chit/1/devices",
  devicesSignature: "chit/1/devices-signature",
  devicesResponse: "chit/1/devices-response",
  accountRecords: "chit/1/account-records",
  accountRecordsSignature: "chit/1/account-records-signature",
  accountRecordsResponse: "chit/1/account-records-response",
  logEntry: "chit/1/log-entry",
};

/** @typedef {string | Uint8Array} Part */

/**
 * @param {string} label
 * @param {Part[]} parts
 */
export function transcript(label, ...parts) {
  return Buffer.concat(
    [label, ...parts].flatMap((part) => {
      const bytes = typeof part === "string" ? utf8(part) : Buffer.from(part);
      return [u32(bytes.length), bytes];
    }),
  );
}

/** @param {Uint8Array} bytes */
export const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/**
 * @param {string} label
 * @param {Part[]} parts
 */
export const hash = (label, ...parts) => sha256(transcript(label, ...parts));

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} data
 */
const hmac = (key, data) => createHmac("sha256", key).update(data).digest();

/**
 * @param {Uint8Array} key
 * @param {string} label
 * @param {Part[]} parts
 */
export const mac = (key, label, ...parts) => hmac(key, transcript(label, ...parts));

/**
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
export const same = (a, b) => a.length === b.length && timingSafeEqual(a, b);

// HKDF, RFC 5869.

/**
 * @param {Uint8Array} salt
 * @param {Uint8Array} ikm
 */
export const hkdfExtract = (salt, ikm) => hmac(salt, ikm);

/**
 * @param {Uint8Array} prk
 * @param {Uint8Array} info
 * @param {number} length
 */
export function hkdfExpand(prk, info, length) {
  let block = Buffer.alloc(0);
  let out = Buffer.alloc(0);
  for (let i = 1; out.length < length; i += 1) {
    block = hmac(prk, Buffer.concat([block, info, Buffer.of(i)]));
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, length);
}

/**
 * @param {"aes-128-gcm" | "aes-256-gcm"} name
 * @param {Uint8Array} key
 * @param {Uint8Array} nonce
 * @param {Uint8Array} aad
 * @param {Uint8Array} sealed the ciphertext, its tag of 16 bytes behind
 */
export function gcmOpen(name, key, nonce, aad, sealed) {
  if (sealed.length < 16) fail("ciphertext shorter than its tag");
  const cipher = createDecipheriv(name, key, nonce, { authTagLength: 16 });
  cipher.setAAD(aad);
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  const out = cipher.update(sealed.subarray(0, sealed.length - 16));
  try {
    return Buffer.concat([out, cipher.final()]);
  } catch {
    return fail("the ciphertext does not open");
  }
}

// Raw keys of 32 bytes, behind the fixed DER prefixes of RFC 8410.

const X25519_PRIVATE = Buffer.from("302e020100300506032b656e04220420", "hex");
const X25519_PUBLIC = Buffer.from("302a300506032b656e032100", "hex");
const ED25519_PUBLIC = Buffer.from("302a300506032b6570032100", "hex");

/** @param {Uint8Array} raw */
const x25519Private = (raw) =>
  createPrivateKey({ key: Buffer.concat([X25519_PRIVATE, raw]), format: "der", type: "pkcs8" });

/**
 * @param {Buffer} prefix
 * @param {Uint8Array} raw
 */
const publicKey = (prefix, raw) =>
  createPublicKey({ key: Buffer.concat([prefix, raw]), format: "der", type: "spki" });

/**
 * Throws where OpenSSL finds no shared secret.
 * @param {Uint8Array} ours
 * @param {Uint8Array} theirs
 */
export const x25519 = (ours, theirs) =>
  diffieHellman({ privateKey: x25519Private(ours), publicKey: publicKey(X25519_PUBLIC, theirs) });

/** @param {Uint8Array} raw */
export function x25519PublicOf(raw) {
  const der = createPublicKey(x25519Private(raw)).export({ format: "der", type: "spki" });
  return der.subarray(X25519_PUBLIC.length);
}

/**
 * The JWK thumbprint of a public key.
 * @param {"Ed25519" | "X25519"} curve
 * @param {Uint8Array} raw
 */
export const keyId = (curve, raw) =>
  toBase64url(sha256(utf8(`{"crv":"${curve}","kty":"OKP","x":"${toBase64url(raw)}"}`)));

// Ed25519, strictly: what OpenSSL leaves open is the public key (it reduces y, and takes small orders).
// S < L and the encoding of R hold in OpenSSL: it compares R byte for byte with what it computes.

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** y of the points of order 8; the other small orders have y = 0, 1, −1. */
const Y8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL_Y = new Set([0n, 1n, P - 1n, Y8, P - Y8]);

/** @param {Uint8Array} bytes */
const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);

/**
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} data
 * @param {Uint8Array} signature
 */
export function ed25519Verify(key, data, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const y = littleEndian(key) & (2n ** 255n - 1n);
  const ry = littleEndian(signature.subarray(0, 32)) & (2n ** 255n - 1n);
  const s = littleEndian(signature.subarray(32));
  if (y >= P || SMALL_Y.has(y) || ry >= P || s >= L) return false;
  try {
    return nodeVerify(null, data, publicKey(ED25519_PUBLIC, key), signature);
  } catch {
    return false;
  }
}

/**
 * Section 7: 32 bytes, most significant first, modulo 2^256.
 * @param {(Uint8Array | string)[]} terms numbers of 32 bytes, or a PIN's decimal digits
 */
export function addModulo(...terms) {
  const sum = terms.reduce(
    (total, term) =>
      total +
      BigInt(typeof term === "string" ? term : `0x${Buffer.from(term).toString("hex") || "0"}`),
    0n,
  );
  return Buffer.from((sum % 2n ** 256n).toString(16).padStart(64, "0"), "hex");
}
