/** Pages that try to lead the wallet elsewhere, or to play it: it follows nobody (threats 18, 19). */
import { badPage, honestQuote, htmlPage, pointer } from "./support/forgery.ts";
import { expect, expectStillPays, test } from "./support/one-wallet.ts";
import { order, payButton } from "./support/purchase.ts";

test.describe.configure({ mode: "default" });
test.use({ trace: "off" });

test("threat 18: a pointer to another origin is not followed, though the shop there is genuine", async ({
  service,
  shop,
  shopWays,
  longWallet,
}) => {
  const quote = await honestQuote(shop);
  const elsewhere = `http://other.localhost:${shop.line.port}`;
  const quotePath = `/chit/quotes/${quote.transactionNumber}`;
  const asked = shop.line.to(quotePath).length;
  shopWays.set("/look-alike", async () => htmlPage(pointer(shop.origin + quotePath)));
  const page = await longWallet.context.newPage();
  await page.goto(`${elsewhere}/look-alike`);
  // The shop's own page, opened after it, is served first: nothing came of the other.
  const { window } = await order(longWallet, shop, "/book");
  await expect(payButton(window)).toBeVisible();
  expect(longWallet.windows()).toHaveLength(1);
  expect(shop.line.to(quotePath)).toHaveLength(asked);
  expect(service.line.to("/v1/payments")).toHaveLength(0);
});

test("threat 18: a quote that is genuine, shown from another origin, is refused as not the shop's own page", async ({
  shop,
  shopWays,
  longWallet,
}) => {
  const quote = JSON.stringify(await honestQuote(shop));
  const { path } = badPage(shop, shopWays, quote, (url) => pointer(new URL(url).pathname));
  const opened = longWallet.nextWindow();
  const page = await longWallet.context.newPage();
  await page.goto(`http://other.localhost:${shop.line.port}${path}`);
  const window = await opened;
  await expect(
    window.getByRole("heading", { name: "This is not the shop’s own page" }),
  ).toBeVisible();
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
});

test("a pointer in a frame, in the body, or of another relation opens nothing", async ({
  shop,
  shopWays,
  longWallet,
}) => {
  const quote = JSON.stringify(await honestQuote(shop));
  const framed = badPage(shop, shopWays, quote);
  shopWays.set("/frame", async () =>
    htmlPage(
      `<link rel="payment" href="${framed.quoteUrl}"><link rel="payment-quote" href="javascript:alert(1)">`,
      `<iframe src="${framed.path}"></iframe><p>${pointer(framed.quoteUrl)}</p>`,
    ),
  );
  const page = await longWallet.context.newPage();
  await page.goto(`${shop.origin}/frame`);
  await expect(page.frameLocator("iframe").getByRole("heading")).toBeVisible();
  const { window } = await order(longWallet, shop, "/book");
  await expect(payButton(window)).toBeVisible();
  expect(longWallet.windows()).toHaveLength(1);
  expect(shop.line.to(new URL(framed.quoteUrl).pathname)).toHaveLength(0);
});

test("threat 18: forged goods, progress and messages of a page change nothing in the wallet", async ({
  service,
  shop,
  longWallet,
  before,
}) => {
  const { page, window } = await order(longWallet, shop, "/book");
  await expect(payButton(window)).toBeVisible();
  const { transactionNumber } = (await honestQuote(shop)) as { transactionNumber: string };
  await page.evaluate((number) => {
    const state = { type: "purchase-state", transactionNumber: number, state: "paid" };
    const goods = { transactionNumber: number, name: "x", mediaType: "text/html", base64: "eA==" };
    document.dispatchEvent(new CustomEvent("chit-purchase", { detail: JSON.stringify(state) }));
    document.dispatchEvent(new CustomEvent("chit-goods", { detail: JSON.stringify(goods) }));
    document.dispatchEvent(new CustomEvent("chit-goods", { detail: "{" }));
    globalThis.postMessage({ type: "page-pointer", relation: "payment-quote", url: "/x" }, "*");
    globalThis.postMessage({ type: "wallet-request", name: "pay", input: {} }, "*");
  }, transactionNumber);
  await expect(payButton(window)).toBeVisible();
  expect(longWallet.windows()).toHaveLength(1);
  expect(service.line.to("/v1/payments")).toHaveLength(0);
  expect((await longWallet.shopper.ledger()).balance).toBe(before);
});

test("after all of these the wallet pays a good quote", async ({ shop, longWallet }) => {
  await expectStillPays(longWallet, shop);
});
