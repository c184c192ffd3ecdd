/** Settlement reports in memory, and what of sales and reports does not meet. */
import { decodeSettlementReport } from "@chit/protocol";
import { paymentsOf, type SaleRecord } from "../sale.ts";
import { priceOf } from "../subject.ts";
import type { BookedEntry, BookedPayment, EntryFilter } from "./books.ts";
import { compare, type MemoryBatches } from "./memory-batches.ts";
import { decodeEntry, encodeEntry } from "./rows.ts";
import type { ReportBooks } from "./sqlite-reports.ts";

/** @param readSales all sales there are */
export function memoryReports(
  readSales: () => SaleRecord[],
  batches: MemoryBatches,
): Omit<ReportBooks, "notePayments"> {
  const reports = new Map<number, string>();
  const kept = new Map<string, { cycle: number; index: number; text: string }>();

  /** Entries of reports that are here, in order. */
  const counted = (): BookedEntry[] =>
    [...kept.values()]
      .filter(({ cycle }) => reports.has(cycle))
      .sort((a, b) => a.cycle - b.cycle || a.index - b.index)
      .map(({ cycle, index, text }) => ({ cycle, index, entry: decodeEntry(text) }));
  const payments = () =>
    new Map(
      readSales().flatMap((sale) =>
        paymentsOf(sale).map(({ jti: paymentId, at }) => {
          const { transactionNumber } = sale;
          return [paymentId, { paymentId, transactionNumber, at, amount: priceOf(sale) }] as const;
        }),
      ),
    );

  return {
    async addEntries(cycle, first, entries) {
      for (const [offset, entry] of entries.entries()) {
        const index = first + offset;
        const key = `${cycle}/${index}`;
        if (!kept.has(key)) kept.set(key, { cycle, index, text: encodeEntry(entry) });
      }
    },
    async addReport(document) {
      const { cycle } = decodeSettlementReport(document);
      if (reports.has(cycle)) return;
      reports.set(cycle, document);
      const refunds = counted().flatMap(({ entry }) =>
        entry.entry === "refund" ? [entry.orderId] : [],
      );
      batches.reportOrders(new Set(refunds));
    },
    async reports({ before = Number.POSITIVE_INFINITY, limit }) {
      return [...reports.values()]
        .map(decodeSettlementReport)
        .filter(({ cycle }) => cycle < before)
        .sort((a, b) => b.cycle - a.cycle)
        .slice(0, limit);
    },
    async report(cycle) {
      const document = reports.get(cycle);
      return document === undefined ? undefined : decodeSettlementReport(document);
    },
    async entries(filter, after, limit) {
      const all = counted();
      const known = payments();
      return all
        .filter((entry) => isIn(filter, entry, all, known))
        .filter(
          ({ cycle, index }) => after === null || (cycle - after.cycle || index - after.index) > 0,
        )
        .slice(0, limit);
    },
    async unsettledPayments(before, after, limit) {
      const settled = new Set(
        counted().flatMap(({ entry }) => (entry.entry === "payment" ? [entry.paymentId] : [])),
      );
      return [...payments().values()]
        .filter(({ paymentId, at }) => at < before && !settled.has(paymentId))
        .sort((a, b) => a.at - b.at || compare(a.paymentId, b.paymentId))
        .filter(
          ({ at, paymentId }) =>
            after === null || (at - after.at || compare(paymentId, after.id)) > 0,
        )
        .map(({ amount: _, ...payment }) => payment)
        .slice(0, limit);
    },
    async unclaimedSales(issuedBefore, after, limit) {
      return readSales()
        .filter((sale) => sale.state === "paid" && sale.advice?.goods.length !== 0)
        .filter(({ issuedAt }) => issuedAt < issuedBefore)
        .sort(newestFirst)
        .filter((sale) => after === null || newestFirst(sale, after) > 0)
        .slice(0, limit);
    },
  };
}

type Place = Pick<SaleRecord, "issuedAt" | "transactionNumber">;

/** Order of sales in lists. */
export const newestFirst = (a: Place, b: Place) =>
  b.issuedAt - a.issuedAt || compare(b.transactionNumber, a.transactionNumber);

function isIn(
  filter: EntryFilter,
  { cycle, entry }: BookedEntry,
  all: readonly BookedEntry[],
  payments: ReadonlyMap<string, BookedPayment & { readonly amount: bigint }>,
): boolean {
  switch (filter.kind) {
    case "all":
      return cycle === filter.cycle;
    case "of-number":
      return entry.transactionNumber === filter.transactionNumber;
    default:
  }
  if (entry.entry === "refund") return false;
  const same = all.filter(({ entry: { paymentId } }) => paymentId === entry.paymentId);
  const refunded = same.reduce(
    (sum, { entry: other }) => (other.entry === "refund" ? sum + other.amount : sum),
    0n,
  );
  const payment = payments.get(entry.paymentId);
  switch (filter.kind) {
    case "unproven":
      return payment === undefined && entry.state === "settled" && refunded < entry.amount;
    case "differing":
      return (
        payment !== undefined &&
        refunded < entry.amount &&
        (payment.amount !== entry.amount || payment.transactionNumber !== entry.transactionNumber)
      );
    case "held-back":
      return (
        entry.state === "held-back" &&
        !same.some(
          ({ entry: other, cycle: later }) =>
            later > cycle && other.entry === "payment" && other.state === "settled",
        )
      );
  }
}
