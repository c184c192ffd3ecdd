/** Vectors of statements: an account's, with one sheet and with two, and a merchant's. */
import {
  createMerchantStatement,
  createStatementSheet,
  DOCUMENT_TYPES,
  LIMITS,
  type MerchantStatementInput,
  type StatementSheetInput,
  utf8,
} from "@chit/protocol";
import { NOW } from "../fixture.ts";
import type { NegativeVector, VectorFile } from "./form.ts";
import { operate } from "./operations.ts";
import { documentFile } from "./signed.ts";
import { issuerContext, type Stage } from "./stage.ts";

const ISSUER = "https://tps.example";
const MONTH = new Date(NOW * 1_000).toISOString().slice(0, 7);
const START = Date.UTC(Number(MONTH.slice(0, 4)), Number(MONTH.slice(5)) - 1) / 1_000;

/** A month with a movement of each kind. */
function sheetOf(stage: Stage): StatementSheetInput {
  const { merchantId, transactionNumber } = stage.world.quoteInput;
  const payment = { paymentId: stage.id("payment"), merchantId, transactionNumber };
  return {
    v: 1,
    iss: ISSUER,
    jti: stage.id("statement"),
    iat: NOW,
    accountId: stage.id("account"),
    month: MONTH,
    complete: false,
    currency: "EUR",
    scale: 4,
    opening: "20000",
    payments: { count: 1, amount: "135000" },
    refunds: { count: 1, amount: "45000" },
    fundings: { count: 1, amount: "1000000" },
    closing: "930000",
    sheet: 1,
    sheets: 1,
    carried: "20000",
    merchants: [{ merchantId, name: "Paper & Ink" }],
    movements: [
      { kind: "funding", at: START, amount: "1000000", balance: "1020000", reference: "NTRF-417" },
      { kind: "payment", at: NOW - 500, amount: "135000", balance: "885000", ...payment },
      {
        ...{ kind: "refund", at: NOW - 60, amount: "45000", balance: "930000", ...payment },
        orderId: stage.id("refund order"),
      },
    ],
  };
}

/** The same on two sheets. */
function twoSheetsOf(stage: Stage): [StatementSheetInput, StatementSheetInput] {
  const sheet = { ...sheetOf(stage), sheets: 2 };
  const [funding, ...rest] = sheet.movements;
  return [
    { ...sheet, merchants: [], movements: funding === undefined ? [] : [funding] },
    { ...sheet, sheet: 2, carried: "1020000", movements: rest },
  ];
}

async function accountFile(stage: Stage): Promise<VectorFile> {
  const kind = "account-statement";
  const signer = stage.world.tpsSigner;
  const sheet = sheetOf(stage);
  const [funding, payment, refund] = sheet.movements as [object, object, object];
  const inconsistent = (patch: object) => ({ patch, error: "books-inconsistent" });
  const other = (patch: object) => ({ patch, error: "transaction-mismatch" });
  const context = { ...issuerContext(stage), accountId: sheet.accountId, month: MONTH };
  const file = await documentFile(stage, kind, {
    type: DOCUMENT_TYPES.accountStatement,
    describes:
      "Section 8: the text of an account's statement for one month, its sheets a line each.",
    signer,
    document: await createStatementSheet(signer, sheet),
    mostBytes: LIMITS.statementSheetBytes,
    context,
    malformed: {
      "month 00": { month: "2026-00" },
      "a negative balance": { closing: "-1" },
      "sheet 0": { sheet: 0 },
      "a movement of nothing": { movements: [{ ...payment, amount: "0" }] },
      "a denial": { movements: [{ ...payment, kind: "denial" }] },
      "a payment by a device": { movements: [{ ...payment, deviceId: stage.id("device") }] },
      "a funding of a merchant's": {
        movements: [{ ...funding, merchantId: sheet.merchants[0]?.merchantId }],
      },
      "501 movements": { movements: Array(501).fill(payment) },
    },
    refused: {
      "another closing": inconsistent({ closing: "930001" }),
      "another opening": inconsistent({ opening: "20001", carried: "20001" }),
      "another carried balance": inconsistent({ carried: "20001" }),
      "a movement left out": inconsistent({ movements: [funding, payment] }),
      "a movement twice": inconsistent({ movements: [funding, payment, refund, refund] }),
      "movements in another order": inconsistent({ movements: [payment, funding, refund] }),
      "another total": inconsistent({ payments: { count: 1, amount: "135001" } }),
      "another count": inconsistent({ refunds: { count: 2, amount: "45000" } }),
      "a payment for a refund": inconsistent({
        payments: { count: 0, amount: "0" },
        refunds: { count: 2, amount: "180000" },
      }),
      "a movement of the month before": inconsistent({
        movements: [{ ...funding, at: START - 1 }, payment, refund],
      }),
      "a merchant without a name": inconsistent({ merchants: [] }),
      "a sheet of two": inconsistent({ sheets: 2 }),
      "another account": other({ accountId: stage.id("another account") }),
      "another month": other({ month: "2020-01" }),
      "another issuer": other({ iss: "https://other.example" }),
      "before its key's time": { patch: { iat: 1 }, error: "expired" },
    },
    contexts: {},
  });
  const sheets = twoSheetsOf(stage);
  const [first, second] = await Promise.all(sheets.map((one) => createStatementSheet(signer, one)));
  const text = `${first}\n${second}`;
  const others = { ...sheets[1], jti: stage.id("another statement") };
  const foreign = await createStatementSheet(signer, others);
  const wrong = (name: string, value: string, error = "books-inconsistent"): NegativeVector => ({
    name,
    message: { text: value },
    error,
  });
  return {
    ...file,
    positive: [
      ...file.positive,
      {
        name: "on two sheets",
        message: { text },
        result: await operate(kind, stage.world.crypto, context, utf8(text)),
      },
    ],
    negative: [
      // Behind a line feed another sheet begins.
      ...file.negative.filter(({ name }) => name !== "line feed behind"),
      wrong("line feed behind", `${text}\n`, "malformed-message"),
      wrong("the first sheet of two", first as string),
      wrong("the second sheet of two", second as string),
      wrong("the sheets the wrong way round", `${second}\n${first}`),
      wrong("a sheet twice", `${first}\n${first}`),
      wrong("a sheet of another statement", `${first}\n${foreign}`),
    ],
  };
}

