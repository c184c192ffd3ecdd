/**
 * What the wallet shows outside of its pages: its windows, the toolbar's badge, the pings that make pages ask
 * again, the messages to the page that asked, and the alarm that wakes a stopped worker.
 */
import { isSecureUrl, LIMITS } from "@chit/protocol";
import type { Browser } from "webextension-polyfill";
import { deviceKeyIdOf } from "../cts/account.ts";
import type { CtsDeps } from "../cts/deps.ts";
import { payingAccountOf } from "../cts/former-accounts.ts";
import { PURCHASE_STATES } from "../cts/purchase-state.ts";
import { quoteOf } from "../cts/quote-of.ts";
import type { Purchase, PurchaseIn } from "../cts/records.ts";
import { attention, unfinished } from "../cts/views.ts";
import type { Taken } from "../cts/wallet.ts";
import {
  HOME_PAGE,
  PAYMENT_PAGE,
  type PageMessage,
  type PageStateName,
  type PurchaseStateName,
} from "../messages.ts";
import { createWindowAllowance } from "./window-allowance.ts";

export const ALARM = "chit-resume";
/** The shortest period that browsers keep. */
const ALARM_MINUTES = 0.5;
/** Wide enough for a long shop name, tall enough for the slip, the address and the keypad. */
const WINDOW = { type: "popup", width: 460, height: 760 } as const;

export interface Surfaces {
  /**
   * Opens or finds the window of what a page's pointer led to, if the shopper wants windows.
   *
   * @param tabId the tab whose page asks, and may not ask too often; null: the shopper does
   */
  show(taken: Taken, tabId: number | null): Promise<void>;
  /** Opens the set-up, with the activation link of the page that asked; `tabId` as for `show`. */
  showSetup(link: string | null, tabId: number | null): Promise<void>;
  /** Has the shop's page make a fresh offer, in its tab where that still shows it; else opens the shop. */
  reopenShop(purchase: Purchase): Promise<void>;
  /** Tells everybody that something changed: pages, badge, the shop's page, the alarm. */
  tell(purchase: Purchase | null): void;
}

type SurfaceDeps = Pick<CtsDeps, "store" | "goods">;

