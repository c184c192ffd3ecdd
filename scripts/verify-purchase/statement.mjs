// PROTOCOL.md, section 8: the account-records exchange, statements of accounts and of merchants.
import { demand } from "./bytes.mjs";
import { LABEL } from "./crypto.mjs";
import { verifyIssued } from "./documents.mjs";
import { byField } from "./fields.mjs";
import {
  amountFrom,
  anyAmount,
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
  text,
  time,
  version,
} from "./types.mjs";

const month = string(/^[0-9]{4}-(0[1-9]|1[0-2])$/, "a month");
const cursor = string(/^[A-Za-z0-9_-]{1,22}$/, "a cursor");

/** The fields of each wish, in the order in which they are signed. */
const WISHES = {
  movements: { after: orNull(cursor) },
  months: {},
  statement: { month },
  "statement-part": { statementId: id, part: integer(0, 8191) },
  funding: {},
};

const payment = { paymentId: id, merchantId: id, transactionNumber: id };
const moved = { at: time, amount: amountFrom(1n) };

/** @type {import("./account.mjs").Exchange} */
export const RECORDS = {
  type: "account-records",
  labels: [LABEL.accountRecords, LABEL.accountRecordsResponse],
  signature: LABEL.accountRecordsSignature,
  sealed: { wish: byField("wish", WISHES) },
  signed: ({ wish }) => [
    wish.wish,
    ...Object.keys(WISHES[/** @type {keyof typeof WISHES} */ (wish.wish)])
      .filter((field) => wish[field] !== null)
      .map((field) => String(wish[field])),
  ],
  replyBlock: 2048,
  outcomes: {
    movements: {
      movements: list(
        0,
        16,
        byField(
          "kind",
          { funding: { reference: text(100) }, refund: { ...payment, orderId: id } },
          { ...moved, balanceAfter: amountFrom(0n) },
        ),
      ),
      next: cursor,
      more: one(true, false),
    },
    months: { first: month, current: month },
    statement: { statementId: id, parts: integer(1, 8192) },
    "statement-part": { text: string(/^[A-Za-z0-9._\n-]{0,8000}$/, "a part") },
    "no-statement": { reason: one("no-such-month", "too-long", "under-review", "gone") },
    funding: {
      reference: text(70),
      holder: text(70),
      iban: string(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/, "an IBAN"),
      bic: orNull(string(/^[A-Z0-9]{8}([A-Z0-9]{3})?$/, "a BIC")),
      text: orNull(text(500)),
    },
    "no-funding": {},
    "awaiting-pin": {},
    "device-revoked": {},
    refused: {},
  },
};

const total = object({ count, amount: amountFrom(0n) });

const sheet = object({
  v: version,
  iss: origin,
  jti: id,
  iat: time,
  accountId: id,
  month,
  complete: one(true, false),
  currency,
  scale,
  opening: amountFrom(0n),
  payments: total,
  refunds: total,
  fundings: total,
  closing: amountFrom(0n),
  sheet: integer(1, 100),
  sheets: integer(1, 100),
  carried: amountFrom(0n),
  merchants: list(0, 500, object({ merchantId: id, name: text(80) })),
  movements: list(
    0,
    500,
    byField(
      "kind",
      { payment, refund: { ...payment, orderId: id }, funding: { reference: text(100) } },
      { ...moved, balance: amountFrom(0n) },
    ),
  ),
});

const SHARED = /** @type {const} */ ([
  ...["jti", "iat", "accountId", "month", "complete", "currency", "scale"],
  ...["opening", "payments", "refunds", "fundings", "closing", "sheets"],
]);

/**
 * The text of an account's statement: its sheets, one a line.
 * @param {string} lines
 * @param {any} keyList
 * @param {{ accountId?: string, month?: string }} [expected]
 */
