/** The tests' fixtures: one payment service and one shop a worker, one shopper and one browser a test. */
import { test as base, expect, type Page } from "@playwright/test";
import { openBrowser, type WalletBrowser } from "./browser.ts";
import { type PaymentService, type Shopper, startPaymentService } from "./payment-service.ts";
import { openShop, type Shop } from "./shop.ts";

interface WorkerFixtures {
  service: PaymentService;
  workerShop: Shop;
}

interface TestFixtures {
  shop: Shop;
  /** An account with 25.00 EUR. */
  shopper: Shopper;
  walletBrowser: WalletBrowser;
  /** A wallet that is activated and has its PIN. */
  wallet: ReadyWallet;
}

/** A browser whose wallet can pay. */
export interface ReadyWallet extends WalletBrowser {
  readonly pin: string;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  service: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from the pattern.
    async ({}, use) => {
      const service = await startPaymentService();
      await use(service);
      await service.close();
    },
    { scope: "worker" },
  ],
  workerShop: [
    async ({ service }, use) => {
      const shop = await openShop(service.tps);
      await use(shop);
      await shop.close();
    },
    { scope: "worker" },
  ],
  shop: async ({ workerShop }, use) => {
    await workerShop.line.reset();
    await use(workerShop);
  },
  shopper: async ({ service }, use) => {
    await service.line.reset();
    await use(await service.openShopper());
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from the pattern.
  walletBrowser: async ({}, use) => {
    const browser = await openBrowser();
    await use(browser);
    await browser.close();
  },
  wallet: async ({ walletBrowser, shopper }, use) => {
    const pin = await setUpWallet(walletBrowser, shopper);
    await use({ ...walletBrowser, pin });
  },
});

/**
 * Goes through set-up as a shopper would, telephones, and returns the PIN.
 *
 * @param look is called at each step
 */
export async function setUpWallet(
  browser: WalletBrowser,
  shopper: Shopper,
  look: (step: string) => Promise<void> = async () => undefined,
): Promise<string> {
  const page = browser.welcome();
  await activate(page, shopper.activationLink, look);
  await look("the call");
  const { pin } = await shopper.telephone();
  // It notices by itself, at once when the shopper comes back to it.
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(page.getByRole("heading", { name: "Your wallet is ready" })).toBeVisible();
  await look("done");
  await page.close();
  return pin;
}

/** Pastes the activation link and confirms operator and device. */
export async function activate(
  page: Page,
  link: string,
  look: (step: string) => Promise<void> = async () => undefined,
): Promise<void> {
  await page.getByRole("textbox", { name: "Activation link or code" }).fill(link);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Is this your operator?" })).toBeVisible();
  await look("the operator");
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(page.getByRole("heading", { name: "Now call for your PIN" })).toBeVisible();
}

export { expect };
