/**
 * The page that an activation link opens. It calls the wallet through its `<link>`, and tells everybody else
 * what to do. Nothing is loaded from elsewhere, and the code behind `#` never reaches this server.
 */
import { readFile } from "node:fs/promises";
import { ACTIVATION_PAGE_PATH, ACTIVATION_RELATION } from "@chit/protocol";
import type { Issuer } from "../issuer/read-issuer.ts";

const asset = (name: string) => readFile(new URL(`./assets/${name}`, import.meta.url));

/** Addresses of the page's style and script, and what they are. */
export const ACTIVATION_ASSETS = {
  [`${ACTIVATION_PAGE_PATH}/activate.css`]: {
    mediaType: "text/css; charset=utf-8",
    content: await asset("activate.css"),
  },
  [`${ACTIVATION_PAGE_PATH}/activate.js`]: {
    mediaType: "text/javascript; charset=utf-8",
    content: await asset("activate.js"),
  },
} as const;

/** Headers of the page: only its own style and script, no frame around it, no trace of its address elsewhere. */
export const ACTIVATION_PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  vary: "accept-language",
} as const;

const TEXTS = {
  en: {
    title: "Activate your wallet",
    intro: "This link connects the wallet in this browser with your account. It works once.",
    steps: [
      ["Install the Chit wallet", "It is an extension for your browser. Already there? Go on."],
      [
        "Open this link again",
        "The wallet notices it and asks whether to add the account. If it does not, copy the link below and paste it into the wallet.",
      ],
      [
        "Call for your PIN",
        "Dial {telephone} with your telephone id and passcode at hand. Without a PIN nobody can pay, not even you.",
      ],
    ],
    label: "Your activation link",
    copy: "Copy",
    done: "Copied. Keep it to yourself until it is used.",
    byHand: "The link is selected. Copy it with your keyboard.",
    missing:
      "The link is not complete: the part behind “#” is missing. Open it again as you got it.",
    noScript: "To copy the link, take it from the address bar.",
  },
  de: {
    title: "Geldbörse aktivieren",
    intro:
      "Dieser Link verbindet die Geldbörse in diesem Browser mit Ihrem Konto. Er gilt ein einziges Mal.",
    steps: [
      [
        "Chit-Geldbörse installieren",
        "Sie ist eine Erweiterung für Ihren Browser. Schon da? Dann weiter.",
      ],
      [
        "Diesen Link noch einmal öffnen",
        "Die Geldbörse bemerkt ihn und fragt, ob sie das Konto hinzufügen soll. Falls nicht, kopieren Sie den Link hier unten und fügen ihn in der Geldbörse ein.",
      ],
      [
        "PIN am Telefon abholen",
        "Wählen Sie {telephone} und halten Sie Telefonkennung und Telefonkennwort bereit. Ohne PIN kann niemand bezahlen, auch Sie nicht.",
      ],
    ],
    label: "Ihr Aktivierungslink",
    copy: "Kopieren",
    done: "Kopiert. Behalten Sie ihn für sich, bis er benutzt ist.",
    byHand: "Der Link ist markiert. Kopieren Sie ihn mit der Tastatur.",
    missing:
      "Der Link ist unvollständig: Der Teil hinter „#“ fehlt. Öffnen Sie ihn so, wie Sie ihn bekommen haben.",
    noScript: "Den Link zum Kopieren finden Sie in der Adresszeile.",
  },
} as const;

/** The page's HTML, in German where the browser prefers it to English. */
export function activationPage(issuer: Issuer, acceptLanguage: string | undefined): string {
  const language = preferredLanguage(acceptLanguage);
  const text = TEXTS[language];
  const telephone = `<span class="telephone">${escapeHtml(issuer.telephone)}</span>`;
  const steps = text.steps.map(
    ([heading, body]) =>
      `<li><strong>${heading}</strong> ${body.replace("{telephone}", telephone)}</li>`,
  );
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${text.title}</title>
<link rel="icon" href="data:,">
<link rel="${ACTIVATION_RELATION}" href="${ACTIVATION_PAGE_PATH}">
<link rel="stylesheet" href="${ACTIVATION_PAGE_PATH}/activate.css">
<script src="${ACTIVATION_PAGE_PATH}/activate.js" defer></script>
</head>
<body>
<main>
<p class="operator" dir="auto">${escapeHtml(issuer.operator)}</p>
<h1>${text.title}</h1>
<p>${text.intro}</p>
<ol>
${steps.join("\n")}
</ol>
<div id="present" hidden>
<label for="link">${text.label}</label>
<div class="row"><input id="link" readonly spellcheck="false"><button id="copy" type="button">${text.copy}</button></div>
<p class="note" id="copied" role="status" data-done="${text.done}" data-by-hand="${text.byHand}"></p>
</div>
<p class="note" id="missing" hidden>${text.missing}</p>
<noscript>${text.noScript}</noscript>
</main>
</body>
</html>
`;
}

/** RFC 9110 section 12.5.4, as far as two languages need it. */
export function preferredLanguage(header = ""): keyof typeof TEXTS {
  const quality = (language: string) => {
    const weights = header
      .toLowerCase()
      .split(",")
      .map((part) => part.trim().split(/\s*;\s*q=/))
      .filter(([range = ""]) => range === language || range.startsWith(`${language}-`))
      .map(([, q]) => (q === undefined ? 1 : Number.parseFloat(q) || 0));
    return Math.max(0, ...weights);
  };
  return quality("de") > quality("en") ? "de" : "en";
}

/** Text as it stands in HTML and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
