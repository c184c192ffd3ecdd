/** Vectors of settlements: the report, its pages, the merchant's request for them and the answer. */
import {
  createMerchantRequest,
  createReportPage,
  createReportsAnswer,
  createSettlementReport,
  DOCUMENT_TYPES,
  describeReportPage,
  fromUtf8,
  LIMITS,
  type ReportEntryInput,
  type SettlementReportInput,
  toBase64url,
} from "@chit/protocol";
import { NOW } from "../fixture.ts";
import { hex, type Json, refused, spoil, type VectorFile, writeMessage } from "./form.ts";
import { operate } from "./operations.ts";
import { type DocumentKind, documentFile } from "./signed.ts";
import { issuerContext, type Stage } from "./stage.ts";

const ISSUER = "https://tps.example";

type PaymentInput = Extract<ReportEntryInput, { entry: "payment" }>;
type RefundInput = Extract<ReportEntryInput, { entry: "refund" }>;

/** A settled payment, one that is held back, and a refund. */
function entriesOf(stage: Stage): [PaymentInput, PaymentInput, RefundInput] {
  const payment = (name: string, state: PaymentInput["state"], fee: string): PaymentInput => ({
    entry: "payment",
    paymentId: stage.id(`payment ${name}`),
    transactionNumber: stage.id(`transaction ${name}`),
    amount: "135000",
    fee,
    quoteHash: toBase64url(stage.bytes(`quote ${name}`, 32)),
    paidAt: NOW - 500,
    state,
  });
  return [
    payment("settled", "settled", "2525"),
    payment("held back", "held-back", "0"),
    {
      entry: "refund",
      orderId: stage.id("refund order"),
      paymentId: stage.id("payment of before"),
      transactionNumber: stage.id("transaction of before"),
      amount: "45000",
      at: NOW - 100,
      by: "merchant",
    },
  ];
}

function reportOf(stage: Stage): SettlementReportInput {
  return {
    v: 1,
    iss: ISSUER,
    jti: stage.id("settlement report"),
    iat: NOW,
    merchantId: stage.world.quoteInput.merchantId,
    cycle: 7,
    previous: 5,
    from: NOW - 86_400,
    until: NOW,
    currency: "EUR",
    scale: 4,
    opening: "-20000",
    payments: { count: 1, amount: "135000" },
    refunds: { count: 1, amount: "45000" },
    fees: "2525",
    heldBack: { count: 1, amount: "135000" },
    returned: { count: 1, amount: "10000" },
    payout: { amount: "77400", payoutId: stage.id("payout") },
    closing: "75",
    pages: [describeReportPage(entriesOf(stage))],
  };
}

async function reportKind(stage: Stage): Promise<DocumentKind> {
  const { world } = stage;
  const report = reportOf(stage);
  const inconsistent = (patch: object) => ({ patch, error: "books-inconsistent" });
  return {
    type: DOCUMENT_TYPES.settlementReport,
    describes: "Section 8: a settlement report, verified by the MTS, without its pages.",
    signer: world.tpsSigner,
    document: await createSettlementReport(world.tpsSigner, report),
    mostBytes: LIMITS.reportBytes,
    context: issuerContext(stage),
    malformed: {
      "cycle 0": { cycle: 0 },
      "a negative fee": { fees: "-1" },
      "a payout of nothing": { payout: { amount: "0", payoutId: stage.id("payout") } },
      "a payout without an id": { payout: { amount: "77400" } },
      "a negative sum of payments": { payments: { count: 1, amount: "-1" } },
      "half a payment": { payments: { count: 0.5, amount: "135000" } },
      "an empty page": { pages: [{ ...report.pages[0], entries: 0 }] },
      "a page of 501 entries": { pages: [{ ...report.pages[0], entries: 501 }] },
      "1001 pages": { pages: Array(1_001).fill(report.pages[0]) },
      "an account in it": { accountId: stage.id("account") },
    },
    refused: {
      "another closing": inconsistent({ closing: "76" }),
      "an opening that does not lead there": inconsistent({ opening: "20000" }),
      "a payout that is not taken off": inconsistent({ payout: null }),
      "the report before is itself": inconsistent({ previous: 7 }),
      "an end before its beginning": inconsistent({ from: NOW + 1 }),
      "another issuer": { patch: { iss: "https://other.example" }, error: "transaction-mismatch" },
      "before its key's time": { patch: { iat: 1 }, error: "expired" },
    },
    contexts: {},
  };
}

