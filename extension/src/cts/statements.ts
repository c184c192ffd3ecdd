/** Months' statements of an account: fetched in parts, verified, and compared with the wallet's own purchases. */
import {
  type AccountStatement,
  amountToWire,
  ChitError,
  decodeProof,
  type KeyList,
  monthOf,
  verifyAccountStatement,
} from "@chit/protocol";
import type {
  StatementLineView,
  StatementMonthsView,
  StatementTotalView,
  StatementView,
} from "../statement-views.ts";
import { askRecords } from "./account-records.ts";
import { accountOf } from "./account-store.ts";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { payingAccountOf } from "./former-accounts.ts";
import { keyListOf, refreshKeyList } from "./issuer.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { quoteOf } from "./quote-of.ts";
import type { Purchase } from "./records.ts";

/**
 * The months that the TPS has statements of, newest first.
 *
 * @throws as `askRecords` does
 */
export async function statementMonths(
  deps: CtsDeps,
  accountKey: string,
): Promise<StatementMonthsView> {
  const { first, current } = await askRecords(deps, accountKey, { wish: "months" });
  const months: string[] = [];
  for (let month = current; month >= first; month = monthBefore(month)) {
    if (months.length === WALLET_LIMITS.statementMonths) break;
    months.push(month);
  }
  return { months };
}

function monthBefore(month: string): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const before = number === 1 ? [year - 1, 12] : [year, number - 1];
  return `${String(before[0]).padStart(4, "0")}-${String(before[1]).padStart(2, "0")}`;
}

/**
 * A month's statement, verified under the operator's keys: nothing of it is given out before.
 *
 * @throws as `askRecords` does; {WalletError} `statement-unavailable`, `statement-too-long`, `statement-under-review`,
 * `statement-forged`
 */
export async function accountStatement(
  deps: CtsDeps,
  accountKey: string,
  month: string,
): Promise<StatementView> {
  const document = await fetchDocument(deps, accountKey, month);
  const statement = await verify(deps, accountKey, document, month);
  const own = await ownPayments(deps, accountKey, statement);
  const { facts } = await accountOf(deps, accountKey);
  return statementView(statement, document, facts.operator, own);
}

async function fetchDocument(deps: CtsDeps, accountKey: string, month: string): Promise<string> {
  const begun = await askRecords(deps, accountKey, { wish: "statement", month });
  if (begun.outcome === "no-statement") throw noStatement(begun.reason);
  const { statementId, parts } = begun;
  const texts: string[] = [];
  while (texts.length < parts) {
    const some = Math.min(WALLET_LIMITS.statementPartsAtOnce, parts - texts.length);
    texts.push(
      ...(await Promise.all(
        Array.from({ length: some }, (_, index) =>
          fetchPart(deps, accountKey, statementId, texts.length + index),
        ),
      )),
    );
  }
  return texts.join("");
}

async function fetchPart(
  deps: CtsDeps,
  accountKey: string,
  statementId: string,
  part: number,
): Promise<string> {
  const wish = { wish: "statement-part", statementId, part } as const;
  const answer = await askRecords(deps, accountKey, wish);
  if (answer.outcome === "no-statement") throw noStatement(answer.reason);
  return answer.text;
}

type Reason = Extract<
  Awaited<ReturnType<typeof askRecords<{ wish: "statement"; month: string }>>>,
  { outcome: "no-statement" }
>["reason"];

function noStatement(reason: Reason): WalletError {
  switch (reason) {
    case "no-such-month":
      return new WalletError("statement-unavailable", "The account has no such month.");
    case "gone":
      return new WalletError("statement-unavailable", "The operator put it away: ask again.");
    case "too-long":
      return new WalletError("statement-too-long", "It would be longer than statements are.");
    case "under-review":
      return new WalletError("statement-under-review", "The operator's records disagree.");
  }
}

/**
 * Under the key list that is here; where that does not have the key, under the one of now.
 *
 * @throws {WalletError} `statement-forged`
 */
async function verify(
  deps: CtsDeps,
  accountKey: string,
  document: string,
  month: string,
): Promise<AccountStatement> {
  const account = await accountOf(deps, accountKey);
  const under = (list: KeyList) =>
    verifyAccountStatement(deps.crypto, list, document, { accountId: account.accountId, month });
  const list = await keyListOf(deps, account);
  try {
    return under(list);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.code !== "signing-key-unknown") throw forged(error);
  }
  const fresh = await refreshKeyList(deps, accountKey);
  try {
    return under(fresh);
  } catch (error) {
    throw isRefusal(error) ? forged(error) : error;
  }
}

