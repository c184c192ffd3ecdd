/** The first page: what waits for a person, what the operator owes, what was sold last. */
import { MERCHANT_LIMITS } from "../../../limits.ts";
import { viewSale } from "../../../mts/sale-view.ts";
import { type Html, html } from "../../html.ts";
import type { Answer } from "../answer.ts";
import type { Visit } from "../visit.ts";
import { salesTable } from "./sales.ts";

/** Sales on the first page. */
const LATEST = 10;

export async function overviewPage(visit: Visit): Promise<Answer> {
  const { words, deps } = visit;
  const records = await deps.mts.store.list({
    states: ["paid", "delivered", "returned", "stray"],
    limit: LATEST,
  });
  const sales = records.map(viewSale);
  const main = html`<div class="cards">${await toDo(visit)}${await balance(visit)}</div>
<h2>${words.overview.latest}</h2>
${sales.length === 0 ? html`<p>${words.search.noneYet}</p>` : salesTable(visit, sales)}
<p class="foot"><a href="${visit.link("sales")}">${words.overview.allSales} →</a></p>`;
  return { kind: "page", title: words.sections.overview, section: "overview", main };
}

async function toDo(visit: Visit): Promise<Html> {
  const { words, deps } = visit;
  const { store } = deps.mts;
  const limit = MERCHANT_LIMITS.officeRows;
  const asked = await store.list({ refundAsked: true, limit });
  const rejected = await store.batches({ states: ["rejected"], limit });
  const { findings, next } = await deps.desk.reconcile({ limit });
  const atMost = (count: number, isMore: boolean) => `${visit.count(count)}${isMore ? "+" : ""}`;
  const item = (count: number, isMore: boolean, text: (count: string) => string, path: string) =>
    count === 0
      ? []
      : [html`<li><a href="${visit.link(path)}">${text(atMost(count, isMore))}</a></li>`];
  const items = [
    ...item(asked.length, asked.length === limit, words.overview.refundsToDecide, "refunds"),
    ...item(findings.length, next !== null, words.overview.findings, "reconciliation"),
    ...item(rejected.length, rejected.length === limit, words.overview.rejected, "settlement"),
  ];
  return html`<section class="card" aria-labelledby="todo"><h2 id="todo">${words.overview.toDo}</h2>${
    items.length === 0
      ? html`<p>${words.overview.allDone}</p>`
      : html`<ul class="todo">${items}</ul>`
  }</section>`;
}

async function balance(visit: Visit): Promise<Html> {
  const { words, deps } = visit;
  const [report] = await deps.mts.store.reports({ limit: 1 });
  const owed = report?.closing ?? 0n;
  const title = owed < 0n ? words.overview.balanceOwed : words.overview.balance;
  const text =
    report === undefined
      ? html`<p>${words.overview.noReport}</p>`
      : html`<p class="big">${visit.money(owed < 0n ? -owed : owed)}</p>
<p class="small"><a href="${visit.link(`reports/${report.cycle}`)}">${words.settlement.report(visit.count(report.cycle))}</a> · ${visit.time(report.until)}</p>`;
  return html`<section class="card" aria-labelledby="balance"><h2 id="balance">${title}</h2>${text}</section>`;
}
