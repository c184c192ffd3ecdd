/** Money back: asked for in the wallet or given by the shop, decided there, ordered in a batch, and seen on the account. */
import type { Page } from "@playwright/test";
import type { PaymentService } from "./support/payment-service.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";
import { expect, type ReadyWallet, test } from "./support/test.ts";

const PATIENT = { timeout: 30_000 };

async function buyBook(wallet: ReadyWallet, shop: Shop): Promise<string> {
  const { page, window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await window.close();
  await page.close();
  const [sale] = await shop.merchant.sales({ limit: 1 });
  if (sale === undefined) throw new Error("Nothing was bought.");
  return sale.transactionNumber;
}

/** Asks for the money: a part (in euros), or all of it. */
async function ask(page: Page, reason: string, words: string, part: string | null): Promise<void> {
  await page.getByRole("link", { name: "Return, or money back" }).click();
  await page.getByRole("combobox", { name: "Why?" }).selectOption({ label: reason });
  await page.getByRole("textbox", { name: "What should the shop know?" }).fill(words);
  if (part !== null) {
    await page.getByRole("radio", { name: "A part of it" }).check();
    await page.getByRole("textbox", { name: "Amount in EUR" }).fill(part);
  }
  await page.getByRole("button", { name: "Ask the shop" }).click();
}

/** The shop's orders go up, the TPS does its chores, the shop learns what came of them. */
async function runBatch(service: PaymentService, shop: Shop): Promise<void> {
  await shop.merchant.runBatch();
  await service.tps.runChores();
  expect(await shop.merchant.runBatch()).toMatchObject({ refused: [], rejected: [] });
}

/** Somebody comes back to the page. */
const look = (page: Page) => page.evaluate(() => void window.dispatchEvent(new Event("focus")));

test("a shopper asks for money back: refused with the shop's words, then given in part and in full; it is on the account, and the goods are not sent again", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  test.setTimeout(180_000);
  const number = await buyBook(wallet, shop);
  const page = await wallet.openWallet("home.html#/purchases");
  await page.getByRole("link", { name: /Paper & Ink/ }).click();

  await ask(page, "It is damaged", "Page 12\nis missing.", "2,00");
  await expect(page.getByText("The shop is deciding about €2.00")).toBeVisible(PATIENT);
  await expect(page.getByRole("link", { name: "Return, or money back" })).toHaveCount(0);
  expect((await shop.merchant.sale(number))?.refund.asked).toMatchObject({
    reason: "damaged",
    text: "Page 12 is missing.",
    amount: 20_000n,
  });
  const message = "It was read to its end.";
  await shop.merchant.decideRefund(number, { decision: "refuse", message });
  await look(page);
  await expect(page.getByText("The shop gives nothing back")).toBeVisible(PATIENT);
  await expect(page.getByText(message)).toBeVisible();

  await ask(page, "Another reason", "It has no page 12.", "2.00");
  await expect(page.getByText("The shop is deciding about €2.00")).toBeVisible(PATIENT);
  await shop.merchant.decideRefund(number, { decision: "accept" });
  await look(page);
  await expect(page.getByText("The shop gives back €2.00")).toBeVisible(PATIENT);
  await runBatch(service, shop);
  await look(page);
  await expect(page.getByText("€2.00 is back")).toBeVisible(PATIENT);
  expect((await shopper.ledger()).balance).toBe(250_000n - 49_000n + 20_000n);

  await ask(page, "I changed my mind", "", null);
  await expect(page.getByText("The shop is deciding about €4.90")).toBeVisible(PATIENT);
  await shop.merchant.decideRefund(number, { decision: "accept", message: "Our mistake." });
  await runBatch(service, shop);
  await look(page);
  await expect(page.getByText("€4.90 is back")).toBeVisible(PATIENT);
  expect((await shopper.ledger()).balance).toBe(250_000n);

  await page.getByRole("button", { name: "Remove the wallet’s copy" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("These goods are not sent again")).toBeVisible();
  await expect(page.getByRole("button", { name: "Get it again from the shop" })).toHaveCount(0);
  await page.getByRole("link", { name: "Home" }).click();
  await expect(page.getByText("€25.00")).toBeVisible(PATIENT);
});

test("what a shop gives back unasked is told on the home page, and at the purchase", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const number = await buyBook(wallet, shop);
  await shop.merchant.refund(number, { amount: "1.25" });
  await runBatch(service, shop);
  const page = await wallet.openWallet("home.html#/");
  await expect(page.getByText("€1.25 came back from Paper & Ink")).toBeVisible(PATIENT);
  await expect(page.getByText("€21.35")).toBeVisible(PATIENT);
  expect((await shopper.ledger()).balance).toBe(213_500n);
  await page.getByRole("link", { name: "Show the purchase" }).click();
  await expect(page.getByText("€1.25 is back")).toBeVisible(PATIENT);
  await page.getByRole("link", { name: "Home" }).click();
  await expect(page.getByText(/came back from/)).toHaveCount(0);
});