const isRefusal = (error: unknown): error is ChitError => error instanceof ChitError;
const forged = (cause: ChitError) => new WalletError("statement-forged", cause.message, { cause });

/** A payment that this wallet holds the proof of. */
interface OwnPayment {
  readonly purchaseId: string;
  readonly paymentId: string;
  readonly shopName: string;
  readonly items: readonly string[];
  /** Smallest units. */
  readonly amount: bigint;
  readonly at: number;
}

/**
 * The wallet's payments that the statement should or does tell of: those of its month and account, and those that it
 * names (a refund may be of an earlier month's).
 */
async function ownPayments(
  deps: CtsDeps,
  accountKey: string,
  statement: AccountStatement,
): Promise<OwnPayment[]> {
  const named = new Set(
    statement.movements.map((one) => (one.kind === "funding" ? "" : one.paymentId)),
  );
  const paid: { purchase: Purchase; own: OwnPayment }[] = [];
  // One by one, as the disk has them: the wallet may hold thousands.
  await deps.store.history(0, 1, (purchase) => {
    const own = ownPayment(purchase);
    if (own === undefined) return false;
    const due = monthOf(own.at) === statement.month && own.at <= statement.iat;
    if (due || named.has(own.paymentId)) paid.push({ purchase, own });
    return false;
  });
  const own: OwnPayment[] = [];
  for (const { purchase, own: payment } of paid) {
    if (!("accountKey" in purchase) || purchase.accountKey === null) continue;
    const payer = await payingAccountOf(deps, purchase.accountKey);
    if (payer?.accountKey === accountKey) own.push(payment);
  }
  return own;
}

function ownPayment(purchase: Purchase): OwnPayment | undefined {
  if (!("proof" in purchase)) return undefined;
  const { jti, iat, amount } = decodeProof(purchase.proof);
  const { lines } = quoteOf(purchase);
  return {
    purchaseId: purchase.purchaseId,
    paymentId: jti,
    shopName: purchase.shopName,
    items: lines.map(({ description }) => description),
    amount,
    at: iat,
  };
}

function statementView(
  statement: AccountStatement,
  document: string,
  operator: string,
  own: readonly OwnPayment[],
): StatementView {
  const ownById = new Map(own.map((payment) => [payment.paymentId, payment]));
  const listed = new Map<string, bigint>();
  const elsewhere = { count: 0, amount: 0n };
  for (const movement of statement.movements) {
    if (movement.kind !== "payment") continue;
    listed.set(movement.paymentId, movement.amount);
    if (ownById.has(movement.paymentId)) continue;
    elsewhere.count += 1;
    elsewhere.amount += movement.amount;
  }
  const due = own.filter(({ at }) => monthOf(at) === statement.month && at <= statement.iat);
  const missing = due.filter(({ paymentId, amount }) => listed.get(paymentId) !== amount);
  return {
    month: statement.month,
    complete: statement.complete,
    madeAt: statement.iat,
    statementId: statement.jti,
    operator,
    issuer: statement.iss,
    accountId: statement.accountId,
    currency: statement.currency,
    scale: statement.scale,
    opening: amountToWire(statement.opening),
    closing: amountToWire(statement.closing),
    payments: totalView(statement.payments),
    refunds: totalView(statement.refunds),
    fundings: totalView(statement.fundings),
    lines: statement.movements.map((movement) => lineView(movement, statement, ownById)),
    elsewhere: totalView(elsewhere),
    missing: missing.map(({ purchaseId, shopName, amount, at }) => ({
      ...{ purchaseId, shopName, at },
      amount: amountToWire(amount),
    })),
    document,
  };
}

const totalView = ({ count, amount }: { count: number; amount: bigint }): StatementTotalView => ({
  count,
  amount: amountToWire(amount),
});

function lineView(
  movement: AccountStatement["movements"][number],
  { merchants }: AccountStatement,
  own: ReadonlyMap<string, OwnPayment>,
): StatementLineView {
  const { kind, at, amount } = movement;
  const common = {
    ...{ kind, at },
    amount: amountToWire(kind === "payment" ? -amount : amount),
    balance: amountToWire(movement.balance),
  };
  if (movement.kind === "funding") {
    const name = movement.reference;
    return { ...common, name, purchase: null, transactionNumber: "", paymentId: "" };
  }
  const { merchantId, transactionNumber, paymentId } = movement;
  const payment = own.get(paymentId);
  return {
    ...common,
    ...{ transactionNumber, paymentId },
    name: merchants.get(merchantId) ?? merchantId,
    purchase: payment ? { purchaseId: payment.purchaseId, items: payment.items } : null,
  };
}
