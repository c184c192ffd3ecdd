/**
 * What a store keeps of the time after the sale: batches of refund orders, settlement reports, and what of all this
 * does not meet. Part of every `Store`: atomic and durable as its other operations are.
 */
import type { BatchResult, OrderRefusal, ReportEntry, SettlementReport } from "@chit/protocol";
import type { SaleRecord } from "../sale.ts";
import type { StoredOrder } from "../store.ts";

/** What the TPS did with a refund order. */
export interface OrderOutcome {
  readonly outcome: "executed" | "refused";
  readonly reason: OrderRefusal | null;
  /** How many payments of its number stand where the order wants them. */
  readonly payments: number;
  /** What this order gave back, all payments of its number together, in smallest units. */
  readonly given: bigint;
  /** When the TPS said so, in seconds. */
  readonly at: number;
}

/** A refund order with what became of it; null while nobody knows. */
export interface BookedOrder extends StoredOrder {
  readonly outcome: OrderOutcome | null;
}

/**
 * `made`: on disk, perhaps sent. `sent`: the TPS has it. `answered`: its signed result is here, perhaps not yet told to
 * all sales. `done`. `rejected`: the TPS refused the whole of it; its orders wait for a person.
 */
export const BATCH_STATES = ["made", "sent", "answered", "done", "rejected"] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** A batch of refund orders. */
export interface StoredBatch {
  readonly batchId: string;
  /** The signed batch, a JWS: the bytes that are sent, and sent again. */
  readonly document: string;
  /** When it was made, in seconds. */
  readonly at: number;
  /** How many orders it was made of. */
  readonly orders: number;
  readonly state: BatchState;
  /** The TPS's signed result, a JWS. */
  readonly result: string | null;
  /** Why it was rejected, in the TPS's words. */
  readonly problem: string | null;
}

/** Place of an entry in all reports: by it they are in order. */
export interface EntryPlace {
  readonly cycle: number;
  /** Counted from 0 through all pages of the report. */
  readonly index: number;
}

/** An entry of a report, with its place. */
export interface BookedEntry extends EntryPlace {
  readonly entry: ReportEntry;
}

/**
 * `all`; `of-number`: of one transaction number; `unproven`: payments of which no proof is here; `differing`: payments
 * whose proof says another number or amount; `held-back`: payments that the TPS does not pay out, and has not since.
 */
export type EntryFilter =
  | { readonly kind: "all"; readonly cycle: number }
  | { readonly kind: "of-number"; readonly transactionNumber: string }
  | { readonly kind: "unproven" | "differing" | "held-back" };

/** An accepted payment, as the books know it. */
export interface BookedPayment {
  readonly paymentId: string;
  readonly transactionNumber: string;
  /** When its proof came, in seconds. */
  readonly at: number;
}

/** Where a list of sales goes on: behind this one, newest first. */
export interface SaleCursor {
  readonly issuedAt: number;
  readonly transactionNumber: string;
}

/** Where a list of batches or orders goes on, by time and id. */
export interface TimeCursor {
  readonly at: number;
  readonly id: string;
}

/** Batches, orders, reports and what does not meet. Lists have at most `limit` rows; the next page begins behind the last. */
export interface Books {
  /** Refund orders that are in no batch yet, oldest first. */
  waitingOrders(limit: number): Promise<BookedOrder[]>;
  /**
   * Keeps a batch and puts its orders into it, all or nothing.
   *
   * @returns false when one of them is in a batch already (another process was faster): nothing is written then
   */
  addBatch(batch: StoredBatch, orderIds: readonly string[]): Promise<boolean>;
  /** Batches, newest first. */
  batches(filter: {
    readonly states?: readonly BatchState[];
    readonly before?: TimeCursor;
    readonly limit: number;
  }): Promise<StoredBatch[]>;
  batch(batchId: string): Promise<StoredBatch | undefined>;
  /** The orders that are in a batch. */
  batchOrders(batchId: string): Promise<BookedOrder[]>;
  /** `made` → `sent`; any other state stays. */
  batchSent(batchId: string): Promise<void>;
  /** Keeps a batch's result, in its own text and in its orders; → `answered`. A batch that has one keeps that. */
  batchAnswered(batchId: string, document: string, result: BatchResult): Promise<void>;
  /** `answered` → `done` */
  batchDone(batchId: string): Promise<void>;
  /** `made` or `sent` → `rejected` */
  batchRejected(batchId: string, problem: string): Promise<void>;
  /** The orders of a rejected batch go into the next one. @returns how many they are */
  releaseOrders(batchId: string): Promise<number>;
  /** All orders, newest first. */
  recentOrders(before: TimeCursor | null, limit: number): Promise<BookedOrder[]>;
  /** Orders that did not execute, or that no report names though they gave something back; oldest first. */
  openOrders(after: TimeCursor | null, limit: number): Promise<BookedOrder[]>;

  /** The entries of a report from `first` on. Kept again, they stay as they are. They count when their report is here. */
  addEntries(cycle: number, first: number, entries: readonly ReportEntry[]): Promise<void>;
  /** Keeps a verified report (a JWS) whose entries are all here; with it they count. */
  addReport(document: string): Promise<void>;
  /** Reports, newest first; those before cycle `before` where it is given. */
  reports(filter: {
    readonly before?: number;
    readonly limit: number;
  }): Promise<SettlementReport[]>;
  report(cycle: number): Promise<SettlementReport | undefined>;
  /** Entries of all reports, in their order. */
  entries(filter: EntryFilter, after: EntryPlace | null, limit: number): Promise<BookedEntry[]>;

  /** Accepted payments from before `before` (seconds) that no report settled or held back; oldest first. */
  unsettledPayments(
    before: number,
    after: TimeCursor | null,
    limit: number,
  ): Promise<BookedPayment[]>;
  /** Sales issued before a time, paid, with digital goods that were never sent in full; newest first. */
  unclaimedSales(
    issuedBefore: number,
    after: SaleCursor | null,
    limit: number,
  ): Promise<SaleRecord[]>;
}
