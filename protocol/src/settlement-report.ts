/**
 * The settlement report (TPS → MTS; paper, section 3): what the TPS owes a merchant after one cycle, and each payment
 * and refund that this rests on. The report is a signed document; its entries come on pages whose SHA-256 it names, so
 * that a busy merchant's report stays small. A payment whose proof never reached the merchant is found here.
 */

import * as v from "valibot";
import { sha256 } from "#hashes";
import { equalBytes, toBase64url } from "./bytes.ts";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, decodeDocument, signDocument } from "./jws.ts";
import { type KeyList, verifyIssued } from "./key-list.ts";
import { LIMITS } from "./limits.ts";
import {
  amount,
  bytes,
  currency,
  identifier,
  message,
  messageBytes,
  parseMessage,
  positiveAmount,
  scale,
  signedAmount,
  time,
  webOrigin,
  whole,
} from "./schema.ts";

/** Number of a settlement: 1 for the issuer's first. */
export const settlementCycle = whole(1, Number.MAX_SAFE_INTEGER);

const totalSchema = message({ count: whole(0, Number.MAX_SAFE_INTEGER), amount });

const reportSchema = message({
  v: v.literal(1),
  iss: webOrigin,
  jti: identifier,
  iat: time,
  merchantId: identifier,
  cycle: settlementCycle,
  /** Cycle of this merchant's report before, 0 for none: cycles in which nothing happened have no report. */
  previous: whole(0, Number.MAX_SAFE_INTEGER),
  /** End of the cycle before, and of this one. A payment of an earlier time may be in it: it was collected late. */
  from: time,
  until: time,
  currency,
  scale,
  /** What the TPS owed the merchant: `closing` of the report before. Negative: the merchant owes. */
  opening: signedAmount,
  /** Entries that are settled, without those held back. */
  payments: totalSchema,
  refunds: totalSchema,
  /** Of the settled payments together. */
  fees: amount,
  /** Payments whose device signature did not verify: not credited, for the operator to decide. */
  heldBack: totalSchema,
  /** Earlier payouts that the bank did not execute, and that count again. */
  returned: totalSchema,
  payout: v.nullable(message({ amount: positiveAmount, payoutId: identifier })),
  /** opening + payments − fees − refunds + returned − payout. */
  closing: signedAmount,
  /** The pages in their order: how many entries each has, and the SHA-256 of its bytes. */
  pages: v.pipe(
    v.array(message({ entries: whole(1, LIMITS.reportPageEntries), digest: bytes(32) })),
    v.maxLength(LIMITS.reportPages),
  ),
});

/** A verified settlement report. Amounts in smallest units, times in seconds. */
export type SettlementReport = v.InferOutput<typeof reportSchema>;
/** What {@link createSettlementReport} signs. */
export type SettlementReportInput = v.InferInput<typeof reportSchema>;

/** One payment or refund of a report, as it travels. */
export const reportEntrySchema = v.variant("entry", [
  message({
    entry: v.literal("payment"),
    /** `jti` of the proof. */
    paymentId: identifier,
    transactionNumber: identifier,
    amount: positiveAmount,
    fee: amount,
    quoteHash: bytes(32),
    paidAt: time,
    state: v.picklist(["settled", "held-back"]),
  }),
  message({
    entry: v.literal("refund"),
    /** The merchant's refund order; of `by: "operator"` an id of the TPS's own. */
    orderId: identifier,
    paymentId: identifier,
    transactionNumber: identifier,
    amount: positiveAmount,
    at: time,
    /** The operator gives back a payment that was held back, which the same report settles without a fee. */
    by: v.picklist(["merchant", "operator"]),
  }),
]);

/** One payment or refund of a report. */
export type ReportEntry = v.InferOutput<typeof reportEntrySchema>;
/** The same as it travels. */
export type ReportEntryInput = v.InferInput<typeof reportEntrySchema>;

const pageSchema = v.pipe(
  v.array(reportEntrySchema),
  v.minLength(1),
  v.maxLength(LIMITS.reportPageEntries),
);

