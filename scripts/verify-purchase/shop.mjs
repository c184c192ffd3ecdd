// PROTOCOL.md, section 6, steps 2 to 4 and 8 to 10: what passes between wallet and shop.
import { demand, fail, fromBase64url, parseCompactJson, toBase64url, u32, u64 } from "./bytes.mjs";
import {
  gcmOpen,
  hash,
  hkdfExpand,
  hkdfExtract,
  keyId,
  LABEL,
  mac,
  same,
  sha256,
  transcript,
  x25519PublicOf,
} from "./crypto.mjs";
import { MOST_CERTIFICATE_SECONDS, SKEW, verifyIssued } from "./documents.mjs";
import { openSealed } from "./hpke.mjs";
import * as schema from "./schema.mjs";

/** @param {string} url */
const originOf = (url) => new URL(url).origin;

/** @param {Uint8Array} bytes */
export function readQuote(bytes) {
  const quote = parseCompactJson(bytes, 65536);
  schema.quote(quote, "quote");
  return { ...quote, hash: hash(LABEL.quote, bytes) };
}

/**
 * @param {any} quote
 * @param {number} now
 */
export function checkQuoteItself(quote, now) {
  const sum = quote.lines.reduce(
    (/** @type {bigint} */ total, /** @type {any} */ line) => total + BigInt(line.amount),
    0n,
  );
  demand(sum === BigInt(quote.amount), `the lines add up to ${sum}, not ${quote.amount}`);
  const life = quote.expiresAt - quote.issuedAt;
  demand(life >= 1 && life <= 86400, `a life of ${life} seconds`);
  demand(quote.kind !== "digital" || !quote.addressRequired, "an address for digital goods");
  demand(now >= quote.issuedAt - SKEW, "the quote is not yet valid");
  demand(now <= quote.expiresAt, "the quote has expired");
}

/**
 * @param {any} quote
 * @param {any} list
 * @param {number} now
 */
export function verifyCertificate(quote, list, now) {
  const certificate = verifyIssued(
    quote.certificate,
    "chit-merchant-certificate+jwt",
    schema.certificate,
    list,
  );
  demand(
    certificate.exp - certificate.iat <= MOST_CERTIFICATE_SECONDS,
    "the certificate lives more than 400 days",
  );
  demand(now >= certificate.nbf - SKEW, "the certificate is not yet valid");
  demand(now <= certificate.exp, "the certificate has expired");
  demand(
    certificate.currency === list.currency && certificate.scale === list.scale,
    "another currency or scale than the key list's",
  );
  return certificate;
}

/**
 * @param {any} quote
 * @param {any} certificate
 * @param {any} list
 */
export function checkQuoteFitsCertificate(quote, certificate, list) {
  demand(quote.issuers.includes(list.iss), `the quote does not take ${list.iss}`);
  demand(quote.merchantId === certificate.merchantId, "another merchant");
  demand(
    quote.currency === certificate.currency && quote.scale === certificate.scale,
    "another currency or scale",
  );
}

/**
 * @param {any} quote
 * @param {any} certificate
 * @param {string} page
 * @param {string | undefined} quoteUrl
 */
