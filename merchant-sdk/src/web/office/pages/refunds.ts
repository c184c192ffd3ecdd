/** Refunds that shoppers asked for, to be decided; and the orders that came of decisions. */
import { formatDecimal, LIMITS, message } from "@chit/protocol";
import * as v from "valibot";
import { MERCHANT_LIMITS } from "../../../limits.ts";
import type { BookedOrder } from "../../../mts/books/books.ts";
import { decideRefund } from "../../../mts/refunds.ts";
import { type Sale, viewSale } from "../../../mts/sale-view.ts";
import { type Html, html } from "../../html.ts";
import { type Answer, OfficeProblem } from "../answer.ts";
import { type Cell, timeCell } from "../csv.ts";
import { parseForm } from "../form.ts";
import { reasonText } from "../history.ts";
import { listFoot, table } from "../layout.ts";
import type { Visit } from "../visit.ts";
import { amountUnits, shopperText } from "./sale.ts";
import { itemOf } from "./sales.ts";

export async function refundsPage(visit: Visit): Promise<Answer> {
  const { words, deps } = visit;
  const limit = MERCHANT_LIMITS.officeRows;
  const asked = (await deps.mts.store.list({ refundAsked: true, limit })).map(viewSale);
  const orders = await deps.mts.store.recentOrders(null, limit);
  const main = html`<h2>${words.refunds.toDecide}</h2>
${
  asked.length === 0
    ? html`<p>${words.refunds.noneToDecide}</p>`
    : html`<div class="stack">${asked.map((sale) => request(visit, sale))}</div>`
}
<h2>${words.refunds.orders}</h2><p class="lead">${words.refunds.ordersLead}</p>
${
  orders.length === 0
    ? html`<p>${words.nothing}</p>`
    : html`${ordersTable(visit, orders)}${listFoot(visit, { csv: visit.link("refunds.csv") })}`
}`;
  return { kind: "page", title: words.sections.refunds, section: "refunds", main };
}

/** One request, with the two ways to decide it. */
function request(visit: Visit, sale: Sale): Html {
  const { words } = visit;
  const { transactionNumber, refund, amount: price, currency, scale } = sale;
  const { asked } = refund;
  if (asked === null) return html``;
  const wanted = asked.amount ?? price;
  const wish =
    asked.amount === null
      ? words.refunds.everything(visit.money(price))
      : words.refunds.askedFor(visit.money(wanted), visit.money(price));
  const id = `asked-${transactionNumber}`;
  const form = visit.form(
    `refunds/${transactionNumber}`,
    html`<label>${words.refunds.amount(currency)}<input name="amount" inputmode="decimal" autocomplete="off" value="${visit.decimal(formatDecimal(wanted, scale))}"></label>
<label>${words.refunds.message}<textarea name="message" maxlength="${LIMITS.refundTextLength}" aria-describedby="${id}-help"></textarea></label>
<p class="small" id="${id}-help">${words.refunds.messageHelp}</p>
<p class="actions"><button name="decision" value="accept" aria-label="${words.refunds.acceptThis(transactionNumber)}">${words.refunds.accept}</button>
<button class="quiet" name="decision" value="refuse" aria-label="${words.refunds.refuseThis(transactionNumber)}">${words.refunds.refuse}</button></p>`,
    "fields",
  );
  return html`<section class="card" aria-labelledby="${id}"><h3 id="${id}">${itemOf(words, sale)}</h3>
<p>${visit.sale(transactionNumber)} ${wish}</p>
<dl><dt>${words.time}</dt><dd>${visit.time(asked.at)}</dd><dt>${words.refunds.reason}</dt><dd>${words.refunds.reasons[asked.reason]}${asked.text === null ? null : html`<br>${asked.text}`}</dd></dl>
${form}</section>`;
}

function ordersTable(visit: Visit, orders: readonly BookedOrder[]): Html {
  const { words } = visit;
  return table(
    words.refunds.orders,
    [
      { head: words.number },
      { head: words.time, kind: "wide" },
      { head: words.state },
      { head: words.amount, kind: "amount" },
    ],
    orders.map((order) => [
      visit.sale(order.transactionNumber),
      visit.time(order.at),
      outcomeText(visit, order),
      html`${visit.money(order.refunded)} <span class="of">/ ${visit.money(order.of)}</span>`,
    ]),
  );
}

/** How far an order is. */
function outcomeText({ words, money }: Visit, { batchId, outcome }: BookedOrder): string {
  if (outcome === null) return batchId === null ? words.refunds.waiting : words.refunds.sent;
  return outcome.outcome === "executed"
    ? words.refunds.executed(money(outcome.given))
    : words.refunds.refused(reasonText(words, outcome.reason ?? ""));
}

const decisionForm = message({
  decision: v.picklist(["accept", "refuse"]),
  amount: v.pipe(v.string(), v.trim(), v.maxLength(40)),
  message: v.string(),
});

export async function decide(
  visit: Visit,
  transactionNumber: string,
  fields: ReadonlyMap<string, string>,
): Promise<Answer> {
  const form = parseForm(decisionForm, fields);
  const text = shopperText(form.message);
  const { mts } = visit.deps;
  switch (form.decision) {
    case "refuse": {
      if (text === null) throw new OfficeProblem("message", 400);
      await decideRefund(mts, transactionNumber, { decision: "refuse", message: text });
      return { kind: "go", path: "refunds", notice: "refused" };
    }
    case "accept": {
      const amount = amountUnits(visit, form.amount);
      await decideRefund(mts, transactionNumber, {
        decision: "accept",
        ...(amount === null ? {} : { amount }),
        ...(text === null ? {} : { message: text }),
      });
      return { kind: "go", path: "refunds", notice: "accepted" };
    }
  }
}

export function refundsCsv(visit: Visit): Answer {
  const header = [
    "order_id",
    "transaction_number",
    "refunded",
    "of",
    "currency",
    "ordered_at",
    "batch_id",
    "outcome",
    "reason",
    "given",
    "outcome_at",
  ];
  return { kind: "csv", filename: "refunds.csv", header, rows: orderRows(visit) };
}

async function* orderRows({ deps }: Visit) {
  const limit = MERCHANT_LIMITS.listing;
  let before: { at: number; id: string } | null = null;
  for (;;) {
    const orders: BookedOrder[] = await deps.mts.store.recentOrders(before, limit);
    if (orders.length > 0) yield orders.map((order) => orderCells(order, deps.shop.currency));
    const last = orders.at(-1);
    if (last === undefined || orders.length < limit) return;
    before = { at: last.at, id: last.orderId };
  }
}

const orderCells = (order: BookedOrder, currency: string): Cell[] => [
  order.orderId,
  order.transactionNumber,
  order.refunded,
  order.of,
  currency,
  timeCell(order.at),
  order.batchId,
  order.outcome?.outcome ?? null,
  order.outcome?.reason ?? null,
  order.outcome?.given ?? null,
  timeCell(order.outcome?.at ?? null),
];
