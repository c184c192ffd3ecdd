#!/usr/bin/env node
// Holds the second implementation (scripts/verify-purchase) against the vectors of a purchase's messages: it must take
// the positive ones and refuse the negative ones. Which fault it names first is its own affair.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as account from "./verify-purchase/account.mjs";
import * as batch from "./verify-purchase/batch.mjs";
import {
  demand,
  Failure,
  fromBase64url,
  parseCompactJson,
  toBase64url,
  unpad,
} from "./verify-purchase/bytes.mjs";
import { addModulo, hash, LABEL, mac, same, transcript } from "./verify-purchase/crypto.mjs";
import { verifyKeyList } from "./verify-purchase/documents.mjs";
import { hpkeReceive } from "./verify-purchase/hpke.mjs";
import * as log from "./verify-purchase/log.mjs";
import * as payment from "./verify-purchase/payment.mjs";
import * as recovery from "./verify-purchase/recovery.mjs";
import { verifyRefundOrder } from "./verify-purchase/refund.mjs";
import * as schema from "./verify-purchase/schema.mjs";
import * as settlement from "./verify-purchase/settlement.mjs";
import * as shop from "./verify-purchase/shop.mjs";
import * as statement from "./verify-purchase/statement.mjs";
import { id } from "./verify-purchase/types.mjs";

/** @typedef {Record<string, any>} Context */

/** @param {string} text */
const hex = (text) => Buffer.from(text, "hex");

/**
 * @param {Context} c
 * @returns {shop.Session}
 */
const sessionOf = (c) => ({
  address: null,
  loyalty: null,
  parties: [c.merchantId, c.transactionNumber],
  quoteHash: hex(c.quoteHash),
  sessionHash: hex(c.sessionHash),
  sealedHash: hex(c.sealedHash),
  quoteAuthentication: hex(c.segmentQuoteAuthentication),
  shippingAdvice: hex(c.segmentShippingAdvice),
  sendGoods: hex(c.segmentSendGoods),
  goods: hex(c.segmentGoods),
  token: hex(c.segmentToken),
});

/** @param {Context} c */
const listOf = (c) => verifyKeyList(c.keyList, hex(c.rootKey), c.now);

const PLAIN_URL = "https://shop.example/";

