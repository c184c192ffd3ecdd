/** A {@link Store} in memory: for tests. A restart loses every sale. */
import { MERCHANT_LIMITS } from "../limits.ts";
import { memoryBatches } from "./books/memory-batches.ts";
import { memoryReports, newestFirst } from "./books/memory-reports.ts";
import { paymentsOf, type SaleRecord } from "./sale.ts";
import {
  type Change,
  decodeSale,
  encodeSale,
  type SaleFilter,
  type Store,
  type StoredEvent,
  type StoredOrder,
} from "./store.ts";

interface WaitingEvent extends StoredEvent {
  readonly dueAt: number;
}

/** Makes an empty one. Sales go through the same text form as on disk, so nothing is shared by reference. */
export function memoryStore(): Store {
  const sales = new Map<string, string>();
  const events = new Map<string, WaitingEvent>();
  const orders = new Map<string, StoredOrder>();
  const keyLists = new Map<string, { sequence: number; document: string }>();

  const write = ({ sale, events: added, orders: ordered }: Change) => {
    if (ordered.some(({ orderId }) => orders.has(orderId))) {
      throw new Error("This order id exists already.");
    }
    sales.set(sale.transactionNumber, encodeSale(sale));
    for (const order of ordered) orders.set(order.orderId, { ...order });
    for (const event of added) {
      if (!events.has(event.id)) events.set(event.id, { ...event, dueAt: event.at });
    }
  };
  const read = (transactionNumber: string) => {
    const text = sales.get(transactionNumber);
    return text === undefined ? undefined : decodeSale(text);
  };

  const readAll = () => [...sales.values()].map(decodeSale);
  const batches = memoryBatches(orders);
  const { reportOrders: _, ...batchBooks } = batches;

  return {
    ...batchBooks,
    ...memoryReports(readAll, batches),
    async insert(change) {
      if (sales.has(change.sale.transactionNumber)) {
        throw new Error("This transaction number exists already.");
      }
      write(change);
    },
    async find(transactionNumber) {
      return read(transactionNumber);
    },
    async update(transactionNumber, change) {
      const before = read(transactionNumber);
      if (before === undefined) return undefined;
      const changed = change(before);
      write(changed);
      return changed.sale;
    },
    async list(filter) {
      return readAll()
        .filter((sale) => matches(sale, filter))
        .sort(newestFirst)
        .slice(0, filter.limit ?? MERCHANT_LIMITS.listing);
    },
    async prune(expiredBefore) {
      const forgotten = readAll().filter(
        (sale) => sale.state === "quoted" && sale.expiresAt < expiredBefore,
      );
      for (const { transactionNumber } of forgotten) sales.delete(transactionNumber);
      return forgotten.length;
    },
    async orders(transactionNumber) {
      return [...orders.values()]
        .filter((order) => order.transactionNumber === transactionNumber)
        .sort((a, b) => a.at - b.at)
        .map((order) => ({ ...order }));
    },
    async claimEvents(now, leaseUntil, limit) {
      const due = [...events.values()].filter((event) => event.dueAt <= now).slice(0, limit);
      for (const event of due) {
        events.set(event.id, { ...event, attempts: event.attempts + 1, dueAt: leaseUntil });
      }
      return due.map(({ dueAt: _, ...event }) => event);
    },
    async finishEvent(id) {
      events.delete(id);
    },
    async postponeEvent(id, dueAt) {
      const event = events.get(id);
      if (event !== undefined) events.set(id, { ...event, dueAt });
    },
    async keyList(issuer) {
      return keyLists.get(issuer)?.document;
    },
    async saveKeyList(issuer, sequence, document) {
      if ((keyLists.get(issuer)?.sequence ?? 0) <= sequence) {
        keyLists.set(issuer, { sequence, document });
      }
    },
    async close() {},
  };
}

function matches(
  sale: SaleRecord,
  { states, paidTwice, refundAsked, search, issuedBefore, before }: SaleFilter,
): boolean {
  const reference = sale.state === "stray" ? null : sale.reference;
  return (
    (states === undefined || states.includes(sale.state)) &&
    (issuedBefore === undefined || sale.issuedAt < issuedBefore) &&
    (paidTwice !== true || paymentsOf(sale).length > 1) &&
    (refundAsked !== true || ("refund" in sale && sale.refund.decision === "asked")) &&
    (search === undefined || search === sale.transactionNumber || search === reference) &&
    (before === undefined || newestFirst(sale, before) > 0)
  );
}
