/**
 * The part of a TPS that comes after the sale, for tests: it takes batches and merchants' requests over HTTP's own terms, and
 * signs what it answers with the protocol's functions. The real one is in the tests of the whole, in e2e.
 */
import { createHash } from "node:crypto";
import {
  BATCHES_PATH,
  createBatchReceived,
  createBatchResult,
  createMerchantStatement,
  createMerchantStatementAnswer,
  createProblem,
  createReportPage,
  createReportsAnswer,
  createSettlementReport,
  decodeCertificate,
  decodeSettlementReport,
  describeReportPage,
  fromBase64url,
  MERCHANT_REQUESTS_PATH,
  type MerchantStatementInput,
  type OrderResult,
  type ProblemCode,
  type ReportEntryInput,
  type SettlementReportInput,
  toBase64url,
  verifyBatch,
  verifyMerchantRequest,
  verifyRefundOrder,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import type { MerchantBundleInput, MerchantKeysInput } from "../src/index.ts";
import { crypto, newId, type TestIssuer } from "./world.ts";

/** What becomes of an order; by itself it is executed over one payment. */
export type Execute = (order: ReturnType<typeof verifyRefundOrder>) => Omit<OrderResult, "orderId">;

const executed: Execute = ({ refunded }) => ({
  outcome: "executed",
  reason: null,
  payments: 1,
  given: refunded,
});

/** A TPS that one merchant talks to through {@link TestTps.fetch}. */
export class TestTps {
  readonly #issuer: TestIssuer;
  readonly #key: Uint8Array;
  readonly merchantId: string;
  /** Batches that came, by id: their exact bytes. */
  readonly batches = new Map<string, string>();
  /** How often each path was asked. */
  readonly asked: string[] = [];
  #results = new Map<string, string>();
  #reports: { document: string; pages: Uint8Array[] }[] = [];
  execute: Execute = executed;
  /** Whether batches are processed as they come; otherwise by {@link process}. */
  isPrompt = true;
  /** What is false in its statements. */
  statementChanges: Partial<MerchantStatementInput> = {};
  /** Answers in place of the TPS: for lost replies, refusals, forgeries. Undefined: the TPS's own. */
  interfere: (path: string, answer: () => Promise<Response>) => Promise<Response> = (
    _path,
    answer,
  ) => answer();

  readonly #clock: () => number;

  constructor(
    issuer: TestIssuer,
    files: { keys: MerchantKeysInput; bundle: MerchantBundleInput },
    clock: () => number,
  ) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#key = nodeSigner(fromBase64url(files.keys.signingKey)).publicKey;
    this.merchantId = decodeCertificate(files.bundle.certificate).merchantId;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    this.asked.push(path);
    const body = String(init?.body);
    return this.interfere(path, async () => {
      if (path === BATCHES_PATH) return this.#takeBatch(body);
      if (path === MERCHANT_REQUESTS_PATH) return this.#answerRequest(body);
      return new Response(await this.#issuer.keyList());
    });
  };

  /** Processes the batches that wait. */
  async process(): Promise<void> {
    for (const [batchId, document] of this.batches) {
      if (this.#results.has(batchId)) continue;
      const { orders } = verifyBatch(crypto, this.#key, document);
      const results = orders.map((text) => {
        const order = verifyRefundOrder(crypto, this.#key, text);
        return { orderId: order.jti, ...this.execute(order) } as OrderResult;
      });
      this.#results.set(batchId, await this.sign(batchId, results));
    }
  }

  /** A result, signed by the TPS's key. */
  sign(batchId: string, orders: OrderResult[], signer = this.#issuer.signer): Promise<string> {
    const { merchantId } = this;
    const iat = this.#issuer.now;
    return createBatchResult(signer, {
      iss: this.#issuer.origin,
      jti: newId(),
      iat,
      merchantId,
      batchId,
      orders,
    });
  }

  /** Settles: the next report, with these entries; `changes` make a false one. */
  async settle(
    entries: readonly ReportEntryInput[],
    changes: Partial<SettlementReportInput> = {},
    pages = entries.length === 0 ? [] : [entries],
  ): Promise<void> {
    const last = this.#reports.at(-1);
    const before = last === undefined ? undefined : decodeSettlementReport(last.document);
    const cycle = changes.cycle ?? (before?.cycle ?? 0) + 1;
    const sum = (kind: string, what: "amount" | "fee" = "amount") => {
      const fit = entries.filter((entry) => kindOf(entry) === kind);
      const amounts = fit.map((entry) => BigInt(Object(entry)[what] ?? "0"));
      return { count: fit.length, amount: amounts.reduce((a, b) => a + b, 0n) };
    };
    const opening = before?.closing ?? 0n;
    const [payments, refunds, heldBack] = [sum("settled"), sum("refund"), sum("held-back")];
    const fees = sum("settled", "fee").amount;
    const wire = ({ count, amount }: { count: number; amount: bigint }) => ({
      count,
      amount: `${amount}`,
    });
    const document = await createSettlementReport(this.#issuer.signer, {
      v: 1,
      iss: this.#issuer.origin,
      jti: newId(),
      iat: this.#issuer.now,
      merchantId: this.merchantId,
      cycle,
      previous: before?.cycle ?? 0,
      from: before?.until ?? 0,
      until: this.#issuer.now + cycle * 86_400,
      currency: "EUR",
      scale: 4,
      opening: `${opening}`,
      payments: wire(payments),
      refunds: wire(refunds),
      fees: `${fees}`,
      heldBack: wire(heldBack),
      returned: { count: 0, amount: "0" },
      payout: null,
      closing: `${opening + payments.amount - fees - refunds.amount}`,
      pages: pages.map(describeReportPage),
      ...changes,
    });
    this.#reports.push({ document, pages: pages.map(createReportPage) });
  }

  /** A statement over a time in which nothing was settled. */
  #statement(from: number, until: number): Promise<string> {
    const nothing = { count: 0, amount: "0" };
    return createMerchantStatement(this.#issuer.signer, {
      v: 1,
      iss: this.#issuer.origin,
      jti: newId(),
      iat: this.#issuer.now,
      merchantId: this.merchantId,
      name: "Paper & Ink",
      from,
      until,
      currency: "EUR",
      scale: 4,
      opening: "0",
      payments: nothing,
      refunds: nothing,
      fees: "0",
      heldBack: nothing,
      returned: nothing,
      payouts: nothing,
      closing: "0",
      cycles: [],
      ...this.statementChanges,
    });
  }

  async #takeBatch(document: string): Promise<Response> {
    const { jti: batchId, iss, aud } = verifyBatch(crypto, this.#key, document);
    if (iss !== this.merchantId || aud !== this.#issuer.origin) return problem("issuer-mismatch");
    const known = this.batches.get(batchId);
    if (known !== undefined && known !== document) return problem("batch-conflict");
    this.batches.set(batchId, document);
    if (this.isPrompt) await this.process();
    const result = this.#results.get(batchId);
    if (result !== undefined) return new Response(result);
    return new Response(Uint8Array.from(createBatchReceived(batchId)), { status: 202 });
  }

  async #answerRequest(document: string): Promise<Response> {
    const now = this.#clock();
    const expected = { issuer: this.#issuer.origin, now };
    const { request } = verifyMerchantRequest(crypto, this.#key, document, expected);
    const cycleOf = (text: string) => decodeSettlementReport(text).cycle;
    switch (request.request) {
      case "reports": {
        const later = this.#reports.filter((report) => cycleOf(report.document) > request.after);
        const some = later.slice(0, 2).map((report) => report.document);
        const answer = createReportsAnswer(some, later.length > some.length);
        return new Response(Uint8Array.from(answer));
      }
      case "report-page": {
        const report = this.#reports.find((one) => cycleOf(one.document) === request.cycle);
        const page = report?.pages[request.page];
        if (page === undefined) return problem("report-unknown");
        return new Response(Uint8Array.from(page));
      }
      case "statement": {
        const statement = await this.#statement(request.from, request.until);
        return new Response(Uint8Array.from(createMerchantStatementAnswer(statement)));
      }
    }
  }
}

/** A problem as the TPS answers it. */
export function problem(code: ProblemCode): Response {
  const body = createProblem(code, `The test says ${code}.`);
  return new Response(JSON.stringify(body), { status: body.status });
}

const kindOf = (entry: ReportEntryInput) => (entry.entry === "refund" ? "refund" : entry.state);

/** A payment's entry; its quote hash is of some other quote unless given. */
export function paymentEntry(
  transactionNumber: string,
  given: Partial<Extract<ReportEntryInput, { entry: "payment" }>> = {},
): ReportEntryInput {
  return {
    entry: "payment",
    paymentId: newId(),
    transactionNumber,
    amount: "49000",
    fee: "490",
    quoteHash: toBase64url(createHash("sha256").update("another").digest()),
    paidAt: 1_800_000_000,
    state: "settled",
    ...given,
  };
}

export function refundEntry(
  transactionNumber: string,
  given: Partial<Extract<ReportEntryInput, { entry: "refund" }>> = {},
): ReportEntryInput {
  return {
    entry: "refund",
    orderId: newId(),
    paymentId: newId(),
    transactionNumber,
    amount: "49000",
    at: 1_800_000_100,
    by: "merchant",
    ...given,
  };
}