/** @type {Record<string, (message: Buffer, context: Context, result: any) => void>} */
const RECEIVERS = {
  base64url: (message) => fromBase64url(message.toString("latin1")),
  padding: (message, c) => unpad(message, Number(c.block)),
  pin: (message, c, result) => {
    const modifier = c.modifier ? hex(c.modifier) : Buffer.alloc(32);
    demand(/^[0-9]{6,12}$/.test(message.toString()), "no PIN");
    const sum = addModulo(message.toString(), modifier);
    if (result) payment.checkModifiedPin(message.toString(), modifier, sum);
    if (typeof result === "string") demand(same(sum, hex(result)), "another modified PIN");
  },
  loyalty: (message, c, result) => {
    id(message.toString("utf8"), "message");
    const made = shop.pseudonym(hex(c.secret), message.toString("utf8"), c.epoch);
    demand(!result || made === result, "another pseudonym");
  },
  "key-list": (message, c) => {
    const list = verifyKeyList(message.toString("utf8"), hex(c.rootKey), c.now);
    demand(list.sequence >= (c.known ?? 0), "older");
  },
  "merchant-certificate": (message, c) => {
    shop.verifyCertificate({ certificate: message.toString("utf8") }, listOf(c), c.now);
  },
  "proof-of-payment": (message, c) => {
    payment.verifyProof(message.toString("utf8"), { ...c, hash: hex(c.quoteHash) }, listOf(c));
  },
  batch: (message, c, result) => {
    const { orders } = batch.verifyBatch(message.toString("utf8"), hex(c.signingKey));
    if (result) demand(orders.length === result.orders.length, "other orders");
  },
  "batch-received": (message, _, result) => {
    const batchId = batch.readBatchReceived(message);
    if (result) demand(batchId === result, "another batch");
  },
  "batch-result": (message, c, result) => {
    const sent = { merchantId: c.merchantId, batchId: c.batchId };
    const { orders } = batch.verifyBatchResult(message.toString("utf8"), listOf(c), sent);
    if (!result) return;
    const given = (/** @type {any[]} */ all) => all.map((one) => one.given).join();
    demand(given(orders) === given(result.orders), "other amounts");
  },
  "refund-order": (message, c, result) => {
    const order = verifyRefundOrder(message.toString("utf8"), hex(c.signingKey));
    if (result) demand(order.refunded === result.refunded, "another share");
  },
  "settlement-report": (message, c, result) => {
    const told = settlement.verifyReport(message.toString("utf8"), listOf(c));
    if (result) demand(told.closing === result.closing, "another closing");
  },
  "settlement-report-page": (message, c, result) => {
    const told = settlement.verifyReport(c.report, listOf(c));
    const entries = settlement.readPage(told, c.page, message);
    if (!result) return;
    const ids = (/** @type {any[]} */ all) => all.map((entry) => entry.paymentId).join();
    demand(ids(entries) === ids(result), "other entries");
  },
  "merchant-request": (message, c, result) => {
    const here = { issuer: c.issuer, now: c.now };
    const asked = settlement.verifyRequest(message.toString("utf8"), hex(c.signingKey), here);
    if (result) demand(asked.request.cycle === result.request.cycle, "another cycle");
  },
  "settlement-reports": (message, _, result) => {
    const { reports, more } = settlement.readReports(message);
    if (!result) return;
    demand(reports.length === result.reports.length && more === result.more, "other reports");
  },
  quote: (message, c, result) => {
    const quote = shop.readQuote(message);
    const list = listOf(c);
    shop.checkQuoteItself(quote, c.now);
    const certificate = shop.verifyCertificate(quote, list, c.now);
    shop.checkQuoteFitsCertificate(quote, certificate, list);
    shop.checkOrigins(quote, certificate, c.pageOrigin, undefined);
    if (result) demand(same(quote.hash, hex(result.hash)), "another quote hash");
  },
  "session-initiation": (message, c, result) => {
    const certificate = { sealingKey: toBase64url(hex(c.publicKey)) };
    const sealed = parseCompactJson(message, 16384);
    schema.sealedMessage(sealed, "message");
    const plain = parseCompactJson(fromBase64url(sealed.plain), 16384);
    schema.sessionPlain(plain, "plain");
    const quote = { ...plain, hash: fromBase64url(plain.quoteHash) };
    const initiation = shop.readInitiation(message, quote, certificate);
    const session = shop.openInitiation(initiation, quote, certificate, hex(c.privateKey));
    if (!result) return;
    demand(same(session.sessionHash, hex(result.session.sessionHash)), "another session hash");
    demand(same(session.sealedHash, hex(result.session.sealedHash)), "another sealed hash");
    demand(same(session.token, hex(result.session.key.token)), "another token");
  },
  "quote-authentication": (message, c) => shop.checkQuoteAuthentication(message, sessionOf(c)),
  "request-for-payment": (message, c, result) => {
    const opened = payment.openRequest(payment.readRequest(message), [hex(c.privateKey)]);
    if (!result) return;
    payment.checkDeviceSignature(opened, hex(c.deviceKey));
    payment.checkPinTag(opened, hex(c.modifiedPin));
    demand(same(hash(LABEL.requestForPayment, message), hex(result.requestHash)), "request hash");
  },
  "payment-response": (message, c, result) => {
    const to = {
      enc: hex(c.enc),
      request: Buffer.from(c.request),
      export: () => hex(c.responseSecret),
    };
    const response = payment.openResponse(message, /** @type {any} */ (to));
    if (result) demand(response.outcome === result.outcome, `outcome ${response.outcome}`);
  },
  recovery: (message, c, result) => {
    const opened = recovery.openRecovery(message, c);
    if (!result) return;
    const [merchantId, transactionNumber] = opened.parties;
    demand(merchantId === result.merchantId, "another merchant");
    demand(transactionNumber === result.transactionNumber, "another transaction");
    demand(opened.wish.wish === result.wish.wish, "another wish");
    demand(opened.wish.amount === result.wish.amount, "another amount");
    demand(same(opened.token, hex(result.wish.token)), "another token");
    demand(same(opened.sendGoods, hex(result.key.sendGoods)), "another segment for send goods");
    demand(same(opened.goods, hex(result.key.goods)), "another segment for goods");
    demand(same(opened.requestHash, hex(result.requestHash)), "another request hash");
  },
  "recovery-acknowledgment": (message, c, result) => {
    const told = recovery.openAcknowledgment(message, c);
    if (!result) return;
    for (const field of ["answer", "reason", "until", "decision", "accepted", "given", "proof"]) {
      demand(told[field] === result[field], `${field} is ${told[field]}`);
    }
  },
  "activation-link": (message, _, result) => {
    const { secret } = account.readActivationLink(message.toString("utf8"));
    if (!result) return;
    demand(same(secret, hex(result.secret)), "another secret");
    demand(same(account.secretHash(secret), hex(result.secretHash)), "another hash of the secret");
  },
  "account-status": (message, c, result) => {
    const { verifies } = account.openQuestion(account.STATUS, message, c);
    if (result) demand(verifies === result.signatureVerifies, "the signature");
  },
  "account-status-response": (message, c, result) => {
    const { outcome } = account.openAnswer(account.STATUS, message, c);
    if (result) demand(outcome === result.outcome, `outcome ${outcome}`);
  },
  devices: (message, c, result) => {
    const { verifies, content } = account.openQuestion(account.DEVICES, message, c);
    if (!result) return;
    demand(verifies === result.signatureVerifies, "the signature");
    demand(content.action.action === result.action.action, "another action");
  },
  "devices-response": (message, c, result) => {
    const { outcome, devices } = account.openAnswer(account.DEVICES, message, c);
    if (result) demand(outcome === result.outcome, `outcome ${outcome}`);
    demand(devices?.length === result?.devices?.length || !result, "other devices");
  },
  "account-records": (message, c, result) => {
    const { verifies, content } = account.openQuestion(statement.RECORDS, message, c);
    if (!result) return;
    demand(verifies === result.signatureVerifies, "the signature");
    demand(content.wish.wish === result.wish.wish, "another wish");
  },
  "account-records-response": (message, c, result) => {
    const { outcome, movements } = account.openAnswer(statement.RECORDS, message, c);
    if (result) demand(outcome === result.outcome, `outcome ${outcome}`);
    demand(movements?.length === result?.movements?.length || !result, "other movements");
  },
  "account-statement": (message, c, result) => {
    const expected = { accountId: c.accountId, month: c.month };
    const told = statement.verifyStatement(message.toString("utf8"), listOf(c), expected);
    if (result) demand(told.movements.length === result.movements.length, "other movements");
  },
  "merchant-statement": (message, c, result) => {
    const text = message.toString("utf8");
    const told = statement.verifyMerchantStatement(text, listOf(c), c.merchantId);
    if (result) demand(told.closing === result.closing, "another closing");
  },
  checkpoint: (message, c, result) => {
    const checkpoint = log.verifyCheckpoint(message.toString("utf8"), listOf(c));
    if (!result) return;
    demand(checkpoint.size === result.size && checkpoint.at === result.at, "another state");
    demand(same(checkpoint.root, hex(result.root)), "another root");
  },
  notarization: (message, c, result) => {
    const shown = log.verifyNotarization(message.toString("utf8"), hex(c.rootKey));
    if (!result) return;
    demand(shown.index === result.index, "another index");
    demand(shown.certificate.name === result.merchant, "another merchant");
    demand(shown.payment.amount === result.payment.amount, "another amount");
    demand(shown.checkpoint.at === result.checkpoint.at, "another time");
  },
  consistency: (message, c) => {
    const path = message.toString("utf8").split("\n").slice(0, -1);
    const hashes = path.map((line) => Buffer.from(line, "base64"));
    log.verifyConsistency({ ...c, oldRoot: hex(c.oldRoot), newRoot: hex(c.newRoot) }, hashes);
  },
  "payer-link": (message, c) => {
    demand(message.toString("utf8") === shop.payerKey(sessionOf(c)), "another link's key");
  },
  "advice-request": (message, c) => {
    shop.verifyAdviceRequest(payment.readForwarded(message), sessionOf(c));
  },
  "proof-receipt": (message, _, result) => {
    const receipt = shop.readReceipt(message);
    if (result) demand(receipt.paymentId === result.paymentId, "another payment");
  },
  "shipping-advice": (message, c) => {
    const bytes = shop.verifyAdvice(message, sessionOf(c));
    shop.readAdvice(bytes, { proofUrl: PLAIN_URL });
  },
  "send-goods": (message, c) => {
    shop.verifySendGoods(message, sessionOf(c));
  },
  goods: (message, c, result) => {
    // The size is not told: it is what a body of this length holds.
    const delivered = message.length - 32;
    const rest = Math.max(1, Math.ceil(delivered / (65536 + 16)));
    const chunks = c.firstChunk + rest;
    const size = c.firstChunk * 65536 + delivered - 16 * rest;
    const goods = { goodsId: c.goodsId, firstChunk: c.firstChunk, chunks, size };
    const opened = shop.openGoods(message, goods, sessionOf(c));
    if (typeof result === "string") demand(same(opened, hex(result)), "other goods");
  },
};

