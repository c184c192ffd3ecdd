/// <reference lib="dom" />
/**
 * The script of pages with a quote, served as `page.js`. The wallet tells the page by two DOM events what
 * happens: `chit-purchase` (a state) and `chit-goods` (an article that was paid for). The script shows the state in
 * `[data-chit-status]` and the article in `[data-chit-goods]`. The article is the shop's own content, decrypted by
 * the wallet, so it is trusted as the page is; still its script elements and handlers are left out.
 */

/** Runs in the page; everything it needs is inside of it. */
function pageScript(): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel~="payment-quote"]');
  const named = document.querySelector<HTMLElement>("[data-chit-transaction]");
  const transactionNumber = named?.dataset.chitTransaction ?? link?.href.split("/").pop();

  /** The detail of an event for this page's quote; undefined for any other. */
  function detailOf(event: Event): Record<string, string> | undefined {
    try {
      const detail: unknown = JSON.parse(String((event as CustomEvent<unknown>).detail));
      if (typeof detail !== "object" || detail === null) return undefined;
      const known = detail as Record<string, string>;
      return known.transactionNumber === transactionNumber ? known : undefined;
    } catch {
      return undefined;
    }
  }

  /** The wallet's states in the words that the page has for them. */
  function wordFor(state: string | undefined): string | undefined {
    switch (state) {
      case "payment-requested":
        return "waiting";
      case "paid":
      case "advised":
      case "goods-requested":
        return "paid";
      case "complete":
        return "complete";
      case "denied":
        return "denied";
      case "failed":
        return "failed";
      default:
        return undefined;
    }
  }

  function showState(state: string | undefined): void {
    const place = document.querySelector<HTMLElement>("[data-chit-status]");
    const word = wordFor(state);
    if (place === null || word === undefined) return;
    place.textContent = place.dataset[word] ?? "";
    place.dataset.state = word;
  }

  function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  }

  function showGoods(goods: Record<string, string>): void {
    const place = document.querySelector<HTMLElement>("[data-chit-goods]");
    if (place === null || goods.base64 === undefined) return;
    const bytes = bytesOf(goods.base64);
    const [mediaType = ""] = (goods.mediaType ?? "").split(";");
    const text = () => new TextDecoder().decode(bytes);
    if (mediaType === "text/html") {
      // Parsed without a browsing context: nothing of it runs before it is cleaned.
      const article = new DOMParser().parseFromString(text(), "text/html");
      for (const script of article.querySelectorAll("script")) script.remove();
      for (const element of article.body.querySelectorAll("*")) {
        for (const name of element.getAttributeNames()) {
          if (name.startsWith("on")) element.removeAttribute(name);
        }
      }
      place.replaceChildren(...article.body.childNodes);
    } else if (mediaType.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = `data:${mediaType};base64,${goods.base64}`;
      image.alt = goods.name ?? "";
      place.replaceChildren(image);
    } else {
      const plain = document.createElement("pre");
      plain.textContent = text();
      place.replaceChildren(plain);
    }
    place.hidden = false;
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("chit-purchase", (event) => showState(detailOf(event)?.state));
  document.addEventListener("chit-goods", (event) => {
    const goods = detailOf(event);
    if (goods === undefined) return;
    showState("complete");
    showGoods(goods);
  });
}

/** The script's text. */
export const PAGE_SCRIPT = `(${pageScript.toString()})();\n`;
