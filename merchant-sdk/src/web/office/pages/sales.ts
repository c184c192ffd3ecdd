/** Sales and open quotes: lists that are searched, filtered and looked through page by page. */
import { identifier, time } from "@chit/protocol";
import * as v from "valibot";
import { MERCHANT_LIMITS } from "../../../limits.ts";
import type { SaleCursor } from "../../../mts/books/books.ts";
import { cancelSale } from "../../../mts/refunds.ts";
import type { SaleState } from "../../../mts/sale.ts";
import { type Sale, viewSale } from "../../../mts/sale-view.ts";
import type { SaleFilter } from "../../../mts/store.ts";
import { type Html, html } from "../../html.ts";
import type { Answer } from "../answer.ts";
import { type Cell, timeCell } from "../csv.ts";
import { listFoot, table } from "../layout.ts";
import type { Visit } from "../visit.ts";
import type { OfficeWords } from "../words-en.ts";

const STATES = [
  "quoted",
  "authenticated",
  "paid",
  "delivered",
  "cancelled",
  "returned",
  "stray",
] as const satisfies readonly SaleState[];
const OPEN = ["quoted", "authenticated"] as const satisfies readonly SaleState[];

/** What a list's address says; anything else in it is as if it were not there. */
const cursorSchema = v.pipe(
  v.string(),
  v.regex(/^\d{1,12}\.[\w-]{22}$/),
  v.transform((text) => {
    const [issuedAt = "", transactionNumber = ""] = text.split(".");
    return { issuedAt: Number(issuedAt), transactionNumber };
  }),
  v.object({ issuedAt: time, transactionNumber: identifier }),
);
const stateSchema = v.picklist(STATES);
const searchSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(MERCHANT_LIMITS.referenceLength),
);

function read<S extends v.GenericSchema>(
  schema: S,
  text: string | null,
): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, text);
  return result.success ? result.output : undefined;
}

/** A list of sales as its address asks for it. */
function filterOf({ facts }: Visit): SaleFilter & { search?: string; states?: [SaleState] } {
  const search = read(searchSchema, facts.query.get("q"));
  const state = read(stateSchema, facts.query.get("state"));
  return {
    ...(search === undefined ? {} : { search }),
    ...(state === undefined ? {} : { states: [state] }),
  };
}

export async function salesPage(visit: Visit): Promise<Answer> {
  const { words, facts } = visit;
  const filter = filterOf(visit);
  const before = read(cursorSchema, facts.query.get("before"));
  const { sales, older } = await pageOf(visit, filter, before);
  const query = { q: filter.search, state: filter.states?.[0] };
  const chosen = filter.states?.[0];
  const isSearch = filter.search !== undefined || chosen !== undefined || before !== undefined;
  const option = (value: string, text: string) =>
    html`<option value="${value}"${value === (chosen ?? "") ? html` selected` : null}>${text}</option>`;
  const search = html`<form class="search" role="search" method="get" action="${visit.link("sales")}">
<label>${words.search.label}<input type="search" name="q" value="${filter.search ?? ""}" maxlength="${MERCHANT_LIMITS.referenceLength}" autocomplete="off"></label>
<label>${words.search.state}<select name="state">${option("", words.search.any)}${STATES.map((state) => option(state, words.states[state]))}</select></label>
<button>${words.search.find}</button></form>`;
  const list =
    sales.length === 0
      ? html`<p>${isSearch ? words.search.none : words.search.noneYet}</p>`
      : html`${salesTable(visit, sales)}${listFoot(visit, {
          older: older === null ? null : visit.link("sales", { ...query, before: older }),
          csv: visit.link("sales.csv", query),
          isFirst: before === undefined,
        })}`;
  const title = words.sections.sales;
  return { kind: "page", title, section: "sales", main: html`${search}${list}` };
}

export async function quotesPage(visit: Visit): Promise<Answer> {
  const { words, facts } = visit;
  const before = read(cursorSchema, facts.query.get("before"));
  const { sales, older } = await pageOf(visit, { states: OPEN }, before);
  const rows = sales.map((sale) => [
    numberCell(visit, sale),
    itemOf(words, sale),
    visit.time(sale.expiresAt),
    stateOf(words, sale),
    visit.money(sale.amount),
    visit.form(
      `quotes/${sale.transactionNumber}/cancel`,
      html`<button class="quiet" aria-label="${words.quotes.cancelThis(sale.transactionNumber)}">${words.quotes.cancel}</button>`,
    ),
  ]);
  const list =
    rows.length === 0
      ? html`<p>${words.nothing}</p>`
      : html`${table(
          words.sections.quotes,
          [
            { head: words.number },
            { head: words.what, kind: "wide" },
            { head: words.quotes.holdsUntil, kind: "wide" },
            { head: words.state },
            { head: words.amount, kind: "amount" },
            { head: words.quotes.cancel, kind: "wide" },
          ],
          rows,
        )}${listFoot(visit, {
          older: older === null ? null : visit.link("quotes", { before: older }),
          csv: visit.link("quotes.csv"),
          isFirst: before === undefined,
        })}`;
  const main = html`<p class="lead">${words.quotes.lead}</p>${list}`;
  return { kind: "page", title: words.sections.quotes, section: "quotes", main };
}

