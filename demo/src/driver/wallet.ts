/** The wallet as a shopper uses it, by the names of its fields, so that it works in every language. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, Page } from "playwright";

/** An address of a person who does not exist, in a town that does. */
const ADDRESS = {
  name: "Ada Beispiel",
  line1: "Musterweg 12",
  postalCode: "10115",
  city: "Berlin",
  country: "DE",
} as const;

const WALLET_WINDOW = { width: 460, height: 760 } as const;
const POLL_MILLISECONDS = 25;
/** How long a page may take; everything runs on this computer, which may be busy. */
export const PATIENCE = { timeout: 30_000 } as const;

/** Opens the activation link; the wallet comes by itself. Returns its page and the check number that it shows. */
export async function activate(
  context: BrowserContext,
  walletOrigin: string,
  page: Page,
  link: string,
): Promise<{ setup: Page; checkNumber: string }> {
  await page.goto(link);
  // The wallet comes to pages that are looked at.
  await page.bringToFront();
  const setup = await walletPage(context, `${walletOrigin}home.html#/setup?link=`);
  await setup.locator('input[name="device-name"]').waitFor(PATIENCE);
  await setup.locator('button[type="submit"]').click();
  const number = setup.locator(".check-number");
  await number.waitFor(PATIENCE);
  return { setup, checkNumber: (await number.innerText()).replace(/\D/g, "") };
}

/** Lets the wallet ask whether the PIN is set, and waits until it says that it can pay. */
export async function finishSetUp(setup: Page): Promise<void> {
  await setup.bringToFront();
  await setup.locator("main button").first().click();
  await setup.locator(".check-number").waitFor({ state: "detached", ...PATIENCE });
}

/** Goes to a page with a price and waits for the wallet's window. */
export async function openPayment(
  context: BrowserContext,
  walletOrigin: string,
  ask: () => Promise<unknown>,
): Promise<Page> {
  await ask();
  const window = await walletPage(context, `${walletOrigin}payment.html`);
  // Where there are no windows, the size that the wallet gives to its own is lost.
  await window.setViewportSize(WALLET_WINDOW);
  await pinField(window).waitFor(PATIENCE);
  return window;
}

/** A page of the wallet that is open or opens, by the beginning of its address. */
async function walletPage(context: BrowserContext, address: string): Promise<Page> {
  // A page is announced before it has its address, so that waiting for the announcement is not enough.
  for (let waited = 0; waited < PATIENCE.timeout; waited += POLL_MILLISECONDS) {
    const found = context.pages().find((page) => page.url().startsWith(address));
    if (found !== undefined) return found;
    if (context.pages().length === 0) throw new Error("The browser was closed.");
    await sleep(POLL_MILLISECONDS);
  }
  throw new Error("The wallet did not open its page in time.");
}

/** Fills in where it shall be sent. */
export async function fillAddress(window: Page): Promise<void> {
  for (const [name, value] of Object.entries(ADDRESS)) {
    const field = window.locator(`.address-form [name="${name}"]`);
    if (name === "country") await field.selectOption(value);
    else await field.fill(value);
  }
}

/** Types the PIN; Pay is still to be pressed. */
export async function typePin(window: Page, pin: string): Promise<void> {
  await pinField(window).fill(pin);
}

/** Presses Pay and waits for the receipt. When both were, by the browser's clock, in milliseconds since 1970. */
export async function pay(window: Page): Promise<{ pressedAt: number; doneAt: number }> {
  const pressed = window.evaluate(
    () =>
      new Promise<number>((resolve) => {
        document.addEventListener("submit", () => resolve(Date.now()), {
          capture: true,
          once: true,
        });
      }),
  );
  await window.locator('button[type="submit"]').click();
  const pressedAt = await pressed;
  await window.locator("h1.celebrate").waitFor(PATIENCE);
  return { pressedAt, doneAt: await window.evaluate(() => Date.now()) };
}

/** Saves the first thing on the receipt. */
export async function saveGoods(window: Page, path: string): Promise<void> {
  const download = window.waitForEvent("download", PATIENCE);
  await window.locator(".goods button").first().click();
  await (await download).saveAs(path);
}

function pinField(window: Page) {
  return window.locator('input[name="chit-pin"]');
}
