/**
 * What the MTS needs of a database. Every operation is atomic and durable when its promise resolves: the MTS
 * answers only after that. Two stores come with the SDK (memory, `node:sqlite`); others pass the same tests.
 */
import { amountToWire, parseValue, toBase64url } from "@chit/protocol";
import type { Books, SaleCursor } from "./books/books.ts";
import { type NewsType, type SaleRecord, type SaleState, saleSchema } from "./sale.ts";

/** Something that a hook has to be told, at least once. */
export interface StoredEvent {
  /** `<transaction number>.<type>[.<payment or request>]`: the same event has the same id for ever. */
  readonly id: string;
  readonly type: NewsType;
  readonly transactionNumber: string;
  /** When it happened, in seconds. */
  readonly at: number;
  /** How often a hook was handed it already. */
  readonly attempts: number;
}

/** Which sales {@link Store.list} gives, newest first. */
export interface SaleFilter {
  readonly states?: readonly SaleState[];
  /** Only those that were paid more than once. */
  readonly paidTwice?: boolean;
  /** Only those whose shopper waits for the merchant's decision on a refund. */
  readonly refundAsked?: boolean;
  /** Only the one with this number, and those with this reference of the merchant's. */
  readonly search?: string;
  /** Only those issued before this time (seconds). */
  readonly issuedBefore?: number;
  /** Only those behind this one: for the next page. */
  readonly before?: SaleCursor;
  readonly limit?: number;
}

/** A signed refund order that goes to the TPS with a batch. */
export interface StoredOrder {
  readonly orderId: string;
  readonly transactionNumber: string;
  /** Of `of`, the quote's amount, what is given back by now; in smallest units. */
  readonly refunded: bigint;
  readonly of: bigint;
  /** The signed order, a JWS. */
  readonly document: string;
  /** When it was made, in seconds. */
  readonly at: number;
  /** The batch that it went with; null while it waits for one. */
  readonly batchId: string | null;
}

/** A sale, what is to be told of it, and the refund orders that it makes, written together. */
export interface Change {
  readonly sale: SaleRecord;
  readonly events: readonly StoredEvent[];
  /** New ones. */
  readonly orders: readonly StoredOrder[];
}

/** The MTS's database. */
export interface Store extends Books {
  /** Adds a new sale. Rejects when its number exists. */
  insert(change: Change): Promise<void>;
  /** The sale of a number. */
  find(transactionNumber: string): Promise<SaleRecord | undefined>;
  /**
   * Reads a sale, lets `change` make the next one, writes it with its events and orders; nothing comes in between.
   * `change` is pure and may run again. When it throws, nothing is written and the error passes through.
   *
   * @returns the sale as it is now; undefined when there is none
   */
  update(
    transactionNumber: string,
    change: (sale: SaleRecord) => Change,
  ): Promise<SaleRecord | undefined>;
  list(filter: SaleFilter): Promise<SaleRecord[]>;
  /** The refund orders of a number, oldest first. */
  orders(transactionNumber: string): Promise<StoredOrder[]>;
  /** Forgets quotes that nobody opened and that expired before `expiredBefore`; tells how many. */
  prune(expiredBefore: number): Promise<number>;
  /**
   * Takes up to `limit` events that are due at `now`, and puts each off until `leaseUntil`, so that another
   * process leaves it alone and a crash brings it back.
   */
  claimEvents(now: number, leaseUntil: number, limit: number): Promise<StoredEvent[]>;
  /** The hook was told. */
  finishEvent(id: string): Promise<void>;
  /** The hook failed: the event is due again at `dueAt`. */
  postponeEvent(id: string, dueAt: number): Promise<void>;
  /** The newest key list seen of an issuer. */
  keyList(issuer: string): Promise<string | undefined>;
  /** Keeps a key list unless one with a higher sequence is kept. */
  saveKeyList(issuer: string, sequence: number, document: string): Promise<void>;
  close(): Promise<void>;
}

/** A sale as text, for stores that keep text. */
export function encodeSale(sale: SaleRecord): string {
  return JSON.stringify(sale, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return toBase64url(value);
    return typeof value === "bigint" ? amountToWire(value) : value;
  });
}

/**
 * Reads {@link encodeSale}'s text.
 *
 * @throws {ChitError} `malformed-message` when the database holds something else.
 */
export function decodeSale(text: string): SaleRecord {
  return parseValue(saleSchema, JSON.parse(text));
}
