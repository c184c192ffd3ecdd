/** Reports, their entries and batches as CSV. */
import { LIMITS, type SettlementReport } from "@chit/protocol";
import { MERCHANT_LIMITS } from "../../../limits.ts";
import type { BookedEntry, EntryPlace, StoredBatch } from "../../../mts/books/books.ts";
import type { Answer } from "../answer.ts";
import { type Cell, timeCell } from "../csv.ts";
import type { Visit } from "../visit.ts";

export function reportsCsv(visit: Visit): Answer {
  const header = [
    "cycle",
    "from",
    "until",
    "currency",
    "opening",
    "payments_count",
    "payments",
    "fees",
    "refunds_count",
    "refunds",
    "held_back_count",
    "held_back",
    "returned",
    "payout",
    "payout_id",
    "closing",
  ];
  return { kind: "csv", filename: "settlements.csv", header, rows: reportRows(visit) };
}

async function* reportRows({ deps }: Visit) {
  const limit = MERCHANT_LIMITS.listing;
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const reports = await deps.mts.store.reports({ before, limit });
    if (reports.length > 0) yield reports.map(reportCells);
    const last = reports.at(-1);
    if (last === undefined || reports.length < limit) return;
    before = last.cycle;
  }
}

const reportCells = (report: SettlementReport): Cell[] => [
  String(report.cycle),
  timeCell(report.from),
  timeCell(report.until),
  report.currency,
  report.opening,
  String(report.payments.count),
  report.payments.amount,
  report.fees,
  String(report.refunds.count),
  report.refunds.amount,
  String(report.heldBack.count),
  report.heldBack.amount,
  report.returned.amount,
  report.payout?.amount ?? 0n,
  report.payout?.payoutId ?? null,
  report.closing,
];

export function entriesCsv(visit: Visit, cycle: number): Answer {
  const header = [
    "entry",
    "state",
    "transaction_number",
    "payment_id",
    "order_id",
    "at",
    "amount",
    "fee",
    "currency",
  ];
  const filename = `settlement-${cycle}.csv`;
  return { kind: "csv", filename, header, rows: entryRows(visit, cycle) };
}

async function* entryRows({ deps }: Visit, cycle: number) {
  const limit = LIMITS.reportPageEntries;
  let after: EntryPlace = { cycle, index: -1 };
  for (;;) {
    const entries: BookedEntry[] = await deps.mts.store.entries(
      { kind: "all", cycle },
      after,
      limit,
    );
    if (entries.length > 0) yield entries.map((entry) => entryCells(entry, deps.shop.currency));
    const last = entries.at(-1);
    if (last === undefined || entries.length < limit) return;
    after = last;
  }
}

function entryCells({ entry }: BookedEntry, currency: string): Cell[] {
  const { transactionNumber, paymentId, amount } = entry;
  return entry.entry === "refund"
    ? [
        ...["refund", entry.by, transactionNumber, paymentId, entry.orderId],
        ...[timeCell(entry.at), -amount, null, currency],
      ]
    : [
        ...["payment", entry.state, transactionNumber, paymentId, null],
        ...[timeCell(entry.paidAt), amount, entry.fee, currency],
      ];
}

export function batchesCsv(visit: Visit): Answer {
  const header = ["batch_id", "made_at", "orders", "state", "problem"];
  return { kind: "csv", filename: "batches.csv", header, rows: batchRows(visit) };
}

async function* batchRows({ deps }: Visit) {
  const limit = MERCHANT_LIMITS.listing;
  let before: { at: number; id: string } | undefined;
  for (;;) {
    const batches: StoredBatch[] = await deps.mts.store.batches({
      limit,
      ...(before && { before }),
    });
    if (batches.length > 0) yield batches.map(batchCells);
    const last = batches.at(-1);
    if (last === undefined || batches.length < limit) return;
    before = { at: last.at, id: last.batchId };
  }
}

const batchCells = ({ batchId, at, orders, state, problem }: StoredBatch): Cell[] => [
  batchId,
  timeCell(at),
  String(orders),
  state,
  problem,
];
