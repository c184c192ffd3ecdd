/**
 * Batches of refund orders, from the store to the TPS and back. Every step is durable before the next, and each may be
 * done again: whatever a crash or a lost answer leaves behind, the next run goes on with.
 *
 *     waiting orders → made (signed, on disk) → sent → answered (signed result, on disk) → done (told to the sales)
 */
import {
  BATCHES_PATH,
  type BatchResult,
  ChitError,
  createBatch,
  decodeCertificate,
  fromUtf8,
  LIMITS,
  type OrderRefusal,
  readBatchReceived,
  toBase64url,
  verifyBatchResult,
} from "@chit/protocol";
import { MERCHANT_LIMITS } from "../../limits.ts";
import { errorFields } from "../../logger.ts";
import type { BookedOrder, OrderOutcome, StoredBatch } from "../books/books.ts";
import { happenToAny } from "../happen.ts";
import type { ClearingDeps } from "./clearing-deps.ts";
import { IssuerRefusal, IssuerUnavailable, postDocument } from "./issuer-client.ts";

/** A refund order that the TPS did not execute. */
export interface RefusedOrder {
  readonly transactionNumber: string;
  readonly orderId: string;
  readonly reason: OrderRefusal;
  /** What to do about it. */
  readonly action: string;
}

/** What a run of batches came to. */
export interface BatchRun {
  /** Batches that this run made. */
  readonly made: number;
  /** Orders that the TPS executed, and those that it refused. */
  readonly executed: number;
  readonly refused: readonly RefusedOrder[];
  /** Batches that wait for the TPS: the next run asks again. */
  readonly waiting: number;
  /** Batches that the TPS rejected in this run, with its words. */
  readonly rejected: readonly { readonly batchId: string; readonly problem: string }[];
  /** Why the TPS could not be asked; null when it could. */
  readonly unavailable: string | null;
}

export interface BatchRunOptions {
  /** How long to wait for results that are not there at once, in seconds; 0: the next run fetches them. */
  readonly waitSeconds?: number;
}

/** What to do about each refusal, in a sentence. */
const ORDER_ACTIONS: Readonly<Record<OrderRefusal, string>> = {
  "no-payment":
    "The TPS has no payment of this number in its books yet. The order is sent again by itself with the next batch; if this repeats for a day, ask the operator.",
  currency:
    "The order is in another currency than the operator's. Fetch a new certificate and refund again, or ask the operator.",
  "order-conflict":
    "The operator knows another order by this id. Was the shop's database put back from a backup? Ask the operator what was refunded.",
};

/**
 * Puts waiting refund orders into batches, sends them, and tells the sales what came of them. One run at a time in a
 * process; runs of several processes do not get into each other's way.
 */
export async function runBatch(
  deps: ClearingDeps,
  { waitSeconds = 0 }: BatchRunOptions = {},
): Promise<BatchRun> {
  const made = await makeBatches(deps);
  const run = new Run(deps);
  const until = deps.clock() + waitSeconds;
  for (;;) {
    await run.advanceAll();
    if (run.unavailable !== null || run.waiting === 0 || deps.clock() >= until) break;
    await deps.sleep(MERCHANT_LIMITS.batchPollSeconds, deps.closing);
    if (deps.closing.aborted) break;
  }
  const { executed, refused, waiting, rejected, unavailable } = run;
  return { made, executed, refused, waiting, rejected, unavailable };
}

/** Those that wait now; an order that this very run makes is for the next one. */
async function makeBatches(deps: ClearingDeps): Promise<number> {
  let made = 0;
  for (;;) {
    const waiting = await deps.store.waitingOrders(LIMITS.batchOrders);
    if (waiting.length === 0) return made;
    const orders = withinBound(await signedToday(deps, waiting));
    const batch = await signBatch(deps, orders);
    const orderIds = orders.map(({ orderId }) => orderId);
    if (await deps.store.addBatch(batch, orderIds)) made += 1;
  }
}

/** A batch's orders are all signed by the key that signs the batch. */
async function signedToday(
  deps: ClearingDeps,
  waiting: readonly BookedOrder[],
): Promise<BookedOrder[]> {
  const { signingKey } = decodeCertificate(deps.certificate.document);
  const orders: BookedOrder[] = [];
  for (const order of waiting) {
    const sale = (await deps.store.find(order.transactionNumber)) ?? null;
    const document = await deps.orders.asOfToday(deps.crypto, signingKey, sale, order);
    orders.push({ ...order, document });
  }
  return orders;
}

/** As many orders as fit into one batch: in a document, each takes four thirds of its length and a little. */
function withinBound(orders: readonly BookedOrder[]): readonly BookedOrder[] {
  let bytes = MERCHANT_LIMITS.batchFrameBytes;
  const first = orders.findIndex(({ document }) => {
    bytes += Math.ceil(((document.length + 3) * 4) / 3);
    return bytes > LIMITS.batchBytes;
  });
  return first === -1 ? orders : orders.slice(0, Math.max(first, 1));
}

