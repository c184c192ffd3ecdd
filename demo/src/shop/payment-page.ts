/**
 * The page with a price, in the shop's own dress instead of the SDK's: the checkout, and the article's beginning
 * with its paywall. The wallet finds the pointer in `head`; the SDK's script fills `data-chit-status` and
 * `data-chit-goods`. Without wallet and script it says what to do.
 */
import { readFileSync } from "node:fs";
import type { PageTemplate, PageView } from "@chit/merchant";
import { type Html, html, rawHtml } from "../html.ts";
import type { Language } from "../language.ts";
import { ARTICLE } from "./catalogue.ts";
import { page } from "./layout.ts";
import { shopTexts } from "./texts.ts";

/** The offer of the article carries this, by which its page is told from a checkout. */
export const ARTICLE_REFERENCE = "article";

const ARTICLES: Readonly<Record<Language, string>> = {
  en: readArticle("en"),
  de: readArticle("de"),
};

/** The whole article as HTML. */
export function articleHtml(language: Language): string {
  return ARTICLES[language];
}

/** For `createMerchant({ page })`. */
export const paymentPage: PageTemplate = (view) => {
  const article = view.issued.offer.reference === ARTICLE_REFERENCE;
  return page({
    language: view.language,
    title: view.issued.offer.name,
    count: 0,
    head: view.head,
    main: article ? articleTeaser(view) : checkout(view),
  });
};

function checkout(view: PageView): Html {
  const t = shopTexts[view.language];
  return html`<div class="pay">
<section class="chit">
  <p class="eyebrow">${view.issued.shop}</p>
  <h1>${view.issued.offer.name}</h1>
  <table>${view.lines.map(
    ({ description, quantity, amount }) =>
      html`<tr><th scope="row">${quantity > 1 && html`${quantity} × `}${description}</th><td>${amount}</td></tr>`,
  )}
  <tr class="total"><th scope="row">${t.total}</th><td>${view.total}</td></tr></table>
  ${status(view)}
</section>
<section class="help"><h2>${t.payTitle}</h2><p>${t.payLead}</p>
  ${view.issued.quote.addressRequired && html`<p>${t.payAddress}</p>`}
  <p>${t.payPrivacy}</p>
  ${noWallet(view)}</section>
</div>
<div data-chit-goods hidden></div>`;
}

function articleTeaser(view: PageView): Html {
  const t = shopTexts[view.language];
  const { title, minutes } = ARTICLE.texts[view.language];
  const [lead = "", second = "", third = ""] = articleHtml(view.language).split("\n");
  return html`<article class="prose reading">
<p class="eyebrow">${t.article} · ${minutes}</p>
<h1>${title}</h1>
<img class="wide" src="/pictures/${ARTICLE.picture}" alt="" width="960" height="540">
<div data-chit-goods><div class="teaser">${rawHtml(lead + second)}<div class="fading" aria-hidden="true">${rawHtml(third)}</div></div></div>
<section class="paywall chit">
  <h2>${t.articlePay(view.total)}</h2>
  <p>${t.articlePayText}</p>
  ${status(view)}
  ${noWallet(view)}
</section>
</article>`;
}

function status(view: PageView): Html {
  const { waiting, paid, complete, denied, failed } = shopTexts[view.language].states;
  return html`<p class="status" data-chit-status role="status" data-waiting="${waiting}" data-paid="${paid}" data-complete="${complete}" data-denied="${denied}" data-failed="${failed}"></p>`;
}

function noWallet(view: PageView): Html {
  const t = shopTexts[view.language];
  return html`<details><summary>${t.noWalletTitle}</summary><p>${t.noWalletText} <a href="/how-to-pay">${t.howLink}</a></p></details>
  <p class="note">${t.validUntil} <time datetime="${view.validUntil.toISOString()}">${view.validUntil.toLocaleTimeString(view.language, { hour: "2-digit", minute: "2-digit" })}</time>.</p>`;
}

function readArticle(language: Language): string {
  return readFileSync(new URL(`../../goods/article/${language}.html`, import.meta.url), "utf8");
}
