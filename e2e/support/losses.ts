/** Losing things on the way, and what must be true afterwards: one debit, and both sides meet again. */
import type { Locator, Page } from "@playwright/test";
import type { WalletBrowser } from "./browser.ts";
import { gate } from "./gate.ts";
import type { Line } from "./line.ts";
import type { Shopper } from "./payment-service.ts";
import { order, pay, saveButton, thanks } from "./purchase.ts";
import type { Shop } from "./shop.ts";
import { expect } from "./test.ts";

export const PAYMENTS = "/v1/payments";
/** Retries come after 1, 2, 4 and 8 seconds. */
export const PATIENT = { timeout: 30_000 };
/** Price of `/note`, in smallest units. */
const NOTE = 5n;

/** The account's first payment, and nothing else, was debited. */
export async function expectOneDebit(shopper: Shopper, balance: bigint): Promise<void> {
  const ledger = await shopper.ledger();
  expect(ledger).toMatchObject({ balance, devices: [{ count: 1, wrongPins: 0 }] });
  expect(ledger.movements.filter(({ kind }) => kind === "payment")).toHaveLength(1);
}

/** At least so many requests-for-payment passed, byte for byte the same. */
export function expectIdentical(line: Line, least: number): void {
  const bodies = line.to(PAYMENTS).map(({ body }) => body.toString("base64"));
  expect(bodies.length).toBeGreaterThanOrEqual(least);
  expect(new Set(bodies).size).toBe(1);
}

/**
 * Wallet and TPS have met again: the next purchase is paid at once, and both count it.
 *
 * @param attempts requests that it takes: one, unless the wallet has yet to hear of a new key
 */
export async function expectNextIsPaid(
  browser: WalletBrowser,
  { shop, shopper, line }: { readonly shop: Shop; readonly shopper: Shopper; readonly line: Line },
  pin: string,
  attempts = 1,
): Promise<void> {
  const before = await shopper.ledger();
  const requests = line.to(PAYMENTS).length;
  const { window } = await order(browser, shop, "/note");
  await pay(window, pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  const after = await shopper.ledger();
  expect(after.balance).toBe(before.balance - NOTE);
  const counts = (ledger: typeof before) => ledger.devices.reduce((sum, one) => sum + one.count, 0);
  expect(counts(after)).toBe(counts(before) + 1);
  expect(line.to(PAYMENTS)).toHaveLength(requests + attempts);
}

/** The first request to `path` arrives and its answer is held; then it is lost, and everything passes. */
export function holdFirst(line: Line, path: string, reaches = true) {
  const [arrived, go] = [gate(), gate()];
  let first = true;
  line.interfere(async (exchange, pass) => {
    if (exchange.path !== path || !first) return pass();
    first = false;
    if (reaches) await pass();
    arrived.open();
    await go.opened;
    return "lost";
  });
  return { arrived: arrived.opened, release: go.open };
}

/**
 * Nothing on `path` is answered until `end`.
 *
 * @param heard whether the server hears the requests, and does its work
 */
export function silence(line: Line, path: string, heard = true): { end(): void } {
  let silent = true;
  line.interfere(async (exchange, pass) => {
    if (exchange.path !== path || !silent) return pass();
    if (heard) await pass();
    return "lost";
  });
  return {
    end: () => {
      silent = false;
    },
  };
}

/** What the window says while the answer to a payment is missing. */
export async function expectChecking(window: Page): Promise<void> {
  await expect(window.getByText("We are checking your payment")).toBeVisible();
  await expect(window.getByText("The answer has not arrived yet.")).toBeVisible();
  await expect(window.getByText("You will not be charged twice.")).toBeVisible();
  await expect(window.getByText(/nothing was paid/i)).toHaveCount(0);
}

/** Presses "Try now", unless it got to `end` by itself meanwhile. */
export async function tryNow(window: Page, end: Locator): Promise<void> {
  await Promise.race([window.getByRole("button", { name: "Try now" }).click(), end.waitFor()]);
  await expect(end).toBeVisible(PATIENT);
}

/** The one purchase of the wallet is on its list, and its goods can be saved. */
export async function expectReceiptAtHome(browser: WalletBrowser): Promise<void> {
  const home = await browser.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  await expect(saveButton(home)).toBeVisible(PATIENT);
}
