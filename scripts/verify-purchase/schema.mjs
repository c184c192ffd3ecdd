// PROTOCOL.md's tables: the types of section 2, and every message and document of a purchase.
import { Failure, fail, fromBase64url } from "./bytes.mjs";
import { SUITE } from "./crypto.mjs";

/** @typedef {((value: any, at: string) => void) & { optional?: boolean }} Type */

/**
 * @param {string} what
 * @param {(value: any) => boolean} holds
 * @returns {Type}
 */
const type = (what, holds) => (value, at) => {
  if (!holds(value)) fail(`${at} is not ${what}`);
};

/**
 * @param {RegExp} pattern
 * @param {string} what
 */
const string = (pattern, what) => type(what, (v) => typeof v === "string" && pattern.test(v));

/** @param {...(string | number | boolean)} values */
const one = (...values) =>
  type(values.map((v) => JSON.stringify(v)).join(" or "), (v) => values.includes(v));

/**
 * @param {number} from
 * @param {number} to
 */
const integer = (from, to) =>
  type(`an integer ${from}–${to}`, (v) => Number.isSafeInteger(v) && v >= from && v <= to);

/**
 * @param {number} least
 * @param {number} most
 * @returns {Type}
 */
const base64url = (least, most) => (value, at) => {
  try {
    const { length } = fromBase64url(value);
    if (length < least || length > most) fail(`${length} bytes, not ${least}–${most}`);
  } catch (error) {
    if (error instanceof Failure) fail(`${at}: ${error.message}`);
    throw error;
  }
};

/** @param {number} n */
const bytes = (n) => base64url(n, n);
/** @param {number} n */
const bytesUpTo = (n) => base64url(0, n);
const id = bytes(16);
const kid = string(/^[A-Za-z0-9_-]{43}$/, "a key id");
const currency = string(/^[A-Z]{3}$/, "a currency");
const scale = integer(0, 8);
const time = integer(0, 253402300799);
const count = integer(0, Number.MAX_SAFE_INTEGER);
const suite = one(SUITE);
const version = one(1);
const jws = type(
  "a JWS",
  (v) =>
    typeof v === "string" &&
    v.length <= 65536 &&
    /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/.test(v),
);

/** @param {bigint} least */
const amountFrom = (least) =>
  type(`an amount of at least ${least}`, (v) => {
    if (typeof v !== "string" || !/^(0|-?[1-9][0-9]{0,18})$/.test(v)) return false;
    const n = BigInt(v);
    return n >= least && n <= 9223372036854775807n;
  });
const anyAmount = amountFrom(-9223372036854775807n);

const REFUSED =
  /[\p{Cc}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|\p{Surrogate}/u;

/** @param {number} n */
const text = (n) =>
  type(
    `a text of 1–${n}`,
    (v) => typeof v === "string" && v.length <= n && v.trim() !== "" && !REFUSED.test(v),
  );

/** @param {unknown} value */
function isUrl(value) {
  if (typeof value !== "string" || !/^https?:\/\/[\x21-\x7e]{1,2048}$/.test(value)) return false;
  if (value.length > 2048 || value.includes("#") || !URL.canParse(value)) return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || /^((.+\.)?localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}
const url = type("a URL", isUrl);
/** @param {unknown} value */
export const isOrigin = (value) => isUrl(value) && new URL(String(value)).origin === value;
const origin = type("an origin", isOrigin);

/**
 * @param {Type} of
 * @returns {Type}
 */
const optional = (of) =>
  Object.assign((/** @type {any} */ v, /** @type {string} */ at) => of(v, at), { optional: true });

/**
 * @param {Type} of
 * @returns {Type}
 */
const orNull = (of) => (value, at) => value === null || of(value, at);

/**
 * @param {Record<string, Type>} fields
 * @returns {Type}
 */
const object = (fields) => (value, at) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(`${at} is not an object`);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) fail(`${at} has an unknown field "${name}"`);
  }
  for (const [name, of] of Object.entries(fields)) {
    if (Object.hasOwn(value, name)) of(value[name], `${at}.${name}`);
    else if (!of.optional) fail(`${at} has no field "${name}"`);
  }
};

/**
 * @param {number} least
 * @param {number} most
 * @param {Type} of
 * @returns {Type}
 */
const list = (least, most, of) => (value, at) => {
  if (!Array.isArray(value) || value.length < least || value.length > most) {
    fail(`${at} is not a list of ${least}–${most}`);
  }
  for (const [i, item] of value.entries()) of(item, `${at}[${i}]`);
};

export const sealedMessage = object({
  plain: bytesUpTo(16384),
  enc: bytes(32),
  ciphertext: bytesUpTo(16384),
});
export const sealedReply = object({ nonce: bytes(16), ciphertext: bytesUpTo(65536) });

export const jwsHeader = object({ alg: one("EdDSA"), typ: text(80), kid });

