/** Whole purchases, of every kind of goods: what the shopper sees, what the ledger and the shop have afterwards. */
import { createHash } from "node:crypto";
import { writeAddress } from "./support/address.ts";
import { gate } from "./support/gate.ts";
import { order, pay, payButton, pinField, savedBytes, thanks } from "./support/purchase.ts";
import { BOOK_SHA256 } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";

/** The sequence of protocol endpoints of one sale of digital goods. */
const SALE = ["/chit/quotes", "/chit/session", "/chit/proof", "/chit/goods"];

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("digital goods: the window opens by itself, Pay by keyboard, and the shop's very file is saved", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await expect(window.getByRole("heading", { name: "Paper & Ink" })).toBeVisible();
  await expect(window.getByText(`shop.localhost:${shop.line.port}`)).toBeVisible();
  await expect(window.getByText("Name checked by Chit Test Bank")).toBeVisible();
  await expect(window.getByRole("row", { name: /A Short History of the Chit/ })).toContainText(
    "€4.90",
  );
  await expect(window.getByText("Total")).toBeVisible();
  await expect(window.locator("dl")).toContainText("After this€20.10");
  await expect(pinField(window)).toBeFocused();
  await expect(payButton(window)).toHaveText("Pay €4.90");

  await window.keyboard.type(wallet.pin);
  await window.keyboard.press("Enter");
  await expect(thanks(window)).toBeVisible();
  await expect(window).toHaveTitle(/^Paid Paper & Ink/);
  expect(sha256(await savedBytes(window))).toBe(BOOK_SHA256);
  expect(await shopper.ledger()).toMatchObject({
    balance: 201_000n,
    devices: [{ count: 1, wrongPins: 0 }],
    movements: [{ kind: "payment", amount: -49_000n, text: "Paper & Ink" }, { kind: "funding" }],
  });

  const home = await wallet.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  expect(sha256(await savedBytes(home))).toBe(BOOK_SHA256);
});

test("the steps are shown as they happen", async ({ wallet, shop, service }) => {
  const [tpsAnswers, shopAdvises] = [gate(), gate()];
  service.line.interfere(async (exchange, pass) => {
    const reply = await pass();
    if (exchange.path === "/v1/payments") await tpsAnswers.opened;
    return reply;
  });
  shop.line.interfere(async (exchange, pass) => {
    const reply = await pass();
    if (exchange.path === "/chit/proof") await shopAdvises.opened;
    return reply;
  });
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  const step = (text: string) => window.getByRole("listitem").filter({ hasText: text });
  await expect(step("Shop confirmed")).toContainText("(done)");
  await expect(step("Paying …")).toContainText("(under way)");
  tpsAnswers.open();
  await expect(step("Paid")).toContainText("(done)");
  await expect(step("Getting your goods …")).toContainText("(under way)");
  shopAdvises.open();
  await expect(thanks(window)).toBeVisible();
});

test("one round trip: one request to the TPS, three to the shop, no preflight, no cookie, no referrer", async ({
  wallet,
  shop,
  service,
}) => {
  const visit = await wallet.context.newPage();
  await visit.goto(shop.origin);
  expect(await wallet.context.cookies(shop.origin)).toHaveLength(1);
  await service.line.reset();
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();

  expect(service.line.exchanges.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /v1/payments",
  ]);
  const endpoints = shop.line.to("/chit/").filter(({ path }) => !path.startsWith("/chit/page."));
  const short = endpoints.map(({ path }) => path.replace(/^(\/chit\/quotes)\/.*/, "$1"));
  expect(short).toEqual(SALE);
  for (const { headers, method } of [...endpoints, ...service.line.exchanges]) {
    expect(method).not.toBe("OPTIONS");
    expect(headers).not.toHaveProperty("cookie");
    expect(headers).not.toHaveProperty("referer");
    expect(headers).not.toHaveProperty("content-type");
    expect(headers).not.toHaveProperty("authorization");
  }
});

test("an article appears in the page that sold it, and the page stays", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { page, window } = await order(wallet, shop, "/article");
  const { url, loads } = { url: page.url(), loads: shop.line.to("/article").length };
  await expect(page.locator("#paid-text")).toHaveCount(0);
  await pay(window, wallet.pin);
  await expect(page.locator("#paid-text")).toHaveText("Small things add up.");
  await expect(window.getByText("Shown on the shop’s page")).toBeVisible();
  expect(page.url()).toBe(url);
  expect(shop.line.to("/article")).toHaveLength(loads);
  expect((await shopper.ledger()).balance).toBe(249_500n);
});

test("physical goods: the address goes to the shop alone, and is offered the next time", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const first = await order(wallet, shop, "/mug");
  await writeAddress(first.window);
  await pay(first.window, wallet.pin);
  await expect(first.window.getByRole("heading", { name: "It’s on its way" })).toBeVisible();
  await expect(first.window.getByText("Leaves tomorrow.")).toBeVisible();
  await expect(first.window.getByText("Post", { exact: true })).toBeVisible();
  await expect(first.window.getByText("1 Quill Lane")).toBeVisible();
  const [sale] = await shop.merchant.sales({});
  expect(sale?.address).toMatchObject({
    name: "Ada Byron",
    lines: ["1 Quill Lane"],
    country: "GB",
  });
  const rows = await service.tps.deps.database.query<{ row: string }>(
    "select p::text as row from payments p",
  );
  for (const { row } of rows) expect(row).not.toContain("Quill");
  for (const { body } of [...service.line.exchanges, ...shop.line.exchanges]) {
    expect(body.includes("Quill")).toBe(false);
  }

  const second = await order(wallet, shop, "/mug");
  await expect(second.window.getByRole("radio", { name: /Ada Byron/ })).toBeChecked();
  await expect(pinField(second.window)).toBeFocused();
  await pay(second.window, wallet.pin);
  await expect(thanks(second.window)).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({ balance: 10_000n, devices: [{ count: 2 }] });
});

test("a cart shows every line, discount and shipping, and their sum", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/cart");
  const row = (name: RegExp) => window.getByRole("row", { name });
  await expect(row(/Notebook/)).toContainText("2 ×");
  await expect(row(/Notebook/)).toContainText("€7.00");
  await expect(row(/Ink/)).toContainText("€6.25");
  await expect(row(/Welcome discount/)).toContainText("-€2.00");
  await expect(row(/Shipping/)).toContainText("€4.10");
  await expect(payButton(window)).toHaveText("Pay €15.35");
  await writeAddress(window);
  await pay(window, wallet.pin);
  await expect(window.getByText("In two parcels.")).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(96_500n);
});

test("the twentieth of a cent can be paid", async ({ wallet, shop, shopper }) => {
  const { window } = await order(wallet, shop, "/note");
  await expect(payButton(window)).toHaveText("Pay €0.0005");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(249_995n);
});