async function signBatch(deps: ClearingDeps, orders: readonly BookedOrder[]): Promise<StoredBatch> {
  const batchId = toBase64url(deps.crypto.randomBytes(16));
  const at = deps.clock();
  const document = await createBatch(deps.signer, {
    iss: deps.certificate.merchantId,
    aud: deps.issuerKeys.issuer,
    jti: batchId,
    iat: at,
    orders: orders.map((order) => order.document),
  });
  const count = orders.length;
  return { batchId, document, at, orders: count, state: "made", result: null, problem: null };
}

/** One run: what it did so far. */
class Run {
  executed = 0;
  refused: RefusedOrder[] = [];
  waiting = 0;
  rejected: { batchId: string; problem: string }[] = [];
  unavailable: string | null = null;
  readonly #deps: ClearingDeps;

  constructor(deps: ClearingDeps) {
    this.#deps = deps;
  }

  /** Takes every batch that is not through as far as it goes, the oldest first. One that fails stops no other. */
  async advanceAll(): Promise<void> {
    this.waiting = 0;
    const { store } = this.#deps;
    const limit = MERCHANT_LIMITS.openBatches;
    const open = await store.batches({ states: ["made", "sent", "answered"], limit });
    for (const batch of open.toReversed()) {
      try {
        await this.#advance(batch);
      } catch (error) {
        this.#fail(batch, error);
      }
      if (this.unavailable !== null) return;
    }
  }

  async #advance(batch: StoredBatch): Promise<void> {
    const { store } = this.#deps;
    if (batch.state !== "answered" && !(await this.#send(batch))) return;
    await this.#tell(batch);
    await store.batchDone(batch.batchId);
  }

  /** Sends a batch, or the identical bytes again. @returns whether its result is here */
  async #send(batch: StoredBatch): Promise<boolean> {
    const { store, issuerKeys, logger } = this.#deps;
    const { batchId, document } = batch;
    try {
      const url = `${issuerKeys.issuer}${BATCHES_PATH}`;
      const answer = await postDocument(this.#deps, url, document, LIMITS.batchResultBytes);
      if (answer.status !== 200) {
        if (readBatchReceived(answer.body) !== batchId) throw strange(batchId);
        await store.batchSent(batchId);
        this.waiting += 1;
        return false;
      }
      const text = fromUtf8(answer.body).trim();
      await store.batchAnswered(batchId, text, await this.#verify(batch, text));
      return true;
    } catch (error) {
      if (!(error instanceof IssuerRefusal)) throw error;
      const problem = `${error.message} [${error.code}]`;
      await store.batchRejected(batchId, problem);
      this.rejected.push({ batchId, problem });
      logger.error(
        { batch: batchId, code: error.code, error: error.message },
        "The operator rejected a batch of refund orders. Mend what it names, then send its orders again: chit-merchant batch --again.",
      );
      return false;
    }
  }

  /** The result, verified, with an outcome for each order of the batch and for no other. */
  async #verify(batch: StoredBatch, document: string): Promise<BatchResult> {
    const { crypto, issuerKeys, certificate, store } = this.#deps;
    const expected = { merchantId: certificate.merchantId, batchId: batch.batchId };
    const result = await issuerKeys.verifiedBy((list) =>
      verifyBatchResult(crypto, list, document, expected),
    );
    const sent = new Set((await store.batchOrders(batch.batchId)).map(({ orderId }) => orderId));
    const told = new Set(result.orders.map(({ orderId }) => orderId));
    const same = told.size === sent.size && [...told].every((orderId) => sent.has(orderId));
    if (!same || told.size !== result.orders.length) throw strange(batch.batchId);
    return result;
  }

  /** What is told a second time changes nothing: a crash in between leaves no sale out. */
  async #tell({ batchId }: StoredBatch): Promise<void> {
    for (const order of await this.#deps.store.batchOrders(batchId)) {
      if (order.outcome?.outcome === "executed") await this.#tellExecuted(order, order.outcome);
      else if (order.outcome?.reason) await this.#tellRefused(order, order.outcome.reason);
    }
  }

  async #tellExecuted(
    { transactionNumber, orderId }: BookedOrder,
    { payments, given }: OrderOutcome,
  ): Promise<void> {
    this.executed += 1;
    const event = { type: "refund-given", orderId, payments, given } as const;
    await happenToAny(this.#deps, transactionNumber, event);
  }

  async #tellRefused(
    { transactionNumber, orderId }: BookedOrder,
    reason: OrderRefusal,
  ): Promise<void> {
    const action = ORDER_ACTIONS[reason];
    this.refused.push({ transactionNumber, orderId, reason, action });
    this.#deps.logger.warn(
      { transactionNumber, orderId, reason },
      `A refund was not executed. ${action}`,
    );
    const noPayment = reason === "no-payment";
    const event = { type: "refund-refused", orderId, reason, noPayment } as const;
    await happenToAny(this.#deps, transactionNumber, event);
  }

  #fail({ batchId }: StoredBatch, error: unknown): void {
    const { logger } = this.#deps;
    if (error instanceof IssuerUnavailable) this.unavailable = error.message;
    else this.waiting += 1;
    logger.warn(
      { ...errorFields(error), batch: batchId },
      "A batch of refund orders is not through; the next run goes on with it.",
    );
  }
}

const strange = (batchId: string) =>
  new ChitError("transaction-mismatch", `What the TPS answered is not of the batch ${batchId}.`);