/** Signs a report under one of the TPS's signing keys. */
export async function createSettlementReport(
  signer: Signer,
  report: SettlementReportInput,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES.settlementReport, report);
}

/**
 * What a report says, for whoever verified it before and kept it; nothing is verified here.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`
 */
export function decodeSettlementReport(document: string): SettlementReport {
  const type = DOCUMENT_TYPES.settlementReport;
  return decodeDocument(document, type, reportSchema, LIMITS.reportBytes).payload;
}

/**
 * Verifies a report under the issuer's key list, and that its balances add up.
 *
 * @throws {ChitError} as `verifyIssued` does; `books-inconsistent`
 */
export function verifySettlementReport(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  document: string,
): SettlementReport {
  const type = DOCUMENT_TYPES.settlementReport;
  const report = verifyIssued(crypto, list, document, type, reportSchema, LIMITS.reportBytes);
  const { opening, payments, fees, refunds, returned, payout, closing } = report;
  const paidOut = payout?.amount ?? 0n;
  if (
    opening + payments.amount - fees - refunds.amount + returned.amount - paidOut !== closing ||
    report.previous >= report.cycle ||
    report.from > report.until
  ) {
    throw new ChitError(
      "books-inconsistent",
      `The settlement report of cycle ${report.cycle} does not add up. Ask the operator.`,
    );
  }
  return report;
}

/** The bytes of a page: a compact JSON array of 1 to 500 entries. They stay the same for ever. */
export function createReportPage(entries: readonly ReportEntryInput[]): Uint8Array {
  return messageBytes(entries);
}

/** What a report says of a page, in its `pages`. */
export function describeReportPage(
  entries: readonly ReportEntryInput[],
): SettlementReportInput["pages"][number] {
  return { entries: entries.length, digest: toBase64url(sha256(createReportPage(entries))) };
}

/**
 * Reads page `index` (from 0) of a verified report.
 *
 * @throws {ChitError} `authentication-failed` when the report names other bytes for it, `malformed-message`,
 * `books-inconsistent` when it has another number of entries than the report says.
 */
export function readReportPage(
  report: SettlementReport,
  index: number,
  page: Uint8Array,
): ReportEntry[] {
  const named = report.pages[index];
  if (named === undefined || !equalBytes(named.digest, sha256(page))) {
    throw new ChitError(
      "authentication-failed",
      `This is not page ${index} of the settlement report of cycle ${report.cycle}.`,
    );
  }
  const entries = parseMessage(pageSchema, page, LIMITS.reportPageBytes);
  if (entries.length !== named.entries) throw entriesDiffer(report);
  return entries;
}

/**
 * Checks that all entries of all pages together make the totals of a verified report.
 *
 * @throws {ChitError} `books-inconsistent`
 */
export function checkReportEntries(
  report: SettlementReport,
  entries: readonly ReportEntry[],
): void {
  const payments = entries.filter((entry) => entry.entry === "payment");
  const settled = payments.filter(({ state }) => state === "settled");
  const fees = settled.reduce((sum, { fee }) => sum + fee, 0n);
  const agrees =
    isTotal(report.payments, settled) &&
    isTotal(
      report.heldBack,
      payments.filter(({ state }) => state === "held-back"),
    ) &&
    isTotal(
      report.refunds,
      entries.filter(({ entry }) => entry === "refund"),
    ) &&
    fees === report.fees &&
    payments.every(({ amount, fee }) => fee <= amount);
  if (!agrees) throw entriesDiffer(report);
}

function isTotal(
  total: v.InferOutput<typeof totalSchema>,
  entries: readonly ReportEntry[],
): boolean {
  const sum = entries.reduce((so, entry) => so + entry.amount, 0n);
  return total.count === entries.length && total.amount === sum;
}

function entriesDiffer({ cycle }: SettlementReport): ChitError {
  return new ChitError(
    "books-inconsistent",
    `The entries of the settlement report of cycle ${cycle} do not make its totals. Ask the operator.`,
  );
}
