/** A {@link Store} in memory: for tests. A restart loses every sale. */
import { MERCHANT_LIMITS } from "../limits.ts";
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

  return {
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
      return [...sales.values()]
        .map(decodeSale)
        .filter((sale) => matches(sale, filter))
        .sort((a, b) => b.issuedAt - a.issuedAt)
        .slice(0, filter.limit ?? MERCHANT_LIMITS.listing);
    },
    async prune(expiredBefore) {
      const forgotten = [...sales.values()]
        .map(decodeSale)
        .filter((sale) => sale.state === "quoted" && sale.expiresAt < expiredBefore);
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

function matches(sale: SaleRecord, filter: SaleFilter): boolean {
  if (filter.states !== undefined && !filter.states.includes(sale.state)) return false;
  if (filter.issuedBefore !== undefined && sale.issuedAt >= filter.issuedBefore) return false;
  return filter.paidTwice !== true || paymentsOf(sale).length > 1;
}
