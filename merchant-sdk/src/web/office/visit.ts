/** One request to the back office, with everything that a page needs to be written. */
import type { ClearingDeps } from "../../mts/clearing/clearing-deps.ts";
import type { ClearingDesk } from "../../mts/clearing/desk.ts";
import { formatAmount, formatTime } from "../format.ts";
import { type Html, html } from "../html.ts";
import type { Language } from "../words.ts";
import { german } from "./words-de.ts";
import { english, type OfficeWords } from "./words-en.ts";

const WORDS: Readonly<Record<Language, OfficeWords>> = { en: english, de: german };

/** What the back office works on. */
export interface OfficeDeps {
  readonly mts: ClearingDeps;
  readonly desk: ClearingDesk;
  /** From the certificate. */
  readonly shop: { readonly name: string; readonly currency: string; readonly scale: number };
}

/** A request, read. */
export interface VisitFacts {
  readonly language: Language;
  readonly timeZone: string;
  /** Whoever signed in, as the merchant's own authentication names them. */
  readonly who: string;
  /** Below the back office's root, without the leading slash: `sales/abc`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Belongs into every form. */
  readonly token: string;
}

/** A request, with the means to answer it in the reader's language. */
export class Visit {
  readonly deps: OfficeDeps;
  readonly facts: VisitFacts;
  readonly words: OfficeWords;

  constructor(deps: OfficeDeps, facts: VisitFacts) {
    this.deps = deps;
    this.facts = facts;
    this.words = WORDS[facts.language];
  }

  /** A link to another page, relative: it holds behind any proxy. */
  link(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
    const up = "../".repeat(this.facts.path.split("/").length - 1);
    const given = Object.entries(query).filter((pair): pair is [string, string] =>
      Boolean(pair[1]),
    );
    const search = new URLSearchParams(given).toString();
    const target = `${up}${path}` || "./";
    return search === "" ? target : `${target}?${search}`;
  }

  readonly money = (amount: bigint): string =>
    formatAmount(this.facts.language, amount, this.deps.shop);

  /** A decimal number as people of the language type it. */
  decimal(text: string): string {
    return this.facts.language === "de" ? text.replace(".", ",") : text;
  }

  /** With a `datetime` for machines. */
  time(seconds: number): Html {
    const { language, timeZone } = this.facts;
    const iso = new Date(seconds * 1_000).toISOString();
    return html`<time datetime="${iso}">${formatTime(language, seconds, timeZone)}</time>`;
  }

  count(number: number): string {
    return new Intl.NumberFormat(this.facts.language).format(number);
  }

  /** A form that posts, protected against other sites. */
  form(path: string, inside: Html, className = ""): Html {
    const { token } = this.facts;
    return html`<form method="post" action="${this.link(path)}" class="${className}"><input type="hidden" name="token" value="${token}">${inside}</form>`;
  }

  /** A transaction number that leads to its sale. */
  sale(transactionNumber: string): Html {
    return html`<a class="number" href="${this.link(`sales/${transactionNumber}`)}">${transactionNumber}</a>`;
  }
}
