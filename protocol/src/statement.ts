/**
 * The statement of an account for one month: the balance before, every movement, the balance after. Signed by the
 * TPS, so that its holder can show it to others, and hold the TPS to it. A month is a calendar month in UTC. A long
 * statement has several sheets, each a document of its own; as a file it is one sheet a line.
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
  identifier,
  message,
  month,
  positiveAmount,
  scale,
  time,
  webOrigin,
  whole,
} from "./schema.ts";

const moved = {
  at: time,
  amount: positiveAmount,
  /** The account's balance after it. */
  balance: amount,
};
/** The payment that it is, or is of: `jti` of its proof, and whom it paid. */
const payment = { paymentId: identifier, merchantId: identifier, transactionNumber: identifier };

const movementSchema = v.variant("kind", [
  /** Goes out. */
  message({ kind: v.literal("payment"), ...moved, ...payment }),
  /** Comes back, by the merchant's refund order. */
  message({ kind: v.literal("refund"), ...moved, ...payment, orderId: identifier }),
  /** Comes in; `reference` names it, as the operator entered it. */
  message({
    kind: v.literal("funding"),
    ...moved,
    reference: displayText(LIMITS.fundingReferenceLength),
  }),
]);
/** One line of a statement. */
export type StatementMovement = v.InferOutput<typeof movementSchema>;

const most = LIMITS.statementSheets * LIMITS.statementSheetMovements;
const total = message({ count: whole(0, most), amount });

const sheetSchema = message({
  v: v.literal(1),
  iss: webOrigin,
  /** The same on all sheets of a statement. */
  jti: identifier,
  iat: time,
  accountId: identifier,
  month,
  /** Whether the month was over: there is one such statement of a month, and it stays as it is. */
  complete: v.boolean(),
  currency,
  scale,
  /** Of the whole month, on every sheet. */
  opening: amount,
  payments: total,
  refunds: total,
  fundings: total,
  closing: amount,
  sheet: whole(1, LIMITS.statementSheets),
  sheets: whole(1, LIMITS.statementSheets),
  /** The balance before this sheet's first movement. */
  carried: amount,
  /** Those whom this sheet's movements name, as the operator knows them. */
  merchants: v.pipe(
    v.array(message({ merchantId: identifier, name: displayText(LIMITS.nameLength) })),
    v.maxLength(LIMITS.statementSheetMovements),
  ),
  movements: v.pipe(v.array(movementSchema), v.maxLength(LIMITS.statementSheetMovements)),
});
type Sheet = v.InferOutput<typeof sheetSchema>;
/** What {@link createStatementSheet} signs. */
export type StatementSheetInput = v.InferInput<typeof sheetSchema>;

/** A verified statement, its sheets put together. Amounts in smallest units, times in seconds. */
export interface AccountStatement
  extends Omit<Sheet, "v" | "sheet" | "sheets" | "carried" | "merchants"> {
  /** `merchantId` → name; has everybody whom the movements name. */
  readonly merchants: ReadonlyMap<string, string>;
}

/** Signs one sheet under one of the TPS's signing keys. */
export async function createStatementSheet(
  signer: Signer,
  sheet: StatementSheetInput,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES.accountStatement, sheet);
}

/**
 * Verifies the text of a statement (its sheets, one a line) under the issuer's key list: every signature, that the
 * sheets are those of one statement and in order, that each movement is of the month, and that every balance and
 * total is the sum that it should be.
 *
 * @throws {ChitError} as `verifyIssued` does; `transaction-mismatch` for another account or month than expected,
 * `books-inconsistent` where it does not add up.
 */
export function verifyAccountStatement(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  text: string,
  expected: { readonly accountId?: string; readonly month?: string } = {},
): AccountStatement {
  const documents = text.split("\n", LIMITS.statementSheets + 1);
  const sheets = documents.map((document) =>
    verifyIssued(
      crypto,
      list,
      document,
      DOCUMENT_TYPES.accountStatement,
      sheetSchema,
      LIMITS.statementSheetBytes,
    ),
  );
  const [first] = sheets as [Sheet, ...Sheet[]];
  const { accountId = first.accountId, month: wanted = first.month } = expected;
  if (first.accountId !== accountId || first.month !== wanted) {
    throw new ChitError(
      "transaction-mismatch",
      `The statement is of ${first.month} and not of this account's ${wanted}.`,
    );
  }
  const whole = { sheets: sheets.length, head: headOf(first) };
  sheets.forEach((sheet, index) => {
    if (
      sheet.sheet !== index + 1 ||
      sheet.sheets !== whole.sheets ||
      headOf(sheet) !== whole.head
    ) {
      throw inconsistent(first, "its sheets are not those of one statement, in order");
    }
  });
  checkBalances(first, sheets);
  const movements = sheets.flatMap((sheet) => sheet.movements);
  checkTotals(first, movements);
  const merchants = new Map(
    sheets.flatMap((sheet) => sheet.merchants.map(({ merchantId, name }) => [merchantId, name])),
  );
  const { v: _v, sheet: _sheet, sheets: _sheets, carried: _carried, ...common } = first;
  return { ...common, movements, merchants };
}

/** What all sheets of a statement have in common, to be compared. */
function headOf(sheet: Sheet): string {
  const { sheet: _sheet, carried: _carried, merchants: _merchants, movements: _m, ...head } = sheet;
  return JSON.stringify(head, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** Each balance is the one before with the movement added; each movement is of the month, its merchant named. */
function checkBalances(first: Sheet, sheets: readonly Sheet[]): void {
  let balance = first.opening;
  const { from, until } = monthBounds(first.month);
  for (const sheet of sheets) {
    if (sheet.carried !== balance)
      throw inconsistent(first, "a sheet does not follow the one before");
    const named = new Set(sheet.merchants.map(({ merchantId }) => merchantId));
    for (const movement of sheet.movements) {
      balance += movement.kind === "payment" ? -movement.amount : movement.amount;
      if (movement.balance !== balance) throw inconsistent(first, "a balance is not the sum");
      if (movement.at < from || movement.at >= until) {
        throw inconsistent(first, "a movement is of another month");
      }
      if (movement.kind !== "funding" && !named.has(movement.merchantId)) {
        throw inconsistent(first, "a merchant is not named");
      }
    }
  }
  if (balance !== first.closing) throw inconsistent(first, "the last balance is another one");
}

function checkTotals(first: Sheet, movements: readonly StatementMovement[]): void {
  const kinds = { payment: first.payments, refund: first.refunds, funding: first.fundings };
  for (const [kind, said] of Object.entries(kinds)) {
    const own = movements.filter((movement) => movement.kind === kind);
    const sum = own.reduce((so, movement) => so + movement.amount, 0n);
    if (said.count !== own.length || said.amount !== sum) {
      throw inconsistent(first, `its total of ${kind}s is another one`);
    }
  }
}

function inconsistent({ month: of }: Sheet, what: string): ChitError {
  return new ChitError(
    "books-inconsistent",
    `The statement of ${of} does not add up: ${what}. Ask the operator.`,
  );
}

/** The month (UTC) of a time in seconds: `2026-11`. */
export function monthOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 7);
}

/** When a month begins, and when the next one does: seconds. */
export function monthBounds(of: string): { readonly from: number; readonly until: number } {
  const [year, number] = of.split("-").map(Number) as [number, number];
  const start = (index: number) => Date.UTC(year, index) / 1_000;
  return { from: start(number - 1), until: start(number) };
}
