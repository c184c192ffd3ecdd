/** One purchase by hand: the offer, the PIN, Pay, and the goods in the wallet; with its times as the browser has them. */
import type { BrowserContext, Page } from "playwright";
import { pageOf, type WalletBrowser } from "./browser.ts";
import { PIN } from "./world.ts";

/** One exchange of the purchase with shop or payment server. */
export interface RoundTrip {
  readonly path: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What one purchase took; all times in milliseconds since 1970. */
export interface Purchase {
  readonly pressedAt: number;
  /** The receipt stands there with the goods, verified and on disk. */
  readonly doneAt: number;
  /** Those after Pay was pressed, in order. */
  readonly roundTrips: readonly RoundTrip[];
  /** CPU time of the wallet's process meanwhile: its background and its window. The browser counts in steps of 10 ms. */
  readonly cpuMilliseconds: number;
}

/** The longest that a purchase may take on a slow machine. */
const PATIENCE = { timeout: 60_000 };

/** Opens the offer, types the PIN, presses Pay and waits for the goods. */
export async function purchase(browser: WalletBrowser, saleUrl: string): Promise<Purchase> {
  const { context, worker } = browser;
  const shop = await context.newPage();
  const opens = pageOf(browser, "payment.html");
  await shop.goto(saleUrl);
  const window = await opens;
  await window.locator('input[name="chit-pin"]').fill(PIN, PATIENCE);
  await worker.evaluate(() => performance.clearResourceTimings());
  const cpu = await cpuClock(context, window);
  const cpuBefore = await cpu();
  const [{ pressedAt, doneAt }] = await Promise.all([
    watch(window),
    window.locator('button[type="submit"]').click(),
  ]);
  const cpuMilliseconds = (await cpu()) - cpuBefore;
  const roundTrips = await worker.evaluate(() =>
    performance.getEntriesByType("resource").map((entry) => ({
      path: new URL(entry.name).pathname,
      startedAt: performance.timeOrigin + entry.startTime,
      endedAt: performance.timeOrigin + entry.startTime + entry.duration,
    })),
  );
  await window.close();
  await shop.close();
  return { pressedAt, doneAt, roundTrips, cpuMilliseconds };
}

/** The CPU time so far of the process that shows `window`, which the wallet's background shares. */
async function cpuClock(context: BrowserContext, window: Page): Promise<() => Promise<number>> {
  const session = await context.newCDPSession(window);
  await session.send("Performance.enable");
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const seconds = metrics.find(({ name }) => name === "ProcessTime")?.value;
    if (seconds === undefined) throw new Error("This browser tells no CPU time.");
    return seconds * 1_000;
  };
}

/** When the click on Pay and the goods on the receipt are, by the window itself: nothing outside is asked meanwhile. */
function watch(window: Page): Promise<{ pressedAt: number; doneAt: number }> {
  return window.evaluate(
    ({ timeout }) =>
      new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error(`No goods: ${document.body.innerText}`)), timeout);
        let pressedAt = 0;
        const press = ({ timeStamp }: Event) => {
          pressedAt = performance.timeOrigin + timeStamp;
        };
        document.addEventListener("click", press, { capture: true, once: true });
        const observer = new MutationObserver(() => {
          if (document.querySelector("h1.celebrate ~ * .goods button") === null) return;
          observer.disconnect();
          resolve({ pressedAt, doneAt: performance.timeOrigin + performance.now() });
        });
        observer.observe(document.body, { subtree: true, childList: true });
      }),
    PATIENCE,
  );
}
