/** What does not add up, with a button for whatever can be done about it. */
import { identifier, message } from "@chit/protocol";
import * as v from "valibot";
import { FINDING_KINDS, type Finding, type Resolution } from "../../../mts/clearing/finding.ts";
import { type Html, html } from "../../html.ts";
import type { Answer } from "../answer.ts";
import { type Cell, timeCell } from "../csv.ts";
import { parseForm } from "../form.ts";
import { listFoot } from "../layout.ts";
import type { Visit } from "../visit.ts";

export async function reconciliationPage(visit: Visit): Promise<Answer> {
  const { words, facts, deps } = visit;
  const t = words.reconciliation;
  const after = facts.query.get("after");
  const { findings, next } = await deps.desk.reconcile(after === null ? {} : { after });
  const groups = FINDING_KINDS.map((kind) => findings.filter((finding) => finding.kind === kind));
  const list =
    findings.length === 0
      ? html`<p class="notice">${t.fine}</p>`
      : html`${groups.filter((group) => group.length > 0).map((group) => section(visit, group))}${listFoot(
          visit,
          {
            older: next === null ? null : visit.link("reconciliation", { after: next }),
            csv: visit.link("reconciliation.csv"),
            isFirst: after === null,
          },
        )}`;
  const main = html`<p class="lead">${t.lead}</p>${list}`;
  return { kind: "page", title: words.sections.reconciliation, section: "reconciliation", main };
}

function section(visit: Visit, findings: readonly Finding[]): Html {
  const { reconciliation: t } = visit.words;
  const kind = findings[0]?.kind ?? "refund-open";
  const advice = t.advice[kind];
  return html`<h2>${t.kinds[kind]}</h2>${advice === "" ? null : html`<p class="lead">${advice}</p>`}
<div class="cards">${findings.map((finding) => card(visit, finding))}</div>`;
}

function card(visit: Visit, finding: Finding): Html {
  const { words } = visit;
  const t = words.reconciliation;
  const { transactionNumber, amount, at, detail, paymentId, actions } = finding;
  const explained = t.details[detail];
  const pay =
    paymentId === null
      ? null
      : html`<p class="small">${t.payment} <span class="number">${paymentId}</span></p>`;
  const none = detail === "waiting" ? null : html`<p class="small">${t.askOperator}</p>`;
  const buttons =
    actions.length === 0
      ? none
      : html`<div class="actions">${actions.map((action, index) =>
          button(visit, action, transactionNumber, index === 0),
        )}</div>`;
  return html`<section class="card" aria-label="${t.kinds[finding.kind]}: ${transactionNumber}">
<p>${visit.sale(transactionNumber)}</p><p><strong>${visit.money(amount)}</strong> · ${visit.time(at)}</p>${pay}
${explained === "" ? null : html`<p>${explained}</p>`}
${buttons}</section>`;
}

function button(
  visit: Visit,
  resolution: Resolution,
  transactionNumber: string,
  isFirst: boolean,
): Html {
  const t = visit.words.reconciliation;
  const { action, ...rest } = resolution;
  const text = t.actions[action];
  const fields = Object.entries(rest).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return visit.form(
    "reconciliation",
    html`<input type="hidden" name="action" value="${action}">${fields}<button class="${isFirst ? "" : "quiet"}" aria-label="${t.actionOf(text, transactionNumber)}">${text}</button>`,
  );
}

const number = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));
const resolutionForm = v.variant("action", [
  message({ action: v.literal("record"), cycle: number, index: number }),
  message({ action: v.literal("refund"), transactionNumber: identifier }),
  message({ action: v.literal("send-again"), batchId: identifier }),
]);

export async function resolveFinding(
  visit: Visit,
  fields: ReadonlyMap<string, string>,
): Promise<Answer> {
  await visit.deps.desk.resolve(parseForm(resolutionForm, fields));
  return { kind: "go", path: "reconciliation", notice: "resolved" };
}

/** The columns of findings as CSV. */
export const FINDING_COLUMNS = [
  "kind",
  "detail",
  "transaction_number",
  "payment_id",
  "order_id",
  "amount",
  "currency",
  "at",
  "actions",
] as const;

export function reconciliationCsv(visit: Visit): Answer {
  const rows = findingRows(visit);
  return { kind: "csv", filename: "reconciliation.csv", header: FINDING_COLUMNS, rows };
}

async function* findingRows({ deps }: Visit) {
  let after: string | null = null;
  do {
    const page: { findings: readonly Finding[]; next: string | null } = await deps.desk.reconcile(
      after === null ? {} : { after },
    );
    if (page.findings.length > 0) {
      yield page.findings.map((finding) => findingCells(finding, deps.shop.currency));
    }
    after = page.next;
  } while (after !== null);
}

/** A finding in the order of {@link FINDING_COLUMNS}. */
export const findingCells = (finding: Finding, currency: string): Cell[] => [
  finding.kind,
  finding.detail,
  finding.transactionNumber,
  finding.paymentId,
  finding.orderId,
  finding.amount,
  currency,
  timeCell(finding.at),
  finding.actions.map(({ action }) => action).join(" "),
];