/** The page of that report. */
async function pageFile(stage: Stage): Promise<VectorFile> {
  const kind = "settlement-report-page";
  const { world } = stage;
  const entries = entriesOf(stage);
  const [settled, held, refund] = entries;
  const report = reportOf(stage);
  const sign = (pages: SettlementReportInput["pages"]) =>
    createSettlementReport(world.tpsSigner, { ...report, pages });
  const context = {
    ...issuerContext(stage),
    report: await sign(report.pages),
    page: 0,
  };
  const body = createReportPage(entries);
  /** The report names just these bytes, so that the entries themselves are to be refused. */
  const named = async (name: string, wrong: readonly object[]) => ({
    name,
    context: { report: await sign([describeReportPage(wrong as ReportEntryInput[])]) },
    message: writeMessage(createReportPage(wrong as ReportEntryInput[])),
    error: "malformed-message",
  });
  return {
    kind,
    describes:
      "Section 8: page `page` of the settlement report `report`, which is verified first; the entries.",
    context,
    positive: [
      {
        name: "three entries",
        message: writeMessage(body),
        result: await operate(kind, world.crypto, context, body),
      },
    ],
    negative: [
      {
        name: "another entry",
        message: writeMessage(createReportPage([settled, held])),
        error: "authentication-failed",
      },
      {
        name: "another order",
        message: writeMessage(createReportPage([held, settled, refund])),
        error: "authentication-failed",
      },
      {
        name: "a page that there is not",
        context: { page: 1 },
        message: writeMessage(body),
        error: "authentication-failed",
      },
      {
        name: "fewer entries than the report says",
        context: {
          report: await sign([{ ...describeReportPage(entries), entries: 4 }]),
        },
        message: writeMessage(body),
        error: "books-inconsistent",
      },
      await named("no entry's kind", [{ ...refund, entry: "gift" }]),
      await named("a payment of nothing", [{ ...settled, amount: "0" }]),
      await named("another state", [{ ...settled, state: "lost" }]),
      await named("a refund by nobody", [{ ...refund, by: "wallet" }]),
      await named("a negative fee", [{ ...settled, fee: "-1" }]),
      await named("an account in an entry", [{ ...settled, accountId: stage.id("account") }]),
    ],
  };
}

async function requestKind(stage: Stage): Promise<DocumentKind> {
  const { world } = stage;
  const document = await createMerchantRequest(world.merchantSigner, {
    iss: world.quoteInput.merchantId,
    aud: ISSUER,
    jti: stage.id("merchant request"),
    iat: NOW,
    request: { request: "report-page", cycle: 7, page: 0 },
  });
  const asks = (request: object) => ({ request });
  return {
    type: DOCUMENT_TYPES.merchantRequest,
    describes:
      "Section 8: a merchant's request, verified under its signing key by the TPS `issuer`.",
    signer: world.merchantSigner,
    document,
    context: { signingKey: hex(world.merchantSigner.publicKey), issuer: ISSUER, now: NOW },
    malformed: {
      "nothing asked": asks({}),
      "something else asked": asks({ request: "money" }),
      "cycle 0": asks({ request: "report-page", cycle: 0, page: 0 }),
      "page 1000": asks({ request: "report-page", cycle: 7, page: 1_000 }),
      "reports after nothing": asks({ request: "reports" }),
      "reports after -1": asks({ request: "reports", after: -1 }),
      "an audience with a path": { aud: `${ISSUER}/` },
    },
    refused: {
      "another issuer": { patch: { aud: "https://other.example" }, error: "transaction-mismatch" },
      "too old": { patch: { iat: NOW - 301 }, error: "expired" },
      "dated in the future": { patch: { iat: NOW + 301 }, error: "not-yet-valid" },
    },
    contexts: {
      "another merchant's key": {
        context: { signingKey: hex(world.device.publicKey) },
        error: "signing-key-unknown",
      },
    },
  };
}

async function answerFile(stage: Stage): Promise<VectorFile> {
  const kind = "settlement-reports";
  const report = await createSettlementReport(stage.world.tpsSigner, reportOf(stage));
  const body = createReportsAnswer([report], false);
  const other = (change: object) =>
    writeMessage(
      new TextEncoder().encode(JSON.stringify({ ...JSON.parse(fromUtf8(body)), ...change })),
    );
  const malformed = (name: string, change: object) => ({
    name,
    message: other(change),
    error: "malformed-message",
  });
  return {
    kind,
    describes: "Section 8: the answer to `reports`; the documents in it are verified one by one.",
    context: {},
    positive: [
      {
        name: "one report",
        message: writeMessage(body),
        result: await operate(kind, stage.world.crypto, {}, body),
      },
      {
        name: "none",
        message: writeMessage(createReportsAnswer([], false)),
        result: await operate(kind, stage.world.crypto, {}, createReportsAnswer([], false)),
      },
    ],
    negative: [
      ...refused(spoil(body)),
      malformed("21 reports", { reports: Array(21).fill(report) }),
      malformed("a report that is no document", { reports: ["report"] }),
      malformed("more, in words", { more: "yes" }),
    ],
  };
}

export async function settlementFiles(stage: Stage): Promise<Record<string, VectorFile | Json>> {
  return {
    "settlement-report": await documentFile(stage, "settlement-report", await reportKind(stage)),
    "settlement-report-page": await pageFile(stage),
    "merchant-request": await documentFile(stage, "merchant-request", await requestKind(stage)),
    "settlement-reports": await answerFile(stage),
  };
}