export function verifyStatement(lines, keyList, expected = {}) {
  const sheets = lines
    .split("\n")
    .map((line) => verifyIssued(line, "chit-account-statement+jwt", sheet, keyList));
  const [first] = sheets;
  for (const [name, value] of Object.entries(expected)) {
    demand(first[name] === value, `another ${name}`);
  }
  const [year, number] = first.month.split("-").map(Number);
  const begins = Date.UTC(year, number - 1) / 1000;
  const ends = Date.UTC(year, number) / 1000;
  let balance = BigInt(first.opening);
  /** @type {Record<string, [number, bigint]>} */
  const sums = { payment: [0, 0n], refund: [0, 0n], funding: [0, 0n] };
  sheets.forEach((one, index) => {
    for (const field of SHARED) {
      demand(JSON.stringify(one[field]) === JSON.stringify(first[field]), `another ${field}`);
    }
    demand(one.sheet === index + 1 && one.sheets === sheets.length, "sheets out of order");
    demand(BigInt(one.carried) === balance, "another balance carried over");
    const named = one.merchants.map((/** @type {any} */ { merchantId }) => merchantId);
    for (const { kind, at, amount, balance: after, merchantId } of one.movements) {
      balance += kind === "payment" ? -BigInt(amount) : BigInt(amount);
      demand(BigInt(after) === balance, "a balance is not the sum");
      demand(at >= begins && at < ends, "of another month");
      demand(kind === "funding" || named.includes(merchantId), "a merchant without a name");
      const [so, far] = sums[kind] ?? [0, 0n];
      sums[kind] = [so + 1, far + BigInt(amount)];
    }
  });
  demand(balance === BigInt(first.closing), "another closing balance");
  for (const [kind, [number, amount]] of Object.entries(sums)) {
    const said = first[`${kind}s`];
    demand(said.count === number && BigInt(said.amount) === amount, `another total of ${kind}s`);
  }
  return { ...first, movements: sheets.flatMap((one) => one.movements) };
}

const cycle = object({
  cycle: integer(1, Number.MAX_SAFE_INTEGER),
  reportId: id,
  from: time,
  until: time,
  opening: anyAmount,
  payments: total,
  refunds: total,
  fees: amountFrom(0n),
  heldBack: total,
  returned: total,
  payout: orNull(object({ amount: amountFrom(1n), payoutId: id })),
  closing: anyAmount,
});

const merchantStatement = object({
  v: version,
  iss: origin,
  jti: id,
  iat: time,
  merchantId: id,
  name: text(80),
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
  payouts: total,
  closing: anyAmount,
  cycles: list(0, 400, cycle),
});

/**
 * @param {string} document
 * @param {any} keyList
 * @param {string} merchantId
 */
export function verifyMerchantStatement(document, keyList, merchantId) {
  const typ = "chit-merchant-statement+jwt";
  const told = verifyIssued(document, typ, merchantStatement, keyList);
  demand(told.merchantId === merchantId, "another merchant");
  let balance = BigInt(told.opening);
  let last = 0;
  for (const one of told.cycles) {
    demand(one.cycle > last, "settlements out of order");
    demand(one.until >= told.from && one.until < told.until, "a settlement of another time");
    demand(BigInt(one.opening) === balance, "a settlement does not follow the one before");
    balance += BigInt(one.payments.amount) - BigInt(one.fees) - BigInt(one.refunds.amount);
    balance += BigInt(one.returned.amount) - BigInt(one.payout?.amount ?? 0);
    demand(BigInt(one.closing) === balance, "a balance is not the sum");
    last = one.cycle;
  }
  demand(BigInt(told.closing) === balance, "another closing");
  const sum = (/** @type {(one: any) => string | number} */ of) =>
    told.cycles.reduce(
      (/** @type {bigint} */ so, /** @type {any} */ one) => so + BigInt(of(one)),
      0n,
    );
  for (const name of ["payments", "refunds", "heldBack", "returned"]) {
    demand(sum((one) => one[name].count) === BigInt(told[name].count), `count of ${name}`);
    demand(sum((one) => one[name].amount) === BigInt(told[name].amount), `sum of ${name}`);
  }
  demand(sum((one) => one.fees) === BigInt(told.fees), "sum of fees");
  demand(sum((one) => (one.payout ? 1 : 0)) === BigInt(told.payouts.count), "count of payouts");
  demand(sum((one) => one.payout?.amount ?? 0) === BigInt(told.payouts.amount), "payouts");
  return told;
}
