/** The page that a person sees at something that must be paid for; it works without a script and without a wallet. */
import { QUOTE_RELATION, type Quote } from "@chit/protocol";
import type { IssuedQuote } from "../mts/purchase.ts";
import { formatAmount, formatHour } from "./format.ts";
import { type Html, html } from "./html.ts";
import { type Language, WORDS, type Words } from "./words.ts";

/** What a page template is given. Strings are plain text: escape them. */
export interface PageView {
  readonly language: Language;
  readonly issued: IssuedQuote;
  /** Belongs into the head: the pointer to the quote, and the script that shows what happens. */
  readonly head: string;
  /** Lines and total as the reader's language writes amounts. */
  readonly lines: readonly {
    readonly description: string;
    readonly quantity: number;
    readonly amount: string;
  }[];
  readonly total: string;
  readonly validUntil: Date;
  /** Where a shopper gets the wallet. */
  readonly walletUrl: string;
}

/** Makes the whole page instead of the one that comes with the SDK. */
export type PageTemplate = (view: PageView) => string;

/** Headers of the pages that the SDK makes: nothing from elsewhere runs in them, nobody frames them. */
export const PAGE_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; media-src 'self' https:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The pointer to the quote and the page script, as HTML for any page's head. */
export function quoteHead(issued: IssuedQuote): string {
  return html`<link rel="${QUOTE_RELATION}" href="${issued.url}"><script src="${endpointOf(issued)}/page.js" defer></script>`
    .text;
}

/** The `Link` header's value that points at the quote (RFC 8288). */
export const quoteLink = (issued: IssuedQuote): string =>
  `<${issued.url}>; rel="${QUOTE_RELATION}"`;

/** Where the protocol's endpoints of a quote are. */
const endpointOf = (issued: IssuedQuote) => issued.quote.proofUrl.replace(/\/proof$/, "");

/** Everything that a template needs. */
export function viewPage(language: Language, issued: IssuedQuote, walletUrl: string): PageView {
  const { quote } = issued;
  return {
    language,
    issued,
    walletUrl,
    head: quoteHead(issued),
    ...writtenAmounts(language, quote),
  };
}

/** The SDK's own page. */
export function paymentPage(view: PageView): string {
  const words = WORDS[view.language];
  const { issued } = view;
  return page(
    view.language,
    `${issued.offer.name} – ${issued.shop}`,
    endpointOf(issued),
    html`<link rel="${QUOTE_RELATION}" href="${issued.url}">
<script src="${endpointOf(issued)}/page.js" defer></script>`,
    html`<main class="card" data-chit-offer>
<p class="shop">${issued.shop}</p>
<h1>${issued.offer.name}</h1>
${issued.offer.teaser === undefined ? null : html`<p class="teaser">${issued.offer.teaser}</p>`}
${linesTable(words, view)}
${issued.quote.addressRequired ? html`<p class="address">${words.addressNote}</p>` : null}
<p class="status" data-chit-status role="status" aria-live="polite" data-waiting="${words.waiting}" data-paid="${words.paid}" data-complete="${words.complete}" data-denied="${words.denied}" data-failed="${words.failed}"></p>
<section class="how">
<p>${words.withWallet}</p>
<p>${words.withoutWallet} <a href="${view.walletUrl}" rel="noopener">${words.getWallet}</a></p>
<p class="small">${words.privacy}</p>
${validity(view)}
</section>
</main>
<article class="goods" data-chit-goods hidden></article>`,
  );
}

/** What is to be paid: the total, and the lines that it is made of. */
export function linesTable(words: Words, view: Pick<PageView, "lines" | "total">): Html {
  return html`<p class="total"><span>${words.pay}</span> <strong>${view.total}</strong></p>
<table>
<thead class="unseen"><tr><th scope="col">${words.item}</th><th scope="col">${words.amount}</th></tr></thead>
<tbody>${view.lines.map(
    (
      line,
    ) => html`<tr><td>${line.quantity === 1 ? null : html`<span class="times">${line.quantity} × </span>`}${line.description}</td><td class="amount">${line.amount}</td></tr>
`,
  )}</tbody>
<tfoot><tr><th scope="row">${words.total}</th><td class="amount">${view.total}</td></tr></tfoot>
</table>`;
}

/** Until when a quote holds. */
export function validity({
  language,
  validUntil,
}: Pick<PageView, "language" | "validUntil">): Html {
  const words = WORDS[language];
  return html`<p class="small">${words.validUntil} <time datetime="${validUntil.toISOString()}">${formatHour(language, validUntil)} UTC</time>.</p>`;
}

/** Lines and total as a language writes them. */
export function writtenAmounts(
  language: Language,
  quote: Quote,
): Pick<PageView, "lines" | "total" | "validUntil"> {
  return {
    lines: quote.lines.map(({ description, quantity, amount }) => ({
      description,
      quantity,
      amount: formatAmount(language, amount, quote),
    })),
    total: formatAmount(language, quote.amount, quote),
    validUntil: new Date(quote.expiresAt * 1_000),
  };
}

/** The page that is shown when no quote could be made. `detail`: the developer's message, outside of production. */
export function closedPage(language: Language, endpoint: string, detail: string | null): string {
  const words = WORDS[language];
  return page(
    language,
    words.closedTitle,
    endpoint,
    html``,
    html`<main class="card"><h1>${words.closedTitle}</h1><p>${words.closedText}</p>${
      detail === null ? null : html`<pre>${detail}</pre>`
    }</main>`,
  );
}

/** A whole page around `body`. */
export function page(
  language: Language,
  title: string,
  endpoint: string,
  head: Html,
  body: Html,
): string {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
${head}
<link rel="stylesheet" href="${endpoint}/page.css">
</head>
<body>
${body}
</body>
</html>
`.text;
}
