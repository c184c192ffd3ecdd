/** Refund orders and their batches in memory. */
import type { StoredOrder } from "../store.ts";
import type { BookedOrder, OrderOutcome, StoredBatch } from "./books.ts";
import type { BatchBooks } from "./sqlite-batches.ts";

export interface MemoryBatches extends BatchBooks {
  /** A report names these orders. */
  reportOrders(orderIds: ReadonlySet<string>): void;
}

/** @param orders the store's own, by id */
export function memoryBatches(orders: Map<string, StoredOrder>): MemoryBatches {
  const batches = new Map<string, StoredBatch>();
  const outcomes = new Map<string, OrderOutcome>();
  const reported = new Set<string>();

  const booked = (): BookedOrder[] =>
    [...orders.values()]
      .map((order) => ({ ...order, outcome: outcomes.get(order.orderId) ?? null }))
      .sort((a, b) => a.at - b.at || compare(a.orderId, b.orderId));
  const change = (batchId: string, from: readonly string[], changes: Partial<StoredBatch>) => {
    const batch = batches.get(batchId);
    if (batch === undefined || !from.includes(batch.state)) return false;
    batches.set(batchId, { ...batch, ...changes });
    return true;
  };
  const putInto = (orderId: string, batchId: string | null) => {
    const order = orders.get(orderId);
    if (order !== undefined) orders.set(orderId, { ...order, batchId });
  };
  const isOpen = ({ orderId, outcome }: BookedOrder) =>
    outcome?.outcome !== "executed" || (outcome.given > 0n && !reported.has(orderId));

  return {
    async waitingOrders(limit) {
      return booked()
        .filter(({ batchId }) => batchId === null)
        .slice(0, limit);
    },
    async addBatch(batch, orderIds) {
      if (orderIds.some((orderId) => orders.get(orderId)?.batchId !== null)) return false;
      batches.set(batch.batchId, { ...batch });
      for (const orderId of orderIds) putInto(orderId, batch.batchId);
      return true;
    },
    async batches({ states, before, limit }) {
      return [...batches.values()]
        .filter(({ state }) => states === undefined || states.includes(state))
        .filter(
          ({ at, batchId }) =>
            before === undefined || (at - before.at || compare(batchId, before.id)) < 0,
        )
        .sort((a, b) => b.at - a.at || compare(b.batchId, a.batchId))
        .slice(0, limit);
    },
    async batch(batchId) {
      return batches.get(batchId);
    },
    async batchOrders(batchId) {
      return booked().filter((order) => order.batchId === batchId);
    },
    async batchSent(batchId) {
      change(batchId, ["made"], { state: "sent" });
    },
    async batchAnswered(batchId, result, { orders: results, iat: at }) {
      if (!change(batchId, ["made", "sent"], { state: "answered", result })) return;
      for (const { orderId, outcome, reason, payments, given } of results) {
        if (orders.get(orderId)?.batchId !== batchId) continue;
        outcomes.set(orderId, { outcome, reason, payments, given, at });
      }
    },
    async batchDone(batchId) {
      change(batchId, ["answered"], { state: "done" });
    },
    async batchRejected(batchId, problem) {
      change(batchId, ["made", "sent"], { state: "rejected", problem });
    },
    async releaseOrders(batchId) {
      if (batches.get(batchId)?.state !== "rejected") return 0;
      const released = booked().filter((order) => order.batchId === batchId);
      for (const { orderId } of released) putInto(orderId, null);
      return released.length;
    },
    async recentOrders(before, limit) {
      return booked()
        .reverse()
        .filter(
          ({ at, orderId }) =>
            before === null || (at - before.at || compare(orderId, before.id)) < 0,
        )
        .slice(0, limit);
    },
    async openOrders(after, limit) {
      return booked()
        .filter(isOpen)
        .filter(
          ({ at, orderId }) => after === null || (at - after.at || compare(orderId, after.id)) > 0,
        )
        .slice(0, limit);
    },
    reportOrders(orderIds) {
      for (const orderId of orderIds) reported.add(orderId);
    },
  };
}

/** As SQLite compares text. */
export const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
