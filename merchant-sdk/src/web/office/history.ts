/** What happened to a sale, in order, in words. */
import type { BookedEntry } from "../../mts/books/books.ts";
import type { SaleRecord } from "../../mts/sale.ts";
import { paymentsOf, sessionOf } from "../../mts/sale.ts";
import type { Sale } from "../../mts/sale-view.ts";
import type { Visit } from "./visit.ts";

/** One line of a sale's history. `at` in seconds. */
export interface HistoryRow {
  readonly at: number;
  readonly text: string;
  /** Smaller print: who, which, why. */
  readonly note: string | null;
}

/** The sale's history, oldest first. */
export function historyOf(
  visit: Visit,
  record: SaleRecord,
  sale: Sale,
  entries: readonly BookedEntry[],
): HistoryRow[] {
  const rows = [
    ...purchaseRows(visit, record),
    ...refundRows(visit, sale),
    ...entries.map((entry) => entryRow(visit, entry)),
  ];
  return rows
    .map((row, index) => ({ row, index }))
    .sort((a, b) => a.row.at - b.row.at || a.index - b.index)
    .map(({ row }) => row);
}

function purchaseRows({ words }: Visit, record: SaleRecord): HistoryRow[] {
  const rows: HistoryRow[] = [];
  const add = (at: number | undefined, text: string, note: string | null = null) => {
    if (at !== undefined) rows.push({ at, text, note });
  };
  if (record.state !== "stray") add(record.issuedAt, words.sale.issued);
  add(sessionOf(record)?.at, words.sale.begun);
  for (const [index, { jti, at, document }] of paymentsOf(record).entries()) {
    const accepted = index === 0 ? words.sale.paid : words.sale.paidAgain;
    const text = document === null ? words.sale.paidByReport : accepted;
    add(at, text, `${words.sale.payment} ${jti}`);
  }
  if (record.state !== "stray") {
    for (const { at } of record.denials) add(at, words.sale.denied);
  }
  if (record.state === "cancelled") add(record.cancelledAt, words.sale.cancelled);
  if (record.state === "delivered") add(record.deliveredAt, words.sale.delivered);
  if (record.state === "paid" || record.state === "delivered") {
    for (const { at } of record.redeliveries) add(at, words.sale.redelivery);
  }
  return rows;
}

function refundRows({ words, money }: Visit, { refund }: Sale): HistoryRow[] {
  const rows: HistoryRow[] = [];
  const { asked } = refund;
  if (asked !== null) {
    const reason = words.refunds.reasons[asked.reason];
    const note = asked.text === null ? reason : `${reason}: ${asked.text}`;
    rows.push({ at: asked.at, text: words.sale.asked, note });
  }
  if (refund.decision === "refused" && refund.at !== null) {
    const text = `${words.sale.decided}: ${words.refunds.decisions.refused}`;
    rows.push({ at: refund.at, text, note: refund.message });
  }
  for (const { orderId, refunded, at, outcome } of refund.orders) {
    const note = `${words.refunds.order} ${orderId}`;
    rows.push({ at, text: words.sale.ordered(money(refunded)), note });
    if (outcome === null) continue;
    const text =
      outcome.outcome === "executed"
        ? words.sale.executed(money(outcome.given))
        : words.sale.refused(reasonText(words, outcome.reason));
    rows.push({ at: outcome.at, text, note });
  }
  return rows;
}

/** Why the TPS refused an order, in words where there are some. */
export function reasonText({ orderReasons }: Visit["words"], reason: string): string {
  return Object.hasOwn(orderReasons, reason)
    ? orderReasons[reason as keyof typeof orderReasons]
    : reason;
}

function entryRow({ words, money }: Visit, { cycle, entry }: BookedEntry): HistoryRow {
  const name = String(cycle);
  if (entry.entry === "refund") {
    return {
      at: entry.at,
      text: `${words.sale.givenBack(name)}: ${money(entry.amount)}`,
      note: `${words.sale.payment} ${entry.paymentId}`,
    };
  }
  const text = entry.state === "settled" ? words.sale.settled(name) : words.sale.heldBack(name);
  const fee = entry.fee === 0n ? "" : `, ${words.sale.fee(money(entry.fee))}`;
  const note = `${words.sale.payment} ${entry.paymentId}`;
  return { at: entry.paidAt, text: `${text}: ${money(entry.amount)}${fee}`, note };
}
