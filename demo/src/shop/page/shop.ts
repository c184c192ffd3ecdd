/**
 * The little that the shop does in the browser, served with its types stripped; everything works without it.
 * When the purchase of the basket is complete, the basket is emptied: the server could not, for it does not know
 * whose it was.
 */
document.addEventListener("chit-purchase", (event) => {
  if (location.pathname !== "/checkout" || !(event instanceof CustomEvent)) return;
  const { state, transactionNumber } = JSON.parse(String(event.detail));
  const quote = document.querySelector<HTMLLinkElement>('link[rel~="payment-quote"]')?.href;
  if (state !== "complete" || quote === undefined || !quote.endsWith(`/${transactionNumber}`))
    return;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
  document.cookie = "basket=; path=/; max-age=0; samesite=lax";
});

/** When the article is there, the wall before it is of no more use but to say "paid". */
document.addEventListener("chit-goods", () => {
  for (const wall of document.querySelectorAll<HTMLElement>(".paywall")) wall.classList.add("done");
});

export {};
