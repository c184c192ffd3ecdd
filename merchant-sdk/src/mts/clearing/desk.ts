/** Batches, reports and reconciliation of one shop: what the merchant's program, the schedule and the back office call. */
import { errorFields } from "../../logger.ts";
import type { ClearingDeps } from "./clearing-deps.ts";
import { fetchReports, type ReportRun } from "./fetch-reports.ts";
import type { Resolution } from "./finding.ts";
import { IssuerUnavailable } from "./issuer-client.ts";
import { type ReconcileOptions, type Reconciliation, reconcile } from "./reconcile.ts";
import { resolve } from "./resolve.ts";
import { type BatchRun, type BatchRunOptions, runBatch } from "./run-batch.ts";

/** One for each shop. Runs come one after the other: a schedule and a person do not meet half-way. */
export class ClearingDesk {
  readonly #deps: ClearingDeps;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: ClearingDeps) {
    this.#deps = deps;
  }

  runBatch(options?: BatchRunOptions): Promise<BatchRun> {
    return this.#inTurn(() => runBatch(this.#deps, options));
  }

  fetchReports(): Promise<ReportRun> {
    return this.#inTurn(() => fetchReports(this.#deps));
  }

  reconcile(options?: ReconcileOptions): Promise<Reconciliation> {
    return reconcile(this.#deps, options);
  }

  resolve(resolution: Resolution): Promise<void> {
    return resolve(this.#deps, resolution);
  }

  /** What the schedule does: batches, then reports. Never throws. */
  async tick(waitSeconds: number): Promise<void> {
    const { logger, closing } = this.#deps;
    try {
      const { unavailable } = await this.runBatch({ waitSeconds });
      if (unavailable !== null || closing.aborted) return;
      await this.fetchReports();
    } catch (error) {
      if (closing.aborted) return;
      const fields = errorFields(error);
      const message =
        "Batches and settlement reports stand still. Sales go on; the next run tries again.";
      if (error instanceof IssuerUnavailable) logger.warn(fields, message);
      else logger.error(fields, message);
    }
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.#last.then(work, work);
    this.#last = turn;
    return turn;
  }
}