/**
 * @param {{ text?: string, hex?: string }} message
 */
const bytesOf = (message) =>
  message.hex === undefined ? Buffer.from(message.text ?? "", "utf8") : hex(message.hex);

/**
 * @param {() => void} run
 * @returns {string | undefined} why it was refused
 */
function refusal(run) {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** RFC 9180, A.1.1, so that the HPKE here stands on something else than our own vectors. */
function checkHpke() {
  const context = hpkeReceive(
    hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
    hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"),
    hex("4f6465206f6e2061204772656369616e2055726e"),
  );
  const ciphertext =
    "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a";
  const opened = context.open(Buffer.from("Count-0"), hex(ciphertext));
  demand(opened.toString() === "Beauty is truth, truth beauty", "another plaintext");
  const exported = "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931";
  demand(same(context.export("TestContext", 32), hex(exported)), "another exported value");
}

/** @param {any} vector */
function checkTranscript(vector) {
  /** @type {[string, ...(string | Buffer)[]]} */
  const parts = [
    vector.label,
    ...vector.parts.map((/** @type {any} */ part) => part.text ?? hex(part.hex)),
  ];
  demand(same(transcript(...parts), hex(vector.transcript)), "another transcript");
  demand(same(hash(...parts), hex(vector.hash)), "another hash");
  demand(same(mac(hex(vector.macKey), ...parts), hex(vector.mac)), "another MAC");
}

const directory = process.argv[2];
if (directory === undefined || process.argv.length !== 3) {
  console.error("Usage: node scripts/verify-vectors.mjs <directory of vectors>");
  process.exit(2);
}
let count = 0;
let failed = 0;

/**
 * @param {string} name
 * @param {string | undefined} error the vector's, if it must be refused
 * @param {() => void} run
 */
function judge(name, error, run) {
  const why = refusal(run);
  count += 1;
  if ((why === undefined) === (error === undefined)) return;
  failed += 1;
  console.log(`FAILED ${name}: ${why === undefined ? `taken, but it is ${error}` : why}`);
}

/** @param {string} kind */
const read = (kind) => JSON.parse(readFileSync(join(directory, `${kind}.json`), "utf8"));

judge("RFC 9180", undefined, checkHpke);
for (const vector of read("transcript").vectors) {
  judge(`transcript ${vector.label}`, undefined, () => checkTranscript(vector));
}
for (const [kind, receive] of Object.entries(RECEIVERS)) {
  const file = read(kind);
  for (const vector of [...file.positive, ...file.negative]) {
    const context = { ...file.context, ...vector.context };
    judge(`${kind}: ${vector.name}`, vector.error, () =>
      receive(bytesOf(vector.message), context, vector.result),
    );
  }
}
console.log(`\n${count} vectors, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