export async function cancelQuote(visit: Visit, transactionNumber: string): Promise<Answer> {
  await cancelSale(visit.deps.mts, transactionNumber);
  return { kind: "go", path: "quotes", notice: "cancelled" };
}

/** Sales in a table. */
export function salesTable(visit: Visit, sales: readonly Sale[]): Html {
  const { words } = visit;
  return table(
    words.sections.sales,
    [
      { head: words.number },
      { head: words.what, kind: "wide" },
      { head: words.reference, kind: "wide" },
      { head: words.time, kind: "wide" },
      { head: words.state },
      { head: words.amount, kind: "amount" },
    ],
    sales.map((sale) => [
      numberCell(visit, sale),
      itemOf(words, sale),
      sale.reference,
      visit.time(sale.paidAt ?? sale.issuedAt),
      stateOf(words, sale),
      visit.money(sale.amount),
    ]),
  );
}

/** A sale's number, with its first thing below where the screen has no room for a column of it. */
const numberCell = (visit: Visit, sale: Sale): Html =>
  html`${visit.sale(sale.transactionNumber)}<span class="narrow">${itemOf(visit.words, sale)}</span>`;

/** The first thing of a sale, for lists. */
export function itemOf(words: OfficeWords, { lines }: Sale): string {
  const [first, ...more] = lines;
  if (first === undefined) return words.unknownItem;
  return more.length === 0 ? first.description : `${first.description} + ${more.length}`;
}

/** Where a sale stands, as a coloured word. */
export function stateOf(words: OfficeWords, { state, refund }: Sale): Html {
  const tone = state === "paid" || state === "delivered" ? "good" : state === "stray" ? "warn" : "";
  const { decision } = refund;
  const about = html` <span class="state ${decision === "asked" ? "warn" : ""}">${words.sale.refund}: ${words.refunds.decisions[decision]}</span>`;
  return html`<span class="state ${tone}">${words.states[state]}</span>${decision === "none" ? null : about}`;
}

export function salesCsv(visit: Visit): Answer {
  return csvOf(visit, "sales.csv", filterOf(visit));
}

export function quotesCsv(visit: Visit): Answer {
  return csvOf(visit, "quotes.csv", { states: OPEN });
}

function csvOf(visit: Visit, filename: string, filter: SaleFilter): Answer {
  const header = [
    "transaction_number",
    "state",
    "reference",
    "seller",
    "what",
    "amount",
    "currency",
    "issued_at",
    "expires_at",
    "paid_at",
    "payments",
    "refund",
    "refund_accepted",
    "refund_given",
  ];
  const rows = (sale: Sale): Cell[] => [
    sale.transactionNumber,
    sale.state,
    sale.reference,
    sale.sellerId,
    sale.lines.map(({ description }) => description).join("; "),
    sale.amount,
    sale.currency,
    timeCell(sale.issuedAt),
    timeCell(sale.expiresAt),
    timeCell(sale.paidAt),
    String(sale.payments.length),
    sale.refund.decision,
    sale.refund.accepted,
    sale.refund.given,
  ];
  return { kind: "csv", filename, header, rows: allRows(visit, filter, rows) };
}

/** All sales of a filter, a page at a time. */
async function* allRows(visit: Visit, filter: SaleFilter, row: (sale: Sale) => Cell[]) {
  const { store } = visit.deps.mts;
  const limit = MERCHANT_LIMITS.listing;
  let before: SaleCursor | undefined;
  for (;;) {
    const records = await store.list({ ...filter, limit, ...(before && { before }) });
    if (records.length > 0) yield records.map((record) => row(viewSale(record)));
    before = records.at(-1);
    if (records.length < limit) return;
  }
}

async function pageOf(
  { deps }: Visit,
  filter: SaleFilter,
  before: SaleCursor | undefined,
): Promise<{ sales: Sale[]; older: string | null }> {
  const limit = MERCHANT_LIMITS.officeRows;
  const records = await deps.mts.store.list({
    ...filter,
    limit: limit + 1,
    ...(before === undefined ? {} : { before }),
  });
  const sales = records.slice(0, limit).map(viewSale);
  const last = sales.at(-1);
  const hasMore = records.length > limit && last !== undefined;
  return { sales, older: hasMore ? `${last.issuedAt}.${last.transactionNumber}` : null };
}
