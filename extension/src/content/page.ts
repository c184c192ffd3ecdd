/** The content script's work, with the page and the extension's messages passed in. */
import type { PageMessage, PagePointer } from "../messages.ts";

/** What the content script needs of `browser.runtime`. */
export interface PageRuntime {
  sendMessage(message: PagePointer): Promise<unknown>;
  readonly onMessage: {
    addListener(
      listener: (message: unknown, sender: unknown, respond: (answer: true) => void) => undefined,
    ): void;
  };
}

const RELATIONS = ["payment-quote", "payer-quote", "chit-activation"] as const;
const SELECTOR = RELATIONS.map((relation) => `link[rel="${relation}"]`).join(",");

/** Watches `page` for a pointer and passes the wallet's messages on to it. Runs in the top frame alone. */
export function connectPage(page: Window, runtime: PageRuntime): void {
  const { document } = page;
  let told = "";

  /** Tells the wallet of the page's pointer, once for each visit to it. */
  function look(): void {
    // A page that is being prerendered or lies in the background is not visited yet.
    if (document.visibilityState !== "visible" || isPrerendering(document)) return;
    const pointer = findPointer(document, page.location.href);
    if (pointer === null || pointer.url === told) return;
    told = pointer.url;
    // The wallet may have been updated or removed since the page was loaded: nothing to do then.
    runtime.sendMessage(pointer).catch(() => undefined);
  }

  look();
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look);
  page.addEventListener("popstate", look);
  page.addEventListener("hashchange", look);
  // Back from the back/forward cache: a new visit.
  page.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    told = "";
    look();
  });
  // Single-page navigation: frameworks change the head's children.
  new MutationObserver(look).observe(document.head ?? document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["rel", "href"],
  });

  runtime.onMessage.addListener((received, _sender, respond) => {
    // Only the wallet can send here; the page itself cannot.
    const message = received as PageMessage;
    if (message.quoteUrl !== told) return undefined;
    if (message.type === "page-reload") {
      respond(true);
      page.location.reload();
    } else dispatch(document, message);
    return undefined;
  });
}

/** The page's pointer, or null. For an activation it is the page's own address, whose fragment is the link. */
function findPointer(document: Document, address: string): PagePointer | null {
  const link = document.head?.querySelector<HTMLLinkElement>(SELECTOR);
  const relation = RELATIONS.find((name) => link?.rel === name);
  if (link == null || relation === undefined) return null;
  const url = relation === "chit-activation" ? address : link.href;
  // Another site's quote is not this page's: neither is it told, nor do its state and goods come here.
  if (originOf(url) !== originOf(address)) return null;
  return { type: "page-pointer", relation, url };
}

const originOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : null);

function isPrerendering(document: Document): boolean {
  return "prerendering" in document && document.prerendering === true;
}

/** DOM events that cross into the page's world: `detail` is a JSON string, for objects do not cross everywhere. */
function dispatch(
  document: Document,
  message: Exclude<PageMessage, { type: "page-reload" }>,
): void {
  const { type, quoteUrl: _, ...detail } = message;
  const name = type === "page-goods" ? "chit-goods" : "chit-purchase";
  document.dispatchEvent(new CustomEvent(name, { detail: JSON.stringify(detail) }));
}