export function createSurfaces(
  deps: SurfaceDeps & Pick<CtsDeps, "nowSeconds"> & { readonly rest: () => Promise<void> },
  browser: Browser,
  channel: Pick<BroadcastChannel, "postMessage">,
): Surfaces {
  const told = new Map<string, string>();
  const mayOpen = createWindowAllowance(deps.nowSeconds);
  /** Windows that this worker opened; after a restart they are found by their address. */
  const windows = new Map<string, number>();
  let opening: Promise<void> = Promise.resolve();
  let refreshing: Promise<void> | null = null;
  let refreshAgain = false;

  /** One window for each purchase, one for the refusals of each shop; it is shown again where it is open. */
  async function openWindow(key: string, query: string): Promise<void> {
    const url = browser.runtime.getURL(`${PAYMENT_PAGE}?${query}`);
    const page = await openPage(browser, url, windows.get(key));
    if (page === undefined) {
      const { id } = await browser.windows.create({ ...WINDOW, url });
      if (id !== undefined) windows.set(key, id);
      return;
    }
    if (page.url !== url && page.pendingUrl !== url) await browser.tabs.update(page.id, { url });
    await browser.windows.update(page.windowId, { focused: true });
  }

  /** One after the other: two pages that ask at once must not open two windows. */
  function openInTurn(key: string, query: string): Promise<void> {
    const opened = opening.then(() => openWindow(key, query));
    opening = opened.catch(() => undefined);
    return opened;
  }

  async function refresh(): Promise<void> {
    const purchases = await unfinished(deps);
    const waiting = attention(purchases).length;
    await browser.action.setBadgeText({ text: waiting === 0 ? "" : String(waiting) });
    // What has changed since is looked at next; until then the alarm of whatever is at work stays.
    await setAlarm(deps, browser, purchases, () => refreshAgain);
  }

  /** Runs at once, and then once for all changes of the next moment: a purchase makes eight, and waits for its disk. */
  function refreshSoon(): void {
    if (refreshing !== null) {
      refreshAgain = true;
      return;
    }
    refreshing = refresh()
      .catch(() => undefined)
      .then(deps.rest)
      .finally(() => {
        refreshing = null;
        if (refreshAgain) {
          refreshAgain = false;
          refreshSoon();
        }
      });
  }

  function tellPage(purchase: Purchase): void {
    if (told.get(purchase.purchaseId) === purchase.state) return;
    told.set(purchase.purchaseId, purchase.state);
    const { transactionNumber } = quoteOf(purchase);
    const { quoteUrl } = purchase;
    const state = pageState(purchase.state);
    send(browser, purchase, { type: "purchase-state", quoteUrl, transactionNumber, state });
    if (purchase.state === "complete") void handGoods(deps, browser, purchase);
  }

  return {
    async show(taken, tabId) {
      if (taken.kind === "known" && PURCHASE_STATES[taken.purchase.state] === "settled") {
        // A page that is opened again gets its article again; what was declined stays so.
        if (taken.purchase.state === "complete") await handGoods(deps, browser, taken.purchase);
        return;
      }
      refreshSoon();
      if (!(await deps.store.settings()).openWindow) return;
      // An offer is in the badge and on the home page all the same; a refusal asks nothing of the shopper.
      if (tabId !== null && !mayOpen(tabId)) return;
      if (taken.kind === "refused") {
        const { refusalId, origin } = taken.refusal;
        await openInTurn(`refusal ${origin}`, `refusal=${refusalId}`);
      } else {
        const { purchaseId } = taken.purchase;
        await openInTurn(`purchase ${purchaseId}`, `purchase=${purchaseId}`);
      }
    },
    async showSetup(link, tabId) {
      if (link !== null && (await isActivated(deps, link))) return;
      if (tabId !== null && !mayOpen(tabId)) return;
      const query = link === null ? "" : `?link=${encodeURIComponent(link)}`;
      const url = browser.runtime.getURL(`${HOME_PAGE}#/setup${query}`);
      await browser.tabs.create({ url });
    },
    reopenShop: (purchase) => reopenShop(browser, purchase),
    tell(purchase) {
      channel.postMessage(null);
      refreshSoon();
      // Not after the rest: the worker may be stopped at any moment from here on.
      if (purchase !== null && isAtWork(purchase)) void keepWaking(browser).catch(() => undefined);
      if (purchase !== null) tellPage(purchase);
    },
  };
}

/** What a page is told: the same words for either role. */
function pageState(state: PurchaseStateName): PageStateName {
  switch (state) {
    case "payer-quoted":
      return "quoted";
    case "payer-confirmed":
      return "quote-authenticated";
    case "payer-requested":
      return "payment-requested";
    case "payer-paid":
      return "paid";
    case "payer-complete":
      return "complete";
    case "payer-denied":
      return "denied";
    default:
      return state;
  }
}

interface OpenPage {
  readonly id: number;
  readonly windowId: number;
  readonly url?: string | undefined;
  readonly pendingUrl?: string | undefined;
}

/** The wallet's open page in the window that is known, or else at this address; undefined: there is none. */
async function openPage(
  browser: Browser,
  url: string,
  windowId: number | undefined,
): Promise<OpenPage | undefined> {
  const inWindow = windowId === undefined ? [] : await browser.tabs.query({ windowId });
  const all = await browser.tabs.query({ url: browser.runtime.getURL(`${PAYMENT_PAGE}*`) });
  const found = inWindow[0] ?? all.find((tab) => tab.url === url);
  if (found?.id === undefined || found.windowId === undefined) return undefined;
  return { ...found, id: found.id, windowId: found.windowId };
}

