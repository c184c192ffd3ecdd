/**
 * Payments that arrive together commit together: what has gathered while earlier batches were committing makes the
 * next one. A lone payment finds a free place and waits for nobody.
 *
 * Two lanes. In the first, batches that never wait for locks. In the second, single requests that do: those whose
 * rows another transaction had locked, and all of a batch whose transaction failed, so that one bad row fails its
 * own request only. Of one account at most one request is in either lane, the others wait behind it: each is
 * judged on what the one before it left.
 */
import type { OpenedRequest } from "@chit/protocol";
import { HttpProblem } from "../http/problem.ts";
import { LIMITS } from "../limits.ts";
import { isUnavailable } from "../store/database.ts";
import { openRequest, type PaymentDeps, type Processed, processBatch } from "./process.ts";
import { recallReply } from "./recall.ts";

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

/** A pipeline of one process; others may work on the same database. */
export function createPaymentPipeline(
  deps: PaymentDeps,
  observer?: PaymentObserver,
): PaymentPipeline {
  /** Accounts with a request under way, and what waits behind it. */
  const accounts = new Map<string, Waiting[]>();
  const ready: Waiting[] = [];
  const alone: Waiting[] = [];
  const running = { batches: 0, singles: 0 };
  let underWay = 0;

  function enter(waiting: Waiting): void {
    const { accountId } = waiting.request.payer;
    const behind = accounts.get(accountId);
    if (behind === undefined) {
      accounts.set(accountId, []);
      ready.push(waiting);
    } else if (behind.length < LIMITS.paymentsOfOneAccount) behind.push(waiting);
    else waiting.reject(turnAway());
  }

  /** The account's next request queues at the end, behind those of other accounts. */
  function leave({ request }: Waiting): void {
    const { accountId } = request.payer;
    const next = accounts.get(accountId)?.shift();
    if (next === undefined) accounts.delete(accountId);
    else ready.push(next);
  }

  function pump(): void {
    while (running.batches < LIMITS.paymentBatches && ready.length > 0) {
      void run("batches", ready.splice(0, LIMITS.paymentBatchSize));
    }
    while (running.singles < LIMITS.paymentSingles && alone.length > 0) {
      void run("singles", alone.splice(0, 1));
    }
  }

  async function run(lane: keyof typeof running, batch: readonly Waiting[]): Promise<void> {
    running[lane] += 1;
    try {
      const requests = batch.map(({ request }) => request);
      const patience = lane === "batches" ? "skip" : "wait";
      const processed = await processBatch(deps, requests, patience);
      observer?.batchCommitted(processed);
      for (const [index, waiting] of batch.entries()) finish(waiting, processed[index]);
    } catch (error) {
      for (const waiting of batch) {
        // A database that is away will not answer sooner when it is asked for each alone.
        if (batch.length > 1 && !isUnavailable(error)) alone.push(waiting);
        else finish(waiting, { kind: "failed", error });
      }
    } finally {
      running[lane] -= 1;
      pump();
    }
  }

  function finish(waiting: Waiting, processed: Processed | undefined): void {
    switch (processed?.kind) {
      case "answered":
        waiting.resolve(processed.reply);
        leave(waiting);
        break;
      case "failed":
        waiting.reject(processed.error);
        leave(waiting);
        break;
      case "held-elsewhere":
      case undefined:
        alone.push(waiting);
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
          recallReply(deps.database, body, error),
        );
        if (request instanceof Uint8Array) return request;
        return await new Promise<Uint8Array>((resolve, reject) => {
          enter({ request, resolve, reject });
          pump();
        });
      } finally {
        underWay -= 1;
      }
    },
  };
}
