/**
 * The statement of a merchant over a span of time: the settlements that ended in it, with their totals, and what the
 * TPS owed before and after. Signed by the TPS. The single payments are in the settlement reports, which it names.
 */
import * as v from "valibot";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, signDocument } from "./jws.ts";
import { type KeyList, verifyIssued } from "./key-list.ts";
import { LIMITS } from "./limits.ts";
import {
  amount,
  currency,
  displayText,
  header,
  identifier,
  jwsUpTo,
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
import { settlementCycle } from "./settlement-report.ts";

const total = message({ count: whole(0, Number.MAX_SAFE_INTEGER), amount });

const totals = {
  payments: total,
  refunds: total,
  fees: amount,
  heldBack: total,
  /** Earlier payouts that the bank did not execute, and that count again. */
  returned: total,
};

const cycleSchema = message({
  cycle: settlementCycle,
  /** `jti` of the settlement report. */
  reportId: identifier,
  from: time,
  until: time,
  opening: signedAmount,
  ...totals,
  payout: v.nullable(message({ amount: positiveAmount, payoutId: identifier })),
  closing: signedAmount,
});
/** One settlement of a merchant's statement. */
export type StatementCycle = v.InferOutput<typeof cycleSchema>;

const statementSchema = message({
  v: v.literal(1),
  iss: webOrigin,
  jti: identifier,
  iat: time,
  merchantId: identifier,
  /** As the operator knows it. */
  name: displayText(LIMITS.nameLength),
  /** The span: settlements that ended at or after `from` and before `until`. */
  from: time,
  until: time,
  currency,
  scale,
  /** What the TPS owed the merchant before the first and after the last of them. Negative: the merchant owes. */
  opening: signedAmount,
  ...totals,
  payouts: total,
  closing: signedAmount,
  cycles: v.pipe(v.array(cycleSchema), v.maxLength(LIMITS.merchantStatementCycles)),
});
/** A verified statement. Amounts in smallest units, times in seconds. */
export type MerchantStatement = v.InferOutput<typeof statementSchema>;
/** What {@link createMerchantStatement} signs. */
export type MerchantStatementInput = v.InferInput<typeof statementSchema>;

/** Signs a statement under one of the TPS's signing keys. */
export async function createMerchantStatement(
  signer: Signer,
  statement: MerchantStatementInput,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES.merchantStatement, statement);
}

/**
 * Verifies a merchant's statement under the issuer's key list, and that it adds up.
 *
 * @throws {ChitError} as `verifyIssued` does; `transaction-mismatch` for another merchant than expected,
 * `books-inconsistent`
 */
export function verifyMerchantStatement(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  document: string,
  expected: { readonly merchantId?: string } = {},
): MerchantStatement {
  const statement = verifyIssued(
    crypto,
    list,
    document,
    DOCUMENT_TYPES.merchantStatement,
    statementSchema,
    LIMITS.merchantStatementBytes,
  );
  const { merchantId = statement.merchantId } = expected;
  if (statement.merchantId !== merchantId) {
    throw new ChitError(
      "transaction-mismatch",
      `The statement is of ${statement.merchantId}, not of ${merchantId}.`,
    );
  }
  const wrong = whatIsWrong(statement);
  if (wrong !== undefined) {
    throw new ChitError(
      "books-inconsistent",
      `The merchant's statement does not add up: ${wrong}. Ask the operator.`,
    );
  }
  return statement;
}

const answerSchema = message({
  ...header("merchant-statement"),
  statement: jwsUpTo(LIMITS.merchantStatementBytes),
});

/** The answer to a merchant's request `statement`. */
export function createMerchantStatementAnswer(statement: string): Uint8Array {
  return messageBytes({ v: 1, type: "merchant-statement", statement });
}

/**
 * Reads that answer; the document in it is not verified yet.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function readMerchantStatementAnswer(body: Uint8Array): string {
  return parseMessage(answerSchema, body, LIMITS.merchantStatementAnswerBytes).statement;
}

/** What does not add up, or undefined. */
function whatIsWrong(statement: MerchantStatement): string | undefined {
  let balance = statement.opening;
  let before = 0;
  for (const cycle of statement.cycles) {
    if (cycle.cycle <= before) return "its settlements are not in order";
    if (cycle.until < statement.from || cycle.until >= statement.until) {
      return "a settlement is of another time";
    }
    if (cycle.opening !== balance) return "a settlement does not follow the one before";
    balance +=
      cycle.payments.amount -
      cycle.fees -
      cycle.refunds.amount +
      cycle.returned.amount -
      (cycle.payout?.amount ?? 0n);
    if (cycle.closing !== balance) return "a balance is not the sum";
    before = cycle.cycle;
  }
  if (statement.closing !== balance) return "the last balance is another one";
  const sums = totalsOf(statement.cycles);
  const same = (["payments", "refunds", "heldBack", "returned", "payouts"] as const).every(
    (name) =>
      sums[name].count === statement[name].count && sums[name].amount === statement[name].amount,
  );
  return same && sums.fees === statement.fees ? undefined : "a total is not the sum";
}

/** The totals of some settlements. */
export function totalsOf(
  cycles: readonly StatementCycle[],
): Pick<MerchantStatement, "payments" | "refunds" | "fees" | "heldBack" | "returned" | "payouts"> {
  const sum = (of: (cycle: StatementCycle) => { count: number; amount: bigint }) =>
    cycles.map(of).reduce(
      (so, one) => ({
        count: so.count + one.count,
        amount: so.amount + one.amount,
      }),
      { count: 0, amount: 0n },
    );
  return {
    payments: sum(({ payments }) => payments),
    refunds: sum(({ refunds }) => refunds),
    fees: cycles.reduce((so, { fees }) => so + fees, 0n),
    heldBack: sum(({ heldBack }) => heldBack),
    returned: sum(({ returned }) => returned),
    payouts: sum(({ payout }) => ({
      count: payout === null ? 0 : 1,
      amount: payout?.amount ?? 0n,
    })),
  };
}
