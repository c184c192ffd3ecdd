// PROTOCOL.md, section 8: settlement reports, their pages, and the merchant's request for them.
import { createHash } from "node:crypto";
import { demand, fromBase64url, parseCompactJson } from "./bytes.mjs";
import { keyId, same } from "./crypto.mjs";
import { SKEW, verifyDocument, verifyIssued } from "./documents.mjs";
import {
  amountFrom,
  anyAmount,
  bytes,
  count,
  currency,
  id,
  integer,
  list,
  object,
  one,
  origin,
  orNull,
  scale,
  string,
  time,
  type,
  version,
} from "./types.mjs";

const MOST_PAGE_ENTRIES = 500;
const MOST_PAGES = 1000;
const MOST_PAGE_BYTES = 163840;
const MOST_REPORT_BYTES = 131072;
const MOST_REPORTS = 20;
const MOST_ANSWER_BYTES = 2637824;

const cycle = integer(1, Number.MAX_SAFE_INTEGER);
const total = object({ count, amount: amountFrom(0n) });

const report = object({
  v: version,
  iss: origin,
  jti: id,
  iat: time,
  merchantId: id,
  cycle,
  previous: count,
  from: time,
  until: time,
  currency,
  scale,
  opening: anyAmount,
  payments: total,
  refunds: total,
  fees: amountFrom(0n),
  heldBack: total,
  returned: total,
  payout: orNull(object({ amount: amountFrom(1n), payoutId: id })),
  closing: anyAmount,
  pages: list(0, MOST_PAGES, object({ entries: integer(1, MOST_PAGE_ENTRIES), digest: bytes(32) })),
});

const payment = object({
  entry: one("payment"),
  paymentId: id,
  transactionNumber: id,
  amount: amountFrom(1n),
  fee: amountFrom(0n),
  quoteHash: bytes(32),
  paidAt: time,
  state: one("settled", "held-back"),
});
const refund = object({
  entry: one("refund"),
  orderId: id,
  paymentId: id,
  transactionNumber: id,
  amount: amountFrom(1n),
  at: time,
  by: one("merchant", "operator"),
});
const page = list(1, MOST_PAGE_ENTRIES, (value, at) =>
  (value?.entry === "refund" ? refund : payment)(value, at),
);

const reportsWish = object({ request: one("reports"), after: count });
const pageWish = object({
  request: one("report-page"),
  cycle,
  page: integer(0, MOST_PAGES - 1),
});
const statementWish = object({ request: one("statement"), from: time, until: time });
/** @type {Record<string, import("./types.mjs").Type>} */
const WISHES = { reports: reportsWish, "report-page": pageWish, statement: statementWish };

const request = object({
  v: version,
  iss: id,
  aud: origin,
  jti: id,
  iat: time,
  request: (value, at) => (WISHES[value?.request] ?? reportsWish)(value, at),
});

const document = string(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/, "a JWS");
const answer = object({
  v: version,
  type: one("settlement-reports"),
  reports: list(0, MOST_REPORTS, (value, at) => {
    document(value, at);
    type("short enough", (v) => v.length <= MOST_REPORT_BYTES)(value, at);
  }),
  more: one(true, false),
});

/**
 * At the MTS.
 * @param {string} text
 * @param {any} keyList
 */
export function verifyReport(text, keyList) {
  const told = verifyIssued(text, "chit-settlement-report+jwt", report, keyList);
  const paidOut = BigInt(told.payout?.amount ?? 0);
  const credited = BigInt(told.payments.amount) - BigInt(told.fees) - BigInt(told.refunds.amount);
  const closing = BigInt(told.opening) + credited + BigInt(told.returned.amount) - paidOut;
  demand(closing === BigInt(told.closing), "the balances do not add up");
  demand(told.previous < told.cycle && told.from <= told.until, "out of order");
  return told;
}

/**
 * Page `index` of a verified report.
 * @param {any} told
 * @param {number} index
 * @param {Buffer} body
 */
export function readPage(told, index, body) {
  const named = told.pages[index];
  demand(named, "no such page");
  const digest = createHash("sha256").update(body).digest();
  demand(same(digest, fromBase64url(named.digest)), "another page");
  const entries = parseCompactJson(body, MOST_PAGE_BYTES);
  page(entries, "page");
  demand(entries.length === named.entries, "another number of entries");
  return entries;
}

/**
 * At the TPS.
 * @param {string} text
 * @param {Uint8Array} signingKey
 * @param {{ issuer: string, now: number }} here
 */
export function verifyRequest(text, signingKey, { issuer, now }) {
  const kid = keyId("Ed25519", signingKey);
  const { payload } = verifyDocument(text, "chit-merchant-request+jwt", request, (id) =>
    id === kid ? signingKey : undefined,
  );
  demand(payload.aud === issuer, "for another issuer");
  demand(Math.abs(payload.iat - now) <= SKEW, "too old, or of the future");
  return payload;
}

/** @param {Buffer} body */
export function readReports(body) {
  const message = parseCompactJson(body, MOST_ANSWER_BYTES);
  answer(message, "message");
  return message;
}