/** Whether the wallet has done what this activation link is for. Text that is no link: nothing to open either. */
async function isActivated({ store }: SurfaceDeps, link: string): Promise<boolean> {
  const deviceKeyId = deviceKeyIdOf(link);
  if (deviceKeyId === null) return true;
  const accounts = await store.accounts();
  return accounts.some((account) => account.deviceKeyId === deviceKeyId);
}

/**
 * Hands the things that are for the page, and small enough for it, to the page that asked. What a backup says was
 * bought from an account that is not connected here is for the wallet's own windows: anybody can write a backup.
 */
async function handGoods(
  deps: SurfaceDeps,
  browser: Browser,
  purchase: PurchaseIn<"complete">,
): Promise<void> {
  const { purchaseId, quoteUrl, accountKey } = purchase;
  if ((await payingAccountOf(deps, accountKey)) === undefined) return;
  const { transactionNumber } = quoteOf(purchase);
  for (const { goodsId, name, mediaType, size, presentation } of purchase.advice.goods) {
    if (presentation !== "page" || size > LIMITS.pageGoodsBytes) continue;
    const { verified } = await deps.goods.progress(purchaseId, goodsId);
    if (!verified) continue;
    const base64 = await base64Of(deps.goods.read(purchaseId, goodsId));
    const goods = { transactionNumber, name, mediaType, base64 };
    send(browser, purchase, { type: "page-goods", quoteUrl, ...goods });
  }
}

async function base64Of(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of pieces) {
    for (const byte of piece) text += String.fromCharCode(byte);
  }
  return btoa(text);
}

/** The tab may be gone, or show another page, whose content script then ignores the message. */
function send(browser: Browser, { tabId, shopOrigin }: Purchase, message: PageMessage): void {
  if (tabId === null || !isSecureUrl(shopOrigin)) return;
  browser.tabs.sendMessage(tabId, message, { frameId: 0 }).catch(() => undefined);
}

async function reopenShop(browser: Browser, purchase: Purchase): Promise<void> {
  const { tabId, quoteUrl, shopOrigin } = purchase;
  const message: PageMessage = { type: "page-reload", quoteUrl };
  const reloads =
    tabId !== null &&
    (await browser.tabs.sendMessage(tabId, message, { frameId: 0 }).catch(() => false)) === true;
  if (!reloads) {
    await browser.tabs.create({ url: shopOrigin });
    return;
  }
  const { windowId } = await browser.tabs.update(tabId, { active: true });
  if (windowId !== undefined) await browser.windows.update(windowId, { focused: true });
}

/** Whether a purchase goes on without the shopper. */
function isAtWork({ state, waiting }: Purchase): boolean {
  switch (PURCHASE_STATES[state]) {
    case "settled":
      return false;
    case "open":
      return state !== "quoted" && state !== "payer-quoted" && waiting?.retryAt !== null;
    default:
      return true;
  }
}

/** Wakes the worker again and again. Setting the alarm anew would put it off each time. */
async function keepWaking(browser: Browser): Promise<void> {
  const current = await browser.alarms.get(ALARM);
  if (current?.periodInMinutes === undefined) {
    browser.alarms.create(ALARM, { periodInMinutes: ALARM_MINUTES });
  }
}

/** Wakes the worker while anything goes on by itself, or when an open quote expires; less only if nothing `hasChanged`. */
async function setAlarm(
  { store }: SurfaceDeps,
  browser: Browser,
  purchases: readonly Purchase[],
  hasChanged: () => boolean,
): Promise<void> {
  const isAsked = async () => (await store.refunds()).some(({ request }) => request !== null);
  if (purchases.some(isAtWork) || (await isAsked())) return keepWaking(browser);
  if (hasChanged()) return;
  const expiries = purchases.map(({ quote }) => quoteOf({ quote }).expiresAt);
  if (expiries.length === 0) await browser.alarms.clear(ALARM);
  else browser.alarms.create(ALARM, { when: (Math.min(...expiries) + 1) * 1_000 });
}
