/** Shoppers who go on, go back and stay on one page: an offer is noticed however its page came to be seen. */
import type { Page } from "@playwright/test";
import { openBrowser } from "./support/browser.ts";
import { order, payButton } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";
import { expect, setUpWallet, test } from "./support/test.ts";

/** The head of a page that offers `name`. */
async function headFor(shop: Shop, name: string): Promise<string> {
  const offer = { name, price: "1.00", goods: [{ content: name }] };
  return shop.merchant.quoteHead(await shop.merchant.issueQuote("single-page", offer, shop.origin));
}

/** What a single-page framework does on a click: another address, another head, no load. */
async function navigateTo(page: Page, path: string, head: string): Promise<void> {
  await page.evaluate(
    ([address, html]) => {
      history.pushState(null, "", address);
      for (const link of document.head.querySelectorAll("link")) link.remove();
      document.head.insertAdjacentHTML("beforeend", html);
    },
    [path, head] as const,
  );
}

test("a single-page shop: each offer that comes into its head is noticed, without a load", async ({
  wallet,
  shop,
}) => {
  shop.publish("/app", "<head><title>Shop</title></head><body><h1>Shop</h1></body>");
  const page = await wallet.context.newPage();
  await page.goto(`${shop.origin}/app`);
  for (const name of ["A card", "A stamp"]) {
    const opened = wallet.nextWindow();
    await navigateTo(page, `/app/${name.length}`, await headFor(shop, name));
    const window = await opened;
    await expect(payButton(window)).toBeVisible();
    await expect(window.getByText(name, { exact: true }).first()).toBeVisible();
  }
  expect(shop.line.to("/app")).toHaveLength(1);
  expect(shop.line.to("/chit/quotes/")).toHaveLength(2);
  expect(wallet.windows()).toHaveLength(2);
});

test("back to an offer that was left, out of the back/forward cache: its window opens again", async ({
  shop,
  shopper,
}) => {
  const browser = await openBrowser({ backForwardCache: true });
  try {
    await setUpWallet(browser, shopper);
    await shop.publishQuote("/kept", { name: "A card", price: "1.00", goods: [{ content: "x" }] });
    const { page, window } = await order(browser, shop, "/kept");
    await expect(payButton(window)).toBeVisible();
    await window.close();
    await page.evaluate(() =>
      addEventListener("pageshow", ({ persisted }) => {
        document.title = persisted ? "from the cache" : "loaded";
      }),
    );
    await page.goto(`${shop.origin}/`);
    const reopened = browser.nextWindow();
    await page.evaluate(() => history.back());
    await expect(payButton(await reopened)).toBeVisible();
    await expect(page).toHaveTitle("from the cache");
    expect(shop.line.to("/kept")).toHaveLength(1);
    expect(shop.line.to("/chit/quotes/")).toHaveLength(1);
  } finally {
    await browser.close();
  }
});
