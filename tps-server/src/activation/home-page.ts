/** The page at the issuer's origin, where shops send visitors who have no wallet yet. */
import { ACTIVATION_PAGE_PATH, toBase64url } from "@chit/protocol";
import type { KeyRing } from "../keys/key-ring.ts";
import { escapeHtml, preferredLanguage } from "./page.ts";

const TEXTS = {
  en: {
    title: "Pay with Chit",
    intro: "You pay in shops without a card number and without telling them who you are.",
    steps: [
      [
        "Open an account",
        "Ask {operator} for one. You get an activation link, a telephone id and a passcode.",
      ],
      ["Install the Chit wallet", "It is an extension for your browser."],
      [
        "Open your activation link",
        "The wallet notices it, and tells you to call {telephone} for your PIN.",
      ],
    ],
    after: "Then open the shop's page once more: the wallet shows what is to be paid.",
    rootKey: "Root key, by which notarized payments of {operator} are checked:",
  },
  de: {
    title: "Mit Chit bezahlen",
    intro: "Sie bezahlen in Läden ohne Kartennummer und ohne zu sagen, wer Sie sind.",
    steps: [
      [
        "Konto eröffnen",
        "Fragen Sie {operator} danach. Sie bekommen einen Aktivierungslink, eine Telefonkennung und ein Telefonkennwort.",
      ],
      ["Chit-Geldbörse installieren", "Sie ist eine Erweiterung für Ihren Browser."],
      [
        "Aktivierungslink öffnen",
        "Die Geldbörse bemerkt ihn und sagt Ihnen, dass Sie unter {telephone} Ihre PIN abholen.",
      ],
    ],
    after:
      "Öffnen Sie dann die Seite des Ladens noch einmal: Die Geldbörse zeigt, was zu bezahlen ist.",
    rootKey: "Wurzelschlüssel, mit dem man beglaubigte Zahlungen von {operator} prüft:",
  },
} as const;

/** The page's HTML, in German where the browser prefers it to English. */
export function homePage(
  { issuer, rootKey }: Pick<KeyRing, "issuer" | "rootKey">,
  acceptLanguage: string | undefined,
): string {
  const language = preferredLanguage(acceptLanguage);
  const text = TEXTS[language];
  const telephone = `<span class="telephone">${escapeHtml(issuer.telephone)}</span>`;
  const fill = (body: string) =>
    body
      .replace("{telephone}", () => telephone)
      .replace("{operator}", () => escapeHtml(issuer.operator));
  const steps = text.steps.map(
    ([heading, body]) => `<li><strong>${heading}</strong> ${fill(body)}</li>`,
  );
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${ACTIVATION_PAGE_PATH}/activate.css">
</head>
<body>
<main>
<p class="operator" dir="auto">${escapeHtml(issuer.operator)}</p>
<h1>${text.title}</h1>
<p>${text.intro}</p>
<ol>
${steps.join("\n")}
</ol>
<p>${text.after}</p>
<p class="root-key">${fill(text.rootKey)} <code>${toBase64url(rootKey)}</code></p>
</main>
</body>
</html>
`;
}
