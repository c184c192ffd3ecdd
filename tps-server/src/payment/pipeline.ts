/**
 * Payments that arrive together commit together: what has gathered while earlier batches were committing makes the
 * next one. A lone payment finds a free place and waits for nobody.
 *
 * Two lanes. In the first, batches that never wait for locks. In the second, single requests that do: those whose
 * rows another transaction had locked, and all of a batch whose transaction failed, so that one bad row fails its
 * own request only. Of one account at most one request is in either lane, the others wait behind it: each is
 * judged on what the one before it left.
 *
 * Where accounts are on several servers, each server has queues of its own: a batch is one transaction on one server, and
 * one that does not answer holds up nobody but its own accounts.
 */
import type { OpenedRequest } from "@chit/protocol";
import { HttpProblem } from "../http/problem.ts";
import { LIMITS } from "../limits.ts";
import { type Database, isUnavailable } from "../store/database.ts";
import { openRequest, type PaymentDeps, type Processed, processBatch } from "./process.ts";
import { isKeyUnknown, recallReply } from "./recall.ts";

/** Takes requests-for-payment. */
export interface PaymentPipeline {
  /**
   * Answers one request-for-payment.
   *
   * @param body the exact bytes received
   * @returns the exact bytes of the payment response
   * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
   * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`; `unavailable` when too many are under way
   */
  pay(body: Uint8Array): Promise<Uint8Array>;
  /** Requests that were taken and not answered yet. */
  underWay(): number;
}

/** Counts what happens. */
export interface PaymentObserver {
  /** After the commit of a batch, before its replies leave. */
  batchCommitted(processed: readonly Processed[]): void;
  /** A request was answered 503 because too many were under way. */
  paymentTurnedAway(): void;
}

interface Waiting {
  readonly request: OpenedRequest;
  resolve(reply: Uint8Array): void;
  reject(error: unknown): void;
}

/** What waits for one database, and what it works on. */
interface Queues {
  readonly database: Database;
  readonly ready: Waiting[];
  readonly alone: Waiting[];
  readonly running: { batches: number; singles: number };
  underWay: number;
}

/** A pipeline of one process; others may work on the same database. */
export function createPaymentPipeline(
  deps: PaymentDeps,
  observer?: PaymentObserver,
): PaymentPipeline {
  /** Accounts with a request under way, and what waits behind it. */
  const accounts = new Map<string, Waiting[]>();
  const databases = new Map<Database, Queues>();
  // A server that is silent must not use up what the process can take.
  const mostOfOne = deps.places
    ? Math.max(
        LIMITS.paymentBatchSize,
        Math.floor(LIMITS.paymentsUnderWay / deps.places.all.length),
      )
    : LIMITS.paymentsUnderWay;
  let underWay = 0;
  let recalls = 0;

  function queuesOf(accountId: string): Queues {
    const database = deps.places?.of(accountId) ?? deps.database;
    const known = databases.get(database);
    if (known !== undefined) return known;
    const running = { batches: 0, singles: 0 };
    const queues: Queues = { database, ready: [], alone: [], running, underWay: 0 };
    databases.set(database, queues);
    return queues;
  }

  function enter({ ready }: Queues, waiting: Waiting): void {
    const { accountId } = waiting.request.payer;
    const behind = accounts.get(accountId);
    if (behind === undefined) {
      accounts.set(accountId, []);
      ready.push(waiting);
    } else if (behind.length < LIMITS.paymentsOfOneAccount) behind.push(waiting);
    else waiting.reject(turnAway());
  }

  /** The account's next request queues at the end, behind those of other accounts. */
  function leave({ ready }: Queues, { request }: Waiting): void {
    const { accountId } = request.payer;
    const next = accounts.get(accountId)?.shift();
    if (next === undefined) accounts.delete(accountId);
    else ready.push(next);
  }

  function pump(queues: Queues): void {
    const { running, ready, alone } = queues;
    while (running.batches < LIMITS.paymentBatches && ready.length > 0) {
      void run(queues, "batches", ready.splice(0, LIMITS.paymentBatchSize));
    }
    while (running.singles < LIMITS.paymentSingles && alone.length > 0) {
      void run(queues, "singles", alone.splice(0, 1));
    }
  }

  async function run(
    queues: Queues,
    lane: keyof Queues["running"],
    batch: readonly Waiting[],
  ): Promise<void> {
    const { database, running, alone } = queues;
    running[lane] += 1;
    try {
      const requests = batch.map(({ request }) => request);
      const patience = lane === "batches" ? "skip" : "wait";
      const processed = await processBatch({ ...deps, database }, requests, patience);
      observer?.batchCommitted(processed);
      for (const [index, waiting] of batch.entries()) finish(queues, waiting, processed[index]);
    } catch (error) {
      for (const waiting of batch) {
        // A database that is away will not answer sooner when it is asked for each alone.
        if (batch.length > 1 && !isUnavailable(error)) alone.push(waiting);
        else finish(queues, waiting, { kind: "failed", error });
      }
    } finally {
      running[lane] -= 1;
      pump(queues);
    }
  }

  function finish(queues: Queues, waiting: Waiting, processed: Processed | undefined): void {
    switch (processed?.kind) {
      case "answered":
        waiting.resolve(processed.reply);
        leave(queues, waiting);
        break;
      case "failed":
        waiting.reject(processed.error);
        leave(queues, waiting);
        break;
      case "held-elsewhere":
      case undefined:
        queues.alone.push(waiting);
    }
  }

  async function payAt(queues: Queues, request: OpenedRequest): Promise<Uint8Array> {
    if (queues.underWay >= mostOfOne) throw turnAway();
    queues.underWay += 1;
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        enter(queues, { request, resolve, reject });
        pump(queues);
      });
    } finally {
      queues.underWay -= 1;
    }
  }

  /** Whoever sends requests under keys that nobody knows must not take the places of others while the database is slow. */
  async function recall(body: Uint8Array, error: unknown): Promise<Uint8Array> {
    if (!isKeyUnknown(error)) throw error;
    if (recalls >= LIMITS.recallsUnderWay) throw turnAway();
    recalls += 1;
    try {
      return await recallReply(deps.database, body, error);
    } finally {
      recalls -= 1;
    }
  }

  function turnAway(): HttpProblem {
    observer?.paymentTurnedAway();
    return new HttpProblem("unavailable", "Send the identical bytes again in a moment.");
  }

  return {
    underWay: () => underWay,
    async pay(body) {
      // Before anything costly is done or kept.
      if (underWay >= LIMITS.paymentsUnderWay) throw turnAway();
      underWay += 1;
      try {
        const request = await openRequest(deps, body).catch((error: unknown) =>
          recall(body, error),
        );
        if (request instanceof Uint8Array) return request;
        return await payAt(queuesOf(request.payer.accountId), request);
      } finally {
        underWay -= 1;
      }
    },
  };
}
