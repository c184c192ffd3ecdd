/** A purchase as a curious shop sees it: everything that left the wallet towards it, with what the shop can open. */
import { fromBase64url, openSessionInitiation } from "@chit/protocol";
import { nodeOpeningKey } from "@chit/protocol/node";
import { expect, type Page } from "@playwright/test";
import { type Destination, writeAddress } from "./address.ts";
import type { WalletBrowser } from "./browser.ts";
import { crypto } from "./forgery.ts";
import type { Exchange } from "./line.ts";
import type { Sent } from "./linkage.ts";
import { order, pay, thanks } from "./purchase.ts";
import type { Shop } from "./shop.ts";
import type { ReadyWallet } from "./test.ts";

/** What one purchase sent to the shop. */
export interface Trace {
  readonly sent: readonly Sent[];
  /** The wallet's own requests, and those of the page that it was opened from. */
  readonly walletRequests: readonly Exchange[];
  readonly pageRequests: readonly Exchange[];
}

/** Buys what is for sale at `path`, and closes what was opened. */
export async function tracePurchase(
  wallet: ReadyWallet,
  shop: Shop,
  path: string,
  sendTo?: Destination,
): Promise<Trace> {
  const first = shop.line.exchanges.length;
  const { page, window } = await order(wallet, shop, path);
  if (sendTo !== undefined) {
    const another = window.getByRole("radio", { name: "Another address" });
    const form = window.getByRole("textbox", { name: "Full name" });
    await another.or(form).first().waitFor();
    if (await another.isVisible()) await another.check();
    await writeAddress(window, sendTo);
  }
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  const told = await eventsOf(page);
  await window.close();
  await page.close();

  const exchanges = shop.line.exchanges.slice(first);
  const walletRequests = exchanges.filter((one) => !isOfPage(one));
  const opened = await Promise.all(walletRequests.map((one) => sentBy(shop, one)));
  return {
    sent: [...opened, { step: "page", parts: { events: told } }],
    walletRequests,
    pageRequests: exchanges.filter(isOfPage),
  };
}

/** Notes in every page what the wallet tells it. Before the first page is opened. */
export async function listenInPages({ context }: WalletBrowser): Promise<void> {
  await context.addInitScript(() => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    for (const type of ["chit-purchase", "chit-goods"]) {
      document.addEventListener(type, (event) => told.push([type, (event as CustomEvent).detail]));
    }
  });
}

const eventsOf = (page: Page): Promise<unknown> =>
  page.evaluate(() => (globalThis as { told?: unknown }).told);

/** What the browser fetches for the page itself: documents, styles, scripts, images. All else is the wallet's. */
function isOfPage({ headers }: Exchange): boolean {
  return ["document", "style", "script", "image"].includes(String(headers["sec-fetch-dest"]));
}

async function sentBy(shop: Shop, exchange: Exchange): Promise<Sent> {
  const { method, path, headers, rawHeaders, body } = exchange;
  const step = `${method} ${path.replace(/^(\/chit\/quotes)\/.*/, "$1")}`;
  const parts = {
    path: path.split(/[/?&=]/),
    headers,
    order: rawHeaders.filter((_, index) => index % 2 === 0).join(),
    body,
  };
  if (path !== "/chit/session") return { step, parts };
  const key = await nodeOpeningKey(crypto, fromBase64url(shop.sealingKey));
  return { step, parts: { ...parts, opened: await openSessionInitiation(crypto, key, body) } };
}