async function merchantFile(stage: Stage): Promise<VectorFile> {
  const signer = stage.world.tpsSigner;
  const { merchantId } = stage.world.quoteInput;
  const cycle = (number: number, rest: object): MerchantStatementInput["cycles"][number] => ({
    cycle: number,
    reportId: stage.id(`settlement report ${number}`),
    from: NOW - 86_400 * (9 - number),
    until: NOW - 86_400 * (8 - number),
    opening: "-20000",
    payments: { count: 1, amount: "135000" },
    refunds: { count: 0, amount: "0" },
    fees: "2525",
    heldBack: { count: 0, amount: "0" },
    returned: { count: 0, amount: "0" },
    payout: null,
    closing: "112475",
    ...rest,
  });
  const none = { count: 0, amount: "0" };
  const cycles = [
    cycle(5, {}),
    cycle(7, {
      opening: "112475",
      payments: none,
      fees: "0",
      refunds: { count: 1, amount: "45000" },
      payout: { amount: "67400", payoutId: stage.id("payout") },
      closing: "75",
    }),
  ];
  const statement: MerchantStatementInput = {
    v: 1,
    iss: ISSUER,
    jti: stage.id("merchant statement"),
    iat: NOW,
    merchantId,
    name: "Paper & Ink",
    from: NOW - 7 * 86_400,
    until: NOW,
    currency: "EUR",
    scale: 4,
    opening: "-20000",
    payments: { count: 1, amount: "135000" },
    refunds: { count: 1, amount: "45000" },
    fees: "2525",
    heldBack: none,
    returned: none,
    payouts: { count: 1, amount: "67400" },
    closing: "75",
    cycles,
  };
  const inconsistent = (patch: object) => ({ patch, error: "books-inconsistent" });
  return documentFile(stage, "merchant-statement", {
    type: DOCUMENT_TYPES.merchantStatement,
    describes: "Section 8: the statement of a merchant, verified by the MTS.",
    signer,
    document: await createMerchantStatement(signer, statement),
    mostBytes: LIMITS.merchantStatementBytes,
    context: { ...issuerContext(stage), merchantId },
    malformed: {
      "a negative fee": { fees: "-1" },
      "401 settlements": { cycles: Array(401).fill(cycles[0]) },
      "a customer in it": { accountId: stage.id("account") },
    },
    refused: {
      "another closing": inconsistent({ closing: "76" }),
      "another opening": inconsistent({ opening: "0" }),
      "a settlement left out": inconsistent({ cycles: cycles.slice(0, 1) }),
      "settlements the wrong way round": inconsistent({ cycles: cycles.toReversed() }),
      "a settlement of before": inconsistent({ from: NOW - 2 * 86_400 }),
      "a settlement of the span's end": inconsistent({ until: NOW - 86_400 }),
      "another total": inconsistent({ refunds: { count: 1, amount: "45001" } }),
      "a payout that is not counted": inconsistent({ payouts: none }),
      "another merchant": {
        patch: { merchantId: stage.id("another merchant") },
        error: "transaction-mismatch",
      },
      "before its key's time": { patch: { iat: 1 }, error: "expired" },
    },
    contexts: {},
  });
}

/** `account-statement` and `merchant-statement`. */
export async function statementFiles(stage: Stage): Promise<Record<string, VectorFile>> {
  return {
    "account-statement": await accountFile(stage),
    "merchant-statement": await merchantFile(stage),
  };
}
