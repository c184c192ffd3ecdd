/** Settlement: batches that went to the operator, reports that came back. */
import type { SettlementReport } from "@chit/protocol";
import { MERCHANT_LIMITS } from "../../../limits.ts";
import type { BookedEntry, StoredBatch } from "../../../mts/books/books.ts";
import { type Html, html } from "../../html.ts";
import { type Answer, OfficeProblem } from "../answer.ts";
import { listFoot, table } from "../layout.ts";
import type { Visit } from "../visit.ts";

export async function settlementPage(visit: Visit): Promise<Answer> {
  const { words, deps } = visit;
  const { store } = deps.mts;
  const limit = MERCHANT_LIMITS.officeRows;
  const reports = await store.reports({ limit });
  const batches = await store.batches({ limit });
  const t = words.settlement;
  const main = html`<p class="lead">${t.lead}</p>
<div class="actions">${visit.form("settlement/batch", html`<button>${t.runBatch}</button>`)}${visit.form(
    "settlement/reports",
    html`<button class="quiet">${t.fetchReports}</button>`,
  )}</div>
<h2>${t.reports}</h2>
${
  reports.length === 0
    ? html`<p>${t.noReports}</p>`
    : html`${reportsTable(visit, reports)}${listFoot(visit, { csv: visit.link("reports.csv") })}`
}
<h2>${t.batches}</h2>
${
  batches.length === 0
    ? html`<p>${t.noBatches}</p>`
    : html`${batchesTable(visit, batches)}${listFoot(visit, { csv: visit.link("batches.csv") })}`
}`;
  return { kind: "page", title: words.sections.settlement, section: "settlement", main };
}

function reportsTable(visit: Visit, reports: readonly SettlementReport[]): Html {
  const { settlement: t } = visit.words;
  return table(
    t.reports,
    [
      { head: t.cycle },
      { head: t.until },
      { head: t.payments, kind: "amount" },
      { head: t.refunds, kind: "amount" },
      { head: t.fees, kind: "amount" },
      { head: t.payout, kind: "amount" },
      { head: t.closing, kind: "amount" },
    ],
    reports.map((report) => [
      html`<a href="${visit.link(`reports/${report.cycle}`)}">${report.cycle}</a>`,
      visit.time(report.until),
      visit.money(report.payments.amount),
      visit.money(-report.refunds.amount),
      visit.money(-report.fees),
      visit.money(report.payout?.amount ?? 0n),
      visit.money(report.closing),
    ]),
  );
}

function batchesTable(visit: Visit, batches: readonly StoredBatch[]): Html {
  const { settlement: t, time } = visit.words;
  const action = ({ batchId }: StoredBatch) =>
    visit.form(
      `batches/${batchId}/again`,
      html`<button class="quiet" aria-label="${t.sendAgainThis(batchId)}">${t.sendAgain}</button>`,
    );
  return table(
    t.batches,
    [
      { head: t.batch, kind: "wide" },
      { head: time },
      { head: t.orders, kind: "amount" },
      { head: visit.words.state },
    ],
    batches.map((batch) => [
      html`<span class="number">${batch.batchId}</span>`,
      visit.time(batch.at),
      visit.count(batch.orders),
      batch.state === "rejected"
        ? html`<span class="state warn">${t.batchStates.rejected}</span> ${batch.problem}${action(batch)}`
        : html`<span class="state">${t.batchStates[batch.state]}</span>`,
    ]),
  );
}

export async function reportPage(visit: Visit, cycle: number): Promise<Answer> {
  const { words, deps, facts } = visit;
  const report = await deps.mts.store.report(cycle);
  if (report === undefined) throw new OfficeProblem("address", 404);
  const limit = MERCHANT_LIMITS.officeRows;
  const from = Number(/^\d{1,9}$/.exec(facts.query.get("from") ?? "")?.[0] ?? 0);
  const after = { cycle, index: from - 1 };
  const rows = await deps.mts.store.entries({ kind: "all", cycle }, after, limit + 1);
  const entries = rows.slice(0, limit);
  const next = rows[limit];
  const t = words.settlement;
  const main = html`<div class="card">${balance(visit, report)}</div>
<h2>${t.entries}</h2>
${
  entries.length === 0
    ? html`<p>${words.nothing}</p>`
    : html`${entriesTable(visit, entries)}${listFoot(visit, {
        older:
          next === undefined ? null : visit.link(`reports/${cycle}`, { from: String(next.index) }),
        csv: visit.link(`reports/${cycle}.csv`),
        isFirst: from === 0,
      })}`
}`;
  return { kind: "page", title: t.report(visit.count(cycle)), section: "settlement", main };
}

/** The report's own sum, from what was owed before to what is owed after. */
function balance(visit: Visit, report: SettlementReport): Html {
  const { settlement: t } = visit.words;
  const { payments, refunds, fees, returned, heldBack, payout, opening, closing } = report;
  const row = (term: string, amount: bigint, count?: number) =>
    html`<tr><th scope="row">${term}${count === undefined ? null : ` (${visit.count(count)})`}</th><td class="amount">${visit.money(amount)}</td></tr>
`;
  return html`<p class="small">${visit.time(report.from)} – ${visit.time(report.until)}</p>
<table><tbody>${row(t.opening, opening)}${row(t.payments, payments.amount, payments.count)}${row(t.fees, -fees)}${row(t.refunds, -refunds.amount, refunds.count)}${returned.count === 0 ? null : row(t.returned, returned.amount, returned.count)}${row(t.payout, -(payout?.amount ?? 0n))}${row(t.closing, closing)}${heldBack.count === 0 ? null : row(t.heldBack, heldBack.amount, heldBack.count)}</tbody></table>`;
}

function entriesTable(visit: Visit, entries: readonly BookedEntry[]): Html {
  const { settlement: t, number, time, what, amount } = visit.words;
  return table(
    t.entries,
    [
      { head: number },
      { head: time, kind: "wide" },
      { head: what },
      { head: t.fee, kind: "amount" },
      { head: amount, kind: "amount" },
    ],
    entries.map(({ entry }) =>
      entry.entry === "refund"
        ? [
            visit.sale(entry.transactionNumber),
            visit.time(entry.at),
            t.kinds.refund,
            null,
            visit.money(-entry.amount),
          ]
        : [
            visit.sale(entry.transactionNumber),
            visit.time(entry.paidAt),
            t.kinds[entry.state],
            visit.money(-entry.fee),
            visit.money(entry.amount),
          ],
    ),
  );
}

/** Also what a person expects of a batch: what it brought is told, and the reports that followed are here. */
export async function runBatchNow({ deps }: Visit): Promise<Answer> {
  const { unavailable } = await deps.desk.runBatch({
    waitSeconds: MERCHANT_LIMITS.officeWaitSeconds,
  });
  if (unavailable !== null) throw new OfficeProblem("unavailable", 503);
  return { kind: "go", path: "settlement", notice: "batch" };
}

export async function fetchReportsNow({ deps }: Visit): Promise<Answer> {
  await deps.desk.fetchReports();
  return { kind: "go", path: "settlement", notice: "reports" };
}

export async function sendAgain({ deps }: Visit, batchId: string): Promise<Answer> {
  await deps.desk.resolve({ action: "send-again", batchId });
  return { kind: "go", path: "settlement", notice: "resolved" };
}
