/** The handset's page as HTML; `page/handset.ts` brings it to life in the browser. */
import { type Html, html, jsonHtml } from "../html.ts";
import type { Language } from "../language.ts";
import type { Letter } from "./driver.ts";
import { handsetTexts } from "./texts.ts";

/** The whole letter. */
export interface PrintedLetter extends Letter {
  /** The service's number as printed on it. */
  readonly telephone: string;
}

const KEYS = [
  ["1", ""],
  ["2", "abc"],
  ["3", "def"],
  ["4", "ghi"],
  ["5", "jkl"],
  ["6", "mno"],
  ["7", "pqrs"],
  ["8", "tuv"],
  ["9", "wxyz"],
  ["*", ""],
  ["0", "+"],
  ["#", ""],
] as const;

/** The page. `letter` is null where the handset is used without one. */
export function handsetPage(language: Language, letter: PrintedLetter | null): Html {
  const t = handsetTexts[language];
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${t.title} · Chit</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/handset.css">
<script type="application/json" id="texts">${jsonHtml(t)}</script>
<script type="module" src="/handset.js"></script>
</head>
<body>
<main>
  <section class="phone" aria-label="${t.title}">
    <div class="earpiece" aria-hidden="true"></div>
    <div class="display">
      <p class="service">${t.service}${letter && html`<span>${letter.telephone}</span>`}</p>
      <p class="keyed" id="keyed" aria-hidden="true"></p>
      <p class="status" id="status" role="status">${t.ready}</p>
      <p class="clock" id="clock" aria-hidden="true"></p>
    </div>
    <div class="keypad" role="group" aria-label="${t.keypad}">
      ${KEYS.map(
        ([key, letters]) =>
          html`<button type="button" class="key" data-key="${key}" aria-label="${
            key === "*" ? t.star : key === "#" ? t.hash : key
          }"><b>${key}</b><small>${letters}</small></button>`,
      )}
    </div>
    <div class="line">
      <button type="button" id="mute" class="round" aria-pressed="false" aria-label="${t.mute}">${speaker}</button>
      <button type="button" id="call" class="round call" aria-label="${t.call}">${receiver}</button>
      <button type="button" id="hang-up" class="round hang-up" aria-label="${t.hangUp}" disabled>${receiver}</button>
    </div>
  </section>
  <div class="side">
    ${letter && letterCard(t, letter)}
    <section class="captions" aria-labelledby="captions-title">
      <h2 id="captions-title">${t.captions}</h2>
      <div id="captions" role="log" aria-live="polite" tabindex="0"><p class="empty">${t.captionsEmpty}</p></div>
    </section>
    <p class="fine">${t.intro} ${t.shortcuts}</p>
  </div>
</main>
</body>
</html>`;
}

function letterCard(t: (typeof handsetTexts)["en"], letter: PrintedLetter): Html {
  const row = (name: string, digits: string) => html`<div>
        <dt>${name}</dt><dd>${digits.replace(/(\d{4})(?=\d)/g, "$1 ")}</dd>
        <dd><button type="button" class="key-in" data-digits="${digits}" aria-label="${t.keyIn}: ${name}">${t.keyIn}</button></dd>
      </div>`;
  return html`<section class="letter" aria-labelledby="letter-title">
      <h2 id="letter-title">${t.letterTitle}</h2>
      <p>${t.letterText}</p>
      <dl>${row(t.telephoneId, letter.telephoneId)}${row(t.passcode, letter.passcode)}</dl>
    </section>`;
}

const receiver = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1 11.4 11.4 0 0 0 .57 3.6 1 1 0 0 1-.25 1z"/></svg>`;
const speaker = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9v6h4l5 4V5L8 9z"/><path class="waves" d="M16 8.5a5 5 0 0 1 0 7M18.5 6a8.5 8.5 0 0 1 0 12" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/></svg>`;
