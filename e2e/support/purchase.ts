/** What a shopper does with the payment window. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { WalletBrowser } from "./browser.ts";
import type { Shop } from "./shop.ts";

/** Follows the link to something for sale; the wallet's window opens by itself. */
export async function order(
  browser: WalletBrowser,
  shop: Shop,
  path: string,
): Promise<{ page: Page; window: Page }> {
  const page = await browser.context.newPage();
  const opened = browser.nextWindow();
  await page.goto(shop.origin + path);
  return { page, window: await opened };
}

/** Types the PIN and presses Pay. */
export async function pay(window: Page, pin: string): Promise<void> {
  await pinField(window).fill(pin);
  await payButton(window).click();
}

/** "New PIN" after the telephone set it anew. */
export const pinField = (window: Page) => window.getByRole("textbox", { name: /^(New )?PIN$/ });
export const payButton = (window: Page) => window.getByRole("button", { name: /^Pay / });
export const thanks = (window: Page) => window.getByRole("heading", { name: /^Thank you/ });

/** Saves goods; the page may offer to save other things too. */
export const saveButton = (page: Page) =>
  page.locator(".goods").getByRole("button", { name: /^Save / });

/** Saves the only thing on the page, and reads the file. */
export async function savedBytes(page: Page): Promise<Buffer> {
  const downloading = page.waitForEvent("download");
  await saveButton(page).click();
  return readFile(await (await downloading).path());
}