export function checkOrigins(quote, certificate, page, quoteUrl) {
  demand(certificate.origins.includes(page), `${page} is not certified`);
  const { sessionUrl, proofUrl, recoveryUrl, payerUrl = recoveryUrl } = quote;
  const urls = [sessionUrl, proofUrl, recoveryUrl, payerUrl];
  for (const url of [...urls, ...(quoteUrl ? [quoteUrl] : [])]) {
    demand(originOf(url) === page, `${url} is elsewhere`);
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {any} quote
 * @param {any} certificate
 */
export function readInitiation(bytes, quote, certificate) {
  const message = parseCompactJson(bytes, 16384);
  schema.sealedMessage(message, "message");
  const plain = parseCompactJson(fromBase64url(message.plain), 16384);
  schema.sessionPlain(plain, "plain");
  const id = keyId("X25519", fromBase64url(certificate.sealingKey));
  demand(plain.keyId === id, "sealed to another key than the certificate's");
  demand(
    plain.merchantId === quote.merchantId && plain.transactionNumber === quote.transactionNumber,
    "another transaction",
  );
  demand(same(fromBase64url(plain.quoteHash), quote.hash), "another quote");
  return { message, bytes };
}

/**
 * @param {{ message: any, bytes: Uint8Array }} initiation
 * @param {any} quote
 * @param {any} certificate
 * @param {Uint8Array} privateKey
 */
export function openInitiation({ message, bytes }, quote, certificate, privateKey) {
  demand(
    same(x25519PublicOf(privateKey), fromBase64url(certificate.sealingKey)),
    "keys.merchantSealing is not the certified key",
  );
  const opened = openSealed(message, LABEL.sessionInitiation, privateKey, 4096);
  demand(opened.padded.length === 4096, "a size that tells something");
  const sealed = parseCompactJson(opened.content, 8190);
  schema.sessionSealed(sealed, "sealed part");
  const segment = (/** @type {string} */ label) => opened.export(label, 32);
  return {
    address: sealed.address,
    loyalty: sealed.loyalty,
    sessionHash: hash(LABEL.sessionInitiation, bytes),
    sealedHash: hash(LABEL.sessionSealedPart, opened.padded),
    parties: [quote.merchantId, quote.transactionNumber],
    quoteHash: quote.hash,
    quoteAuthentication: segment(LABEL.quoteAuthentication),
    shippingAdvice: segment(LABEL.shippingAdvice),
    sendGoods: segment(LABEL.sendGoods),
    goods: segment(LABEL.goods),
    token: segment(LABEL.token),
  };
}
/** @typedef {ReturnType<typeof openInitiation>} Session */

/**
 * At the wallet.
 * @param {Uint8Array} secret
 * @param {string} merchantId
 * @param {number} epoch
 */
export function pseudonym(secret, merchantId, epoch) {
  const prk = hkdfExtract(Buffer.alloc(32), secret);
  const info = transcript(LABEL.loyalty, merchantId, u64(epoch));
  return toBase64url(hkdfExpand(prk, info, 16));
}

/**
 * @param {Uint8Array} bytes
 * @param {Session} session
 */
export function checkQuoteAuthentication(bytes, session) {
  const message = parseCompactJson(bytes, 65536);
  schema.quoteAuthentication(message, "message");
  const { parties, quoteHash, sealedHash, sessionHash } = session;
  const label = LABEL.quoteAuthentication;
  const parts = [...parties, quoteHash, sealedHash, sessionHash];
  const expected = mac(session.quoteAuthentication, label, ...parts);
  demand(same(fromBase64url(message.mac), expected), "the MAC does not verify");
}

/**
 * Step 7 by the session's initiator, who gets the advice.
 *
 * @param {any} forwarded
 * @param {Session} session
 */
export function verifyAdviceRequest(forwarded, session) {
  const { parties, quoteHash, sessionHash } = session;
  demand(forwarded.mac !== undefined, "no MAC: only a receipt answers this");
  const parts = [...parties, quoteHash, sessionHash, forwarded.proof];
  const expected = mac(session.shippingAdvice, LABEL.adviceRequest, ...parts);
  demand(same(fromBase64url(forwarded.mac), expected), "the MAC does not verify");
}

/**
 * The key of the link by which somebody else pays.
 *
 * @param {Session} session
 */
export function payerKey({ parties, quoteHash, sessionHash, quoteAuthentication }) {
  const parts = [...parties, quoteHash, sessionHash];
  return toBase64url(mac(quoteAuthentication, LABEL.payerLink, ...parts).subarray(0, 16));
}

/** @param {Uint8Array} bytes */
export function readReceipt(bytes) {
  const receipt = parseCompactJson(bytes, 65536);
  schema.proofReceipt(receipt, "message");
  return receipt;
}

/**
 * @param {Uint8Array} bytes
 * @param {Session} session
 */
export function verifyAdvice(bytes, session) {
  const message = parseCompactJson(bytes, 65536);
  schema.shippingAdvice(message, "message");
  const advice = fromBase64url(message.advice);
  const { parties, quoteHash, sessionHash } = session;
  const parts = [...parties, quoteHash, sessionHash, advice];
  const expected = mac(session.shippingAdvice, LABEL.shippingAdvice, ...parts);
  demand(same(fromBase64url(message.mac), expected), "the MAC does not verify");
  return advice;
}

/**
 * @param {Uint8Array} bytes
 * @param {any} quote
 */
export function readAdvice(bytes, quote) {
  const advice = parseCompactJson(bytes, 48000);
  schema.advice(advice, "advice");
  for (const { name, presentation, size } of advice.goods) {
    demand(presentation !== "page" || size <= 8388608, `"${name}" is too large for a page`);
  }
  const ids = new Set(advice.goods.map((/** @type {any} */ goods) => goods.goodsId));
  demand(ids.size === advice.goods.length, "two goods have one id");
  if (advice.sendGoodsUrl !== null) {
    demand(originOf(advice.sendGoodsUrl) === originOf(quote.proofUrl), "sendGoodsUrl is elsewhere");
  }
  demand(ids.size === 0 || advice.sendGoodsUrl !== null, "goods, but no sendGoodsUrl");
  return advice;
}

/**
 * @param {Uint8Array} bytes
 * @param {Session} session
 */
export function verifySendGoods(bytes, session) {
  const message = parseCompactJson(bytes, 2048);
  schema.sendGoods(message, "message");
  const { merchantId, transactionNumber, goodsId, firstChunk, time } = message;
  demand([merchantId, transactionNumber].join() === session.parties.join(), "another transaction");
  const parts = [merchantId, transactionNumber, goodsId, u32(firstChunk), u64(time)];
  const expected = mac(session.sendGoods, LABEL.sendGoods, ...parts);
  demand(same(fromBase64url(message.mac), expected), "the MAC does not verify");
  return message;
}

const CHUNK = 65536;

/**
 * @param {any} request
 * @param {any} advice
 */
export function goodsAskedFor(request, advice) {
  const goods =
    advice.goods.find((/** @type {any} */ one) => one.goodsId === request.goodsId) ??
    fail("these goods were not advised");
  const chunks = Math.max(1, Math.ceil(goods.size / CHUNK));
  demand(request.firstChunk < chunks, `chunk ${request.firstChunk} of ${chunks}`);
  return { ...goods, chunks, firstChunk: request.firstChunk };
}

/**
 * Decrypts one delivery.
 * @param {Buffer} body
 * @param {any} goods
 * @param {Session} session
 */
export function openGoods(body, goods, session) {
  const { size, chunks, firstChunk, goodsId } = goods;
  const length = 32 + size - CHUNK * firstChunk + 16 * (chunks - firstChunk);
  demand(body.length === length, `${body.length} bytes instead of ${length}`);
  const prk = hkdfExtract(body.subarray(0, 32), session.goods);
  const key = hkdfExpand(prk, transcript(LABEL.goods, ...session.parties, goodsId), 32);
  const out = [];
  let rest = body.subarray(32);
  for (let i = firstChunk; i < chunks; i += 1) {
    const last = i === chunks - 1;
    const sealed = last ? rest : rest.subarray(0, CHUNK + 16);
    const nonce = Buffer.concat([Buffer.alloc(7), u32(i), Buffer.of(last ? 1 : 0)]);
    out.push(gcmOpen("aes-256-gcm", key, nonce, Buffer.alloc(0), sealed));
    rest = rest.subarray(sealed.length);
  }
  return Buffer.concat(out);
}

/**
 * Joins what a resumption left out, and compares with the advice.
 * @param {Buffer} delivered
 * @param {any} goods
 * @param {Map<string, Buffer>} held whole goods of earlier deliveries, to which this one is added
 */
export function checkGoods(delivered, goods, held) {
  const left = goods.firstChunk * CHUNK;
  const before = held.get(goods.goodsId)?.subarray(0, left) ?? Buffer.alloc(0);
  demand(before.length === left, "the chunks before are not in the recording");
  const whole = Buffer.concat([before, delivered]);
  demand(whole.length === goods.size, `${whole.length} bytes instead of ${goods.size}`);
  demand(same(sha256(whole), fromBase64url(goods.digest)), "another digest than advised");
  held.set(goods.goodsId, whole);
}
