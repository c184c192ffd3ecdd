/** The frame of every page of the back office. */
import { type Html, html } from "../html.ts";
import type { Answer, Section } from "./answer.ts";
import type { Visit } from "./visit.ts";

/** Where each section begins, in the order of the menu. */
const SECTIONS: readonly (readonly [Section, string])[] = [
  ["overview", ""],
  ["sales", "sales"],
  ["quotes", "quotes"],
  ["refunds", "refunds"],
  ["settlement", "settlement"],
  ["reconciliation", "reconciliation"],
];

/** A whole page. */
export function officePage(
  visit: Visit,
  { title, section, main }: Extract<Answer, { kind: "page" }>,
): string {
  const { words, facts, deps } = visit;
  const notice = noticeOf(visit);
  return html`<!doctype html>
<html lang="${facts.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} – ${deps.shop.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${visit.link("office.css")}">
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header class="top">
<p class="shop">${deps.shop.name} <span>${words.backOffice}</span></p>
<nav aria-label="${words.pages}"><ul>${SECTIONS.map(
    ([name, path]) =>
      html`<li><a href="${visit.link(path)}"${name === section ? html` aria-current="page"` : null}>${words.sections[name]}</a></li>`,
  )}</ul></nav>
<p class="who">${words.signedInAs(facts.who)}</p>
</header>
<main id="main" tabindex="-1">
${notice === null ? null : html`<p class="notice" role="status">${notice}</p>`}
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`.text;
}

/** What a form ended with, told once by the address of the page that follows. */
function noticeOf({ words, facts }: Visit): string | null {
  const name = facts.query.get("notice") ?? "";
  return Object.hasOwn(words.notices, name)
    ? words.notices[name as keyof typeof words.notices]
    : null;
}

/** A page about a failure. */
export function problemPage(visit: Visit, problem: string): string {
  const { words } = visit;
  const main = html`<p class="problem" role="alert">${problem}</p><p><a href="${visit.link("")}">${words.back}</a></p>`;
  return officePage(visit, {
    kind: "page",
    title: words.problemTitle,
    section: "overview",
    main,
  });
}

/** One column of a {@link table}: its heading, and whether it gives way where the screen is narrow. */
export interface Column {
  readonly head: string;
  readonly kind?: "amount" | "wide";
}

/** A table that scrolls by itself where it is wider than the screen, also by keyboard. */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (Html | string | null)[])[],
): Html {
  const classOf = (index: number) => columns[index]?.kind ?? "";
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${columns.map(({ head, kind = "" }) => html`<th scope="col" class="${kind}">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, index) => html`<td class="${classOf(index)}">${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

/** Links below a list: older rows, the list as a file. */
export function listFoot(
  visit: Visit,
  { older, csv, isFirst = true }: { older?: string | null; csv?: string; isFirst?: boolean },
): Html {
  const { words } = visit;
  return html`<p class="foot">${
    older ? html`<a rel="next" href="${older}">${words.older} →</a>` : null
  }${isFirst ? null : html`<a href="?">${words.newest}</a>`}${
    csv === undefined ? null : html`<a class="csv" href="${csv}">${words.csv}</a>`
  }</p>`;
}
