/** Fixtures for long tables of bad input: one activated wallet in one browser for all tests of a worker. */
import type { Page } from "@playwright/test";
import { openBrowser } from "./browser.ts";
import { type Ways, waysOf } from "./forgery.ts";
import type { Shopper } from "./payment-service.ts";
import { order, pay, thanks } from "./purchase.ts";
import { test as base, expect, type ReadyWallet, setUpWallet } from "./test.ts";

/** A wallet with much money, for many purchases. */
export interface LongWallet extends ReadyWallet {
  readonly shopper: Shopper;
}

interface WorkerFixtures {
  longWallet: LongWallet;
}

interface TestFixtures {
  /** What the shop's line does to a path. */
  shopWays: Ways;
  /** What the TPS's line does to a path. */
  tpsWays: Ways;
  /** Smallest units that the account had when the test began. */
  before: bigint;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  longWallet: [
    async ({ service }, use) => {
      const shopper = await service.openShopper(1_000n);
      const browser = await openBrowser();
      const pin = await setUpWallet(browser, shopper);
      await use({ ...browser, pin, shopper });
      await browser.close();
    },
    { scope: "worker" },
  ],
  shopWays: async ({ shop }, use) => {
    await use(waysOf(shop.line));
  },
  tpsWays: async ({ service }, use) => {
    await use(waysOf(service.line));
  },
  before: [
    async ({ service, longWallet }, use) => {
      await service.line.reset();
      await use((await longWallet.shopper.ledger()).balance);
      // The next test begins with one empty tab.
      const [first = await longWallet.context.newPage(), ...others] = longWallet.context.pages();
      for (const page of others) await page.close();
      await first.goto("about:blank");
    },
    { auto: true },
  ],
});

/** The code under the technical details of what the window says. */
export async function expectCode(window: Page, code: string): Promise<void> {
  const exact = new RegExp(`^${code}$`);
  await expect(window.locator("details :is(code, dt)").filter({ hasText: exact })).toBeAttached();
}

/** A notice or an ending with this heading and these words. */
export async function expectWords(window: Page, title: string, text: string): Promise<void> {
  await expect(window.getByRole("heading", { name: title })).toBeVisible();
  await expect(window.getByText(text)).toBeVisible();
}

/** What was tried before did the wallet no harm: it buys a note for 0.0005. */
export async function expectStillPays(
  wallet: LongWallet,
  shop: Parameters<typeof order>[1],
): Promise<void> {
  const { balance } = await wallet.shopper.ledger();
  const { window } = await order(wallet, shop, "/note");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  expect((await wallet.shopper.ledger()).balance).toBe(balance - 5n);
}

export { expect };
