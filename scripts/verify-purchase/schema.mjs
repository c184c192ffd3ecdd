// PROTOCOL.md's tables: every message and document of a purchase.
import { fail } from "./bytes.mjs";
import {
  amountFrom,
  anyAmount,
  bytes,
  bytesUpTo,
  count,
  currency,
  id,
  integer,
  jws,
  kid,
  list,
  object,
  one,
  optional,
  origin,
  orNull,
  scale,
  string,
  suite,
  text,
  time,
  type,
  url,
  version,
} from "./types.mjs";

/** @typedef {import("./types.mjs").Type} Type */

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
  salt: bytes(16),
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
  loyalty: one(true, false),
  issuedAt: time,
  expiresAt: time,
  issuers: list(1, 10, origin),
  certificate: jws,
  sessionUrl: url,
  proofUrl: url,
  recoveryUrl: url,
  payerUrl: optional(url),
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
  loyalty: orNull(id),
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
  mac: optional(bytes(32)),
});

export const proofReceipt = object({
  v: version,
  type: one("proof-receipt"),
  transactionNumber: id,
  paymentId: id,
  first: one(true, false),
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

export const notarization = object({
  v: version,
  type: one("notarization"),
  proof: jws,
  certificate: jws,
  keyList: jws,
});
