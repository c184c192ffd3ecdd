/** One sale with everything that happened to it. */
import { displayText, LIMITS, message, parseDecimal } from "@chit/protocol";
import * as v from "valibot";
import type { BookedEntry } from "../../../mts/books/books.ts";
import { cancelSale, giveRefund } from "../../../mts/refunds.ts";
import type { SaleRecord } from "../../../mts/sale.ts";
import { type Sale, viewSale } from "../../../mts/sale-view.ts";
import { isRefunded } from "../../../mts/subject.ts";
import { type Html, html } from "../../html.ts";
import { type Answer, OfficeProblem } from "../answer.ts";
import { parseForm } from "../form.ts";
import { historyOf } from "../history.ts";
import type { Visit } from "../visit.ts";
import { stateOf } from "./sales.ts";

/** Entries of reports that are shown with a sale; a number has two or three. */
const MOST_ENTRIES = 200;

export async function salePage(visit: Visit, transactionNumber: string): Promise<Answer> {
  const { store } = visit.deps.mts;
  const record = await findSale(visit, transactionNumber);
  const filter = { kind: "of-number", transactionNumber } as const;
  const entries = await store.entries(filter, null, MOST_ENTRIES);
  const sale = viewSale(record);
  const { words } = visit;
  const main = html`<p class="number">${transactionNumber}</p>
<div class="cards">${facts(visit, sale)}${refundCard(visit, record, sale)}</div>
<h2>${words.sale.history}</h2>
${history(visit, record, sale, entries)}`;
  const title = sale.lines[0]?.description ?? words.unknownItem;
  return { kind: "page", title, section: "sales", main };
}

async function findSale({ deps }: Visit, transactionNumber: string): Promise<SaleRecord> {
  const record = await deps.mts.store.find(transactionNumber);
  if (record === undefined) throw new OfficeProblem("sale", 404);
  return record;
}

function facts(visit: Visit, sale: Sale): Html {
  const { words } = visit;
  const lines = sale.lines.map(
    ({ quantity, description, amount }) =>
      html`<tr><td>${quantity === 1 ? null : `${quantity} × `}${description}</td><td class="amount">${visit.money(amount)}</td></tr>
`,
  );
  return html`<section class="card" aria-labelledby="what"><h2 id="what">${words.sale.lines}</h2>
<p>${stateOf(words, sale)}</p><p class="small">${words.stateHelp[sale.state]}</p>
<table><tbody>${lines}<tr><th scope="row">${words.total}</th><td class="amount">${visit.money(sale.amount)}</td></tr></tbody></table>
<dl>${pair(words.reference, sale.reference)}${pair(words.sale.customer, sale.loyalty)}${
    sale.address === null
      ? null
      : html`<dt>${words.sale.address}</dt><dd><address>${addressLines(visit, sale.address).join("\n")}</address></dd>`
  }</dl></section>`;
}

const pair = (term: string, value: string | null) =>
  value === null ? null : html`<dt>${term}</dt><dd>${value}</dd>`;

function addressLines(visit: Visit, address: NonNullable<Sale["address"]>): string[] {
  const { name, lines, postalCode, city, region, country, contact } = address;
  const place = [postalCode, city].filter(Boolean).join(" ");
  const land = new Intl.DisplayNames(visit.facts.language, { type: "region" }).of(country);
  return [name, ...lines, place, region, land, contact].filter((line) => line !== undefined);
}

/** What can still be done with the sale. */
function refundCard(visit: Visit, record: SaleRecord, sale: Sale): Html | null {
  const { words } = visit;
  const { transactionNumber, refund } = sale;
  if (record.state === "quoted" || record.state === "authenticated") {
    return html`<section class="card" aria-labelledby="cancel"><h2 id="cancel">${words.sale.cancel}</h2>
<p class="small">${words.sale.cancelHelp}</p>${visit.form(`sales/${transactionNumber}/cancel`, html`<button>${words.quotes.cancel}</button>`)}</section>`;
  }
  if (!("refund" in record)) return null;
  const form = visit.form(
    `sales/${transactionNumber}/refund`,
    html`<label>${words.sale.giveBackAmount(sale.currency)}<input name="amount" inputmode="decimal" autocomplete="off"></label>
<label>${words.refunds.message}<textarea name="message" maxlength="${LIMITS.refundTextLength}"></textarea></label>
<p class="actions"><button>${words.sale.giveBack}</button></p>`,
    "fields",
  );
  return html`<section class="card" aria-labelledby="refund"><h2 id="refund">${words.sale.refund}</h2>
<dl>${pair(words.sale.accepted, visit.money(refund.accepted))}${pair(words.sale.given, visit.money(refund.given))}</dl>
${isRefunded(record) ? null : html`<p class="small">${words.sale.refundHelp}</p>${form}`}</section>`;
}

function history(
  visit: Visit,
  record: SaleRecord,
  sale: Sale,
  entries: readonly BookedEntry[],
): Html {
  const rows = historyOf(visit, record, sale, entries);
  return html`<ol class="history card">${rows.map(
    ({ at, text, note }) =>
      html`<li>${visit.time(at)} <span>${text}</span>${note === null ? null : html`<span class="note">${note}</span>`}</li>
`,
  )}</ol>`;
}

const refundForm = message({
  amount: v.pipe(v.string(), v.trim(), v.maxLength(40)),
  message: v.pipe(v.string(), v.trim()),
});
/** What a person wrote to the shopper: line breaks become spaces, as the protocol's texts have one line. */
const toShopper = displayText(LIMITS.refundTextLength);

/**
 * A message as the wallet may show it; null for an empty one.
 *
 * @throws {OfficeProblem} `form`
 */
export function shopperText(text: string): string | null {
  const line = text.replace(/\s+/g, " ").trim();
  if (line === "") return null;
  const result = v.safeParse(toShopper, line);
  if (!result.success) throw new OfficeProblem("form", 400);
  return result.output;
}

/**
 * An amount as a person writes it, also with a decimal comma; null for an empty one.
 *
 * @throws {OfficeProblem} `amount`
 */
export function amountUnits({ deps }: Visit, text: string): bigint | null {
  if (text === "") return null;
  try {
    return parseDecimal(text.replace(",", "."), deps.shop.scale);
  } catch (cause) {
    throw new OfficeProblem("amount", 400, { cause });
  }
}

export async function refundSale(
  visit: Visit,
  transactionNumber: string,
  fields: ReadonlyMap<string, string>,
): Promise<Answer> {
  const form = parseForm(refundForm, fields);
  const amount = amountUnits(visit, form.amount);
  const text = shopperText(form.message);
  await giveRefund(visit.deps.mts, transactionNumber, {
    ...(amount === null ? {} : { amount }),
    ...(text === null ? {} : { message: text }),
  });
  return { kind: "go", path: `sales/${transactionNumber}`, notice: "given" };
}

export async function cancelFromSale(visit: Visit, transactionNumber: string): Promise<Answer> {
  await cancelSale(visit.deps.mts, transactionNumber);
  return { kind: "go", path: `sales/${transactionNumber}`, notice: "cancelled" };
}
