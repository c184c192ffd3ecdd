/** The page that the demonstration opens with: three steps, and what is needed for each. */

import { readFileSync } from "node:fs";
import type { OpenedAccount } from "@chit/tps-server";
import express, { type Express } from "express";
import { html } from "./html.ts";
import { type Language, languageOf } from "./language.ts";

/** What the page shows. */
export interface StartPageDeps {
  readonly account: OpenedAccount;
  readonly telephone: string;
  readonly issuer: string;
  readonly shopUrl: string;
  readonly officeUrl: string;
  readonly handsetUrl: string;
}

const english = {
  title: "A purchase in three steps",
  lead: "Everything runs on this computer: a payment server, a telephone service, a telephone and a shop. You are a new customer with 25.00 euros in an account.",
  activate: "Activate your wallet",
  activateText:
    "The operator sent you this link. The wallet in this browser makes a key of its own and tells it to the operator. It cannot pay yet: it has no PIN.",
  activateButton: "Open the activation link",
  telephone: "Telephone for your PIN",
  telephoneText:
    "The PIN comes by another road than the one that pays. Call, key in what the letter says, compare the check number, and remember the six digits.",
  telephoneButton: "Open the telephone",
  telephoneId: "Telephone id",
  passcode: "Passcode",
  shop: "Go shopping",
  shopText:
    "An e-book, a picture, a piece of music, an article for five cents, a mug. When a page has a price, the wallet opens its own window: type your PIN there.",
  shopButton: "Open the shop",
  officeText: "Afterwards, from the other side of the counter:",
  officeButton: "the shop's back office",
  serverLine: "Payment server",
  number: "Telephone number",
};

const german: typeof english = {
  title: "Ein Kauf in drei Schritten",
  lead: "Alles läuft auf diesem Rechner: ein Zahlungsserver, ein Telefondienst, ein Telefon und ein Laden. Sie sind neu und haben 25,00 Euro auf einem Konto.",
  activate: "Geldbörse aktivieren",
  activateText:
    "Diesen Link hat Ihnen der Anbieter geschickt. Die Geldbörse in diesem Browser macht sich einen eigenen Schlüssel und nennt ihn dem Anbieter. Zahlen kann sie noch nicht: Ihr fehlt die PIN.",
  activateButton: "Aktivierungslink öffnen",
  telephone: "Telefonieren für die PIN",
  telephoneText:
    "Die PIN kommt auf einem anderen Weg als dem, der bezahlt. Rufen Sie an, tippen Sie ein, was im Brief steht, vergleichen Sie die Prüfnummer und merken Sie sich die sechs Ziffern.",
  telephoneButton: "Telefon öffnen",
  telephoneId: "Telefonkennung",
  passcode: "Telefonkennwort",
  shop: "Einkaufen",
  shopText:
    "Ein E-Book, ein Bild, ein Musikstück, ein Artikel für fünf Cent, eine Tasse. Hat eine Seite einen Preis, öffnet die Geldbörse ihr eigenes Fenster: Dort geben Sie die PIN ein.",
  shopButton: "Laden öffnen",
  officeText: "Danach, von der anderen Seite des Ladentischs:",
  officeButton: "die Verwaltung des Ladens",
  serverLine: "Zahlungsserver",
  number: "Telefonnummer",
};

const texts: Readonly<Record<Language, typeof english>> = { en: english, de: german };

/** The page as an Express application. */
export function createStartPage(deps: StartPageDeps): Express {
  const style = readFileSync(new URL("start-page.css", import.meta.url), "utf8");
  const app = express();
  app.disable("x-powered-by");
  app.use((_request, response, next) => {
    response.set({
      "content-security-policy":
        "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    });
    next();
  });
  app.get("/", (request, response) => void response.send(page(deps, languageOf(request))));
  app.get("/start.css", (_request, response) => void response.type("css").send(style));
  return app;
}

function page({ account, telephone, ...urls }: StartPageDeps, language: Language): string {
  const t = texts[language];
  const four = (digits: string) => digits.replace(/(\d{4})(?=\d)/g, "$1 ");
  const button = (url: string, text: string) =>
    html`<a class="button" href="${url}" target="_blank" rel="noopener">${text}</a>`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chit · ${t.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/start.css">
</head>
<body>
<main>
<header><p class="brand">Chit</p><h1>${t.title}</h1><p>${t.lead}</p></header>
<ol>
<li><h2>${t.activate}</h2><p>${t.activateText}</p>${button(account.activationLink, t.activateButton)}</li>
<li><h2>${t.telephone}</h2><p>${t.telephoneText}</p>
<dl><div><dt>${t.telephoneId}</dt><dd>${four(account.telephoneId)}</dd></div><div><dt>${t.passcode}</dt><dd>${four(account.telephonePasscode)}</dd></div></dl>
${button(urls.handsetUrl, t.telephoneButton)}</li>
<li><h2>${t.shop}</h2><p>${t.shopText}</p>${button(urls.shopUrl, t.shopButton)}
<p>${t.officeText} <a href="${urls.officeUrl}" target="_blank" rel="noopener">${t.officeButton}</a>.</p></li>
</ol>
<footer>${t.serverLine} <code>${urls.issuer}</code> · ${t.number} ${telephone}</footer>
</main>
</body>
</html>
`.text;
}
