/** When the content script tells the wallet of a page's pointer: only for a page that somebody looks at. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { connectPage } from "../src/content/page.ts";

const QUOTE = "https://shop.example/chit/quotes/1";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A page with a pointer in its head, as far as the content script looks at it. */
function openPage(
  state: { visibilityState: string; prerendering?: boolean },
  rel: "payment-quote" | "payer-quote" = "payment-quote",
) {
  const mutations: (() => void)[] = [];
  vi.stubGlobal(
    "MutationObserver",
    class {
      constructor(look: () => void) {
        mutations.push(look);
      }
      observe(): void {}
    },
  );
  const link = { rel, href: QUOTE };
  const document = Object.assign(new EventTarget(), state, { head: { querySelector: () => link } });
  const reload = vi.fn();
  const location = { href: "https://shop.example/cart", reload };
  const page = Object.assign(new EventTarget(), { document, location });
  const sendMessage = vi.fn(async () => null);
  const respond = vi.fn();
  let receive: (message: unknown) => void = () => {};
  const addListener = (
    listener: (message: unknown, sender: unknown, respond: (answer: true) => void) => undefined,
  ) => {
    receive = (message) => listener(message, {}, respond);
  };
  connectPage(page as unknown as Window, { sendMessage, onMessage: { addListener } });
  const mutate = () => mutations.forEach((look) => void look());
  const said = { sendMessage, respond, reload };
  return { document, link, ...said, mutate, receive: (message: unknown) => receive(message) };
}

const told = { type: "page-pointer", relation: "payment-quote", url: QUOTE };

describe("a page's pointer", () => {
  test("is told once for a page that is looked at, however often the page changes", () => {
    const { sendMessage, mutate } = openPage({ visibilityState: "visible" });
    mutate();
    mutate();
    expect(sendMessage.mock.calls).toEqual([[told]]);
  });

  test("of a shared link says so, and no more than the URL and what it points at", () => {
    const { sendMessage } = openPage({ visibilityState: "visible" }, "payer-quote");
    expect(sendMessage.mock.calls).toEqual([[{ ...told, relation: "payer-quote" }]]);
  });

  test("is not told from a tab in the background until somebody looks at it", () => {
    const { document, sendMessage, mutate } = openPage({ visibilityState: "hidden" });
    mutate();
    expect(sendMessage).not.toHaveBeenCalled();
    document.visibilityState = "visible";
    document.dispatchEvent(new Event("visibilitychange"));
    expect(sendMessage.mock.calls).toEqual([[told]]);
  });

  test("is not told from a page that is only prerendered until it is visited", () => {
    const page = openPage({ visibilityState: "visible", prerendering: true });
    expect(page.sendMessage).not.toHaveBeenCalled();
    page.document.prerendering = false;
    page.document.dispatchEvent(new Event("prerenderingchange"));
    expect(page.sendMessage.mock.calls).toEqual([[told]]);
  });

  test("is told anew when a single-page navigation brings another", () => {
    const { link, sendMessage, mutate } = openPage({ visibilityState: "visible" });
    link.href = "https://shop.example/chit/quotes/2";
    mutate();
    expect(sendMessage.mock.calls).toEqual([[told], [{ ...told, url: link.href }]]);
  });

  test("to another site's quote is not told, and no state or goods of that quote come to the page", () => {
    const { document, link, sendMessage, mutate, receive } = openPage({
      visibilityState: "visible",
    });
    const heard = vi.fn();
    document.addEventListener("chit-goods", heard);
    const quoteUrl = "https://other.example/chit/quotes/2";
    link.href = quoteUrl;
    mutate();
    expect(sendMessage.mock.calls).toEqual([[told]]);
    const goods = { transactionNumber: "2", name: "A", mediaType: "text/plain", base64: "" };
    receive({ type: "page-goods", quoteUrl, ...goods });
    expect(heard).not.toHaveBeenCalled();
    receive({ type: "page-goods", quoteUrl: QUOTE, ...goods });
    expect(heard).toHaveBeenCalledOnce();
  });

  test("is made anew when the wallet asks for a fresh offer, by the page that still has it alone", () => {
    const { receive, reload, respond } = openPage({ visibilityState: "visible" });
    receive({ type: "page-reload", quoteUrl: "https://shop.example/chit/quotes/2" });
    expect(reload).not.toHaveBeenCalled();
    expect(respond).not.toHaveBeenCalled();
    receive({ type: "page-reload", quoteUrl: QUOTE });
    expect(respond).toHaveBeenCalledExactlyOnceWith(true);
    expect(reload).toHaveBeenCalledOnce();
  });
});
