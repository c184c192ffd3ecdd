/** The frame of every page of the shop. */
import { type Html, html, rawHtml } from "../html.ts";
import type { Language } from "../language.ts";
import { shopTexts } from "./texts.ts";

/** What a page is made of. */
export interface PageParts {
  readonly language: Language;
  readonly title: string;
  /** Pieces in the basket. */
  readonly count: number;
  readonly main: Html;
  /** More for the head: the SDK's pointer to a quote. */
  readonly head?: string;
}

/** The whole page as text. */
export function page({ language, title, count, main, head = "" }: PageParts): string {
  const t = shopTexts[language];
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Paper & Ink</title>
<link rel="icon" href="/pictures/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/shop.css">
<script src="/shop.js" type="module"></script>
${rawHtml(head)}
</head>
<body>
<a class="skip" href="#main">${t.skip}</a>
<header class="top">
  <a class="brand" href="/">${nib}<span>Paper <i>&amp;</i> Ink</span></a>
  <nav>
    <a href="/how-to-pay">${t.howLink}</a>
    <a href="/basket" class="basket-link">${t.basket}<b id="basket-count" ${count === 0 && rawHtml("hidden")}>${count}</b></a>
  </nav>
</header>
<main id="main">
${main}
</main>
<footer><p>${t.footer}</p><p>${t.language}</p></footer>
</body>
</html>
`.text;
}

const nib = html`<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M16 5.500 23.500 17.500 19 27h-6L8.500 17.500z" fill="currentColor"/><path d="M16 7v9" stroke="#a8452a" stroke-width="1.8"/><circle cx="16" cy="18" r="2.1" fill="#a8452a"/></svg>`;
