/** The shop's pages, as HTML. */
import { type Html, html } from "../html.ts";
import type { Language } from "../language.ts";
import { type Basket, countOf, MOST_PIECES } from "./basket.ts";
import { ARTICLE, PRODUCTS, type Product, productOf } from "./catalogue.ts";
import { page } from "./layout.ts";
import { FREE_POSTAGE_FROM, formatPrice, linesOf } from "./offers.ts";
import { shopTexts } from "./texts.ts";

/** What every page needs to know of its request. */
export interface Visit {
  readonly language: Language;
  readonly basket: Basket;
}

const frame = ({ language, basket }: Visit, title: string, main: Html) =>
  page({ language, title, count: countOf(basket), main });

/** The front page: what there is. */
export function homePage(visit: Visit): string {
  const { language } = visit;
  const t = shopTexts[language];
  const article = ARTICLE.texts[language];
  const price = formatPrice(ARTICLE.price, language);
  return frame(
    visit,
    t.tagline,
    html`<section class="hero">
  <div><p class="eyebrow">${t.tagline}</p><h1>${t.heroTitle}</h1><p>${t.heroText}</p>
  <p class="actions"><a class="button" href="#shelf">${t.heroButton}</a> <a class="quiet" href="/how-to-pay">${t.howLink}</a></p></div>
  <a class="hero-picture" href="/goods/print"><img src="/pictures/print.png" alt="" width="840" height="560"></a>
</section>
<section aria-labelledby="read">
  <h2 id="read">${t.toRead}</h2>
  <a class="feature" href="/read/the-stall"><img src="/pictures/${ARTICLE.picture}" alt="" width="960" height="540">
    <div><p class="eyebrow">${t.article} · ${article.minutes}</p><h3>${article.title}</h3><p>${article.claim}</p><p class="price">${t.readFor(price)}</p></div></a>
</section>
<section aria-labelledby="shelf">
  <h2 id="shelf">${t.shelf}</h2>
  <ul class="shelf">${PRODUCTS.map((product) => card(product, language))}</ul>
</section>`,
  );
}

function card({ id, kind, price, picture, shape, texts }: Product, language: Language): Html {
  const t = shopTexts[language];
  const { name, claim } = texts[language];
  return html`<li class="card"><a href="/goods/${id}">
    <span class="frame ${shape}"><img src="/pictures/${picture}" alt=""></span>
    <span class="eyebrow">${kind === "digital" ? t.digital : t.physical}</span>
    <h3>${name}</h3><p>${claim}</p><p class="price">${formatPrice(price, language)}</p></a></li>`;
}

/** One product. */
export function productPage(visit: Visit, { id, ...product }: Product): string {
  const { language } = visit;
  const t = shopTexts[language];
  const { name, claim, text, facts } = product.texts[language];
  return frame(
    visit,
    name,
    html`<article class="product">
  <div class="frame large ${product.shape}"><img src="/pictures/${product.picture}" alt="${name}"></div>
  <div class="about">
    <p class="eyebrow">${product.kind === "digital" ? t.digital : t.physical}</p>
    <h1>${name}</h1><p class="claim">${claim}</p>
    <p>${text}</p>
    <ul class="facts">${facts.map((fact) => html`<li>${fact}</li>`)}</ul>
    ${product.sample !== undefined && html`<figure class="sample"><figcaption>${t.sample}</figcaption><audio controls preload="none" src="/pictures/${product.sample}"></audio></figure>`}
    <p class="price big">${formatPrice(product.price, language)}</p>
    <div class="actions"><a class="button" href="/buy/${id}">${t.buyNow}</a>
      <form method="post" action="/basket"><input type="hidden" name="id" value="${id}"><button class="button second" name="quantity" value="+1">${t.addToBasket}</button></form></div>
  </div>
</article>`,
  );
}

/** The basket. */
export function basketPage(visit: Visit): string {
  const { language, basket } = visit;
  const t = shopTexts[language];
  const { lines, total } = linesOf(basket, language);
  const extras = lines.slice(basket.length);
  const empty = html`<p class="empty">${t.basketEmpty}</p><p><a class="button" href="/">${t.backToShop}</a></p>`;
  const rows = basket.map(({ id, quantity }, index) => {
    const { picture, shape } = productOf(id);
    const line = lines[index];
    return html`<li>
      <a class="frame small ${shape}" href="/goods/${id}"><img src="/pictures/${picture}" alt=""></a>
      <div class="line-name"><a href="/goods/${id}">${line?.description}</a></div>
      <form method="post" action="/basket" class="pieces"><input type="hidden" name="id" value="${id}">
        <label>${t.quantity} <input type="number" name="quantity" min="0" max="${MOST_PIECES}" value="${quantity}"></label>
        <button class="quiet">${t.update}</button></form>
      <form method="post" action="/basket"><input type="hidden" name="id" value="${id}"><button class="quiet" name="quantity" value="0" aria-label="${t.remove}: ${line?.description}">${t.remove}</button></form>
      <span class="amount">${line && formatPrice(amountOf(line), language)}</span></li>`;
  });
  return frame(
    visit,
    t.basket,
    html`<h1>${t.basket}</h1>
${
  basket.length === 0
    ? empty
    : html`<ul class="basket">${rows}</ul>
<table class="sum">${extras.map((line) => html`<tr><th scope="row">${line.description}</th><td>${formatPrice(amountOf(line), language)}</td></tr>`)}
<tr class="total"><th scope="row">${t.total}</th><td>${formatPrice(total, language)}</td></tr></table>
<p class="note">${t.freePostage(formatPrice(FREE_POSTAGE_FROM, language))}</p>
<p class="actions end"><a class="quiet" href="/">${t.backToShop}</a> <a class="button" href="/checkout">${t.checkout}</a></p>`
}`,
  );
}

function amountOf(line: ReturnType<typeof linesOf>["lines"][number]): bigint {
  return BigInt(line.price) * BigInt(line.quantity ?? 1);
}

/** For people without the wallet, and for those who want to know. */
export function howPage(visit: Visit, startUrl: string): string {
  const t = shopTexts[visit.language];
  return frame(
    visit,
    t.howTitle,
    html`<article class="prose"><h1>${t.howTitle}</h1>
<ol class="steps">${t.how.map(
      ([title, text], index) =>
        html`<li><h2>${title}</h2><p>${text}</p>${index === 0 && html`<p><a class="button" href="${startUrl}">${t.how[0]?.[0]}</a></p>`}</li>`,
    )}</ol>
<div class="two"><section><h2>${t.howNameTitle}</h2><p>${t.howName}</p></section><section><h2>${t.howOpenTitle}</h2><p>${t.howOpen}</p></section></div>
<p class="note">${t.howFoot}</p></article>`,
  );
}

/** One sentence: not found, or broken. */
export function messagePage(visit: Visit, sentence: "notFound" | "broken"): string {
  const t = shopTexts[visit.language];
  return frame(
    visit,
    t[sentence],
    html`<h1>${t[sentence]}</h1><p><a class="button" href="/">${t.backToShop}</a></p>`,
  );
}