const ofKey = { kid, publicKey: bytes(32), notBefore: time, notAfter: time };
export const keyList = object({
  v: version,
  iss: origin,
  iat: time,
  exp: time,
  sequence: integer(1, Number.MAX_SAFE_INTEGER),
  operator: text(80),
  telephone: string(/^[+0-9][0-9 ()/-]{2,30}$/, "a telephone number"),
  currency,
  scale,
  signingKeys: list(1, 100, object(ofKey)),
  sealingKeys: list(1, 100, object({ ...ofKey, suite })),
});

export const certificate = object({
  v: version,
  iss: origin,
  jti: id,
  iat: time,
  nbf: time,
  exp: time,
  merchantId: id,
  name: text(80),
  origins: list(1, 20, origin),
  suite,
  sealingKey: bytes(32),
  signingKey: bytes(32),
  currency,
  scale,
});

export const proof = object({
  v: version,
  iss: origin,
  jti: id,
  iat: time,
  merchantId: id,
  transactionNumber: id,
  amount: amountFrom(1n),
  currency,
  scale,
  quoteHash: bytes(32),
});

export const quote = object({
  v: version,
  type: one("quote"),
  merchantId: id,
  transactionNumber: id,
  amount: amountFrom(1n),
  currency,
  scale,
  lines: list(
    1,
    100,
    object({ description: text(200), quantity: integer(1, 1000000), amount: anyAmount }),
  ),
  kind: one("digital", "physical", "mixed"),
  addressRequired: one(true, false),
  issuedAt: time,
  expiresAt: time,
  issuers: list(1, 10, origin),
  certificate: jws,
  sessionUrl: url,
  proofUrl: url,
});

export const sessionPlain = object({
  v: version,
  type: one("session-initiation"),
  suite,
  keyId: kid,
  merchantId: id,
  transactionNumber: id,
  quoteHash: bytes(32),
});

export const sessionSealed = object({
  address: orNull(
    object({
      name: text(120),
      lines: list(1, 4, text(120)),
      postalCode: optional(text(20)),
      city: text(120),
      region: optional(text(120)),
      country: string(/^[A-Z]{2}$/, "a country"),
      contact: optional(text(120)),
    }),
  ),
});

export const quoteAuthentication = object({
  v: version,
  type: one("quote-authentication"),
  mac: bytes(32),
});

export const requestPlain = object({
  v: version,
  type: one("request-for-payment"),
  suite,
  keyId: kid,
  issuer: origin,
  merchantId: id,
  transactionNumber: id,
  amount: amountFrom(1n),
  currency,
  scale,
  quoteHash: bytes(32),
});

export const requestSealed = object({
  accountId: id,
  deviceId: id,
  count,
  pinGeneration: count,
  component: bytes(32),
  pinTag: bytes(32),
  signature: bytes(64),
});

const start = { v: version, type: one("payment-response") };
const authenticated = { component: bytes(32), nextCount: count, balance: amountFrom(0n) };
const reason = one(
  "insufficient-funds",
  "account-held",
  "merchant-unknown",
  "merchant-revoked",
  "currency-not-supported",
);
/** @type {Record<string, Record<string, Type>>} */
const outcomes = {
  paid: { ...authenticated, proof: jws },
  denied: { ...authenticated, denial: jws, reason },
  "wrong-pin": { attemptsLeft: integer(1, 5) },
  "pin-changed": { pinGeneration: count },
  ...Object.fromEntries(
    ["pin-locked", "awaiting-pin", "out-of-sequence", "device-revoked", "refused"].map((name) => [
      name,
      {},
    ]),
  ),
};
/** @type {Type} */
export const paymentResponse = (value, at) => {
  const name = value?.outcome;
  if (typeof name !== "string" || !Object.hasOwn(outcomes, name)) fail(`${at}.outcome is unknown`);
  object({ ...start, outcome: one(name), ...outcomes[name] })(value, at);
};

export const forwardedProof = object({
  v: version,
  type: one("proof-of-payment"),
  proof: jws,
  keyList: optional(jws),
});

export const shippingAdvice = object({
  v: version,
  type: one("shipping-advice"),
  advice: bytesUpTo(48000),
  mac: bytes(32),
});

/** @type {Type} */
const filename = (value, at) => {
  text(200)(value, at);
  if (/[/\\:*?"<>|]/.test(value) || value === "." || value === "..") fail(`${at} is no file name`);
};

export const advice = object({
  goods: list(
    0,
    50,
    object({
      goodsId: id,
      name: text(200),
      filename,
      mediaType: type(
        "a media type",
        (v) =>
          typeof v === "string" &&
          v.length <= 100 &&
          /^[\w.+-]+\/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)*$/.test(v),
      ),
      size: integer(0, 1099511627776),
      digest: bytes(32),
      presentation: one("save", "page"),
    }),
  ),
  sendGoodsUrl: orNull(url),
  delivery: orNull(
    object({
      text: text(500),
      carrier: optional(text(80)),
      trackingUrl: optional(url),
      expectedFrom: optional(time),
      expectedUntil: optional(time),
    }),
  ),
});

export const sendGoods = object({
  v: version,
  type: one("send-goods"),
  merchantId: id,
  transactionNumber: id,
  goodsId: id,
  firstChunk: integer(0, 4294967295),
  time,
  mac: bytes(32),
});
