/**
 * The page of a link by which somebody else pays. It is read by people who may have no wallet, and points at the quote under
 * a relation of its own, so that a wallet knows that it is to pay for somebody else.
 */
import { decodeCertificate, PAYER_QUOTE_RELATION, payerQuoteUrl, type Quote } from "@chit/protocol";
import type { Request, Response } from "express";
import { Refusal } from "../errors.ts";
import type { MtsDeps } from "../mts/deps.ts";
import { type PayerOffer, payerOffer } from "../mts/payer.ts";
import { html } from "./html.ts";
import { answer } from "./http.ts";
import { linesTable, PAGE_SECURITY_POLICY, page, validity, writtenAmounts } from "./page.ts";
import { languageOf } from "./visitor.ts";
import { type Language, WORDS } from "./words.ts";

/** A link's path below the mount path: the transaction number, and the key that the initiator's wallet made. */
const LINK_PATH = /^pay\/([\w-]+)\/([\w-]+)$/;

type Standing = PayerOffer | { readonly state: "unknown" };

/** Answers the page of a link; false when the path is none. */
export async function answerPayerPage(
  deps: MtsDeps,
  { walletUrl, mount }: { readonly walletUrl: string; readonly mount: string },
  request: Request,
  response: Response,
  path: string,
): Promise<boolean> {
  const [, transactionNumber, key] = LINK_PATH.exec(path) ?? [];
  if (transactionNumber === undefined || key === undefined) return false;
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  const language = languageOf(request);
  const offer = await standingOf(deps, transactionNumber, key);
  pageHeaders(response, language);
  if (offer.state !== "open") {
    const status = { paid: 200, closed: 410, expired: 410, unknown: 404 }[offer.state];
    answer(response, status, "text/html; charset=utf-8", overPage(language, mount, offer.state));
    return true;
  }
  const { payerUrl } = offer.quote;
  const quoteUrl = payerQuoteUrl(`${payerUrl ?? ""}/${key}`);
  response.append("link", `<${quoteUrl}>; rel="${PAYER_QUOTE_RELATION}"`);
  answer(
    response,
    200,
    "text/html; charset=utf-8",
    openPage(language, mount, walletUrl, offer.quote, quoteUrl),
  );
  return true;
}

async function standingOf(deps: MtsDeps, number: string, key: string): Promise<Standing> {
  try {
    return await payerOffer(deps, number, key);
  } catch (error) {
    if (error instanceof Refusal && error.code === "transaction-unknown") {
      return { state: "unknown" };
    }
    throw error;
  }
}

/** The link is a secret between those two people: no cache keeps it, no other site is told it. */
function pageHeaders(response: Response, language: Language): void {
  response.setHeader("cache-control", "no-store");
  response.setHeader("vary", "Accept-Language");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "no-referrer");
  response.setHeader("content-security-policy", PAGE_SECURITY_POLICY);
  response.setHeader("content-language", language);
}

function openPage(
  language: Language,
  mount: string,
  walletUrl: string,
  quote: Quote,
  quoteUrl: string,
): string {
  const words = WORDS[language];
  const { payer } = words;
  const shop = decodeCertificate(quote.certificate).name;
  const view = { language, ...writtenAmounts(language, quote) };
  return page(
    language,
    `${payer.asked} – ${shop}`,
    mount,
    html`<link rel="${PAYER_QUOTE_RELATION}" href="${quoteUrl}">
<script src="${mount}/page.js" defer></script>`,
    html`<main class="card" data-chit-transaction="${quote.transactionNumber}">
<p class="shop">${shop}</p>
<h1>${payer.asked}</h1>
<p class="teaser">${payer.explained}</p>
${linesTable(words, view)}
<p class="status" data-chit-status role="status" aria-live="polite" data-waiting="${words.waiting}" data-paid="${payer.complete}" data-complete="${payer.complete}" data-denied="${words.denied}" data-failed="${words.failed}"></p>
<section class="how">
<p>${payer.withWallet}</p>
<p>${payer.withoutWallet} <a href="${walletUrl}" rel="noopener">${words.getWallet}</a></p>
<p class="small">${words.privacy}</p>
${validity(view)}
</section>
</main>`,
  );
}

/** Nothing is to be paid: why, and what to do. */
function overPage(
  language: Language,
  mount: string,
  state: Exclude<Standing["state"], "open">,
): string {
  const [title, text] = WORDS[language].payer[state];
  return page(
    language,
    title,
    mount,
    html``,
    html`<main class="card"><h1>${title}</h1><p>${text}</p></main>`,
  );
}
