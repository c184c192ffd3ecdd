/** The background: puts the wallet together from the browser's parts, and listens. */
import { nobleCrypto } from "@chit/protocol/noble";
import { browser } from "../browser.ts";
import type { CtsDeps } from "../cts/deps.ts";
import { rememberingStore } from "../cts/remembering-store.ts";
import { tidyGoods, tidyOffers } from "../cts/tidy.ts";
import { rememberingVerified } from "../cts/verified.ts";
import { createWallet } from "../cts/wallet.ts";
import { openGoodsDatabase } from "../goods-copy.ts";
import { CHANGES_CHANNEL } from "../messages.ts";
import { deviceKeys } from "./device-keys.ts";
import { webGoodsCipher } from "./goods-cipher.ts";
import { goodsStore } from "./goods-store.ts";
import { idbStore, openWalletDatabase } from "./idb-store.ts";
import { requestHandlers } from "./requests.ts";
import { createRouter, type MessageSender } from "./router.ts";
import { ALARM, createSurfaces } from "./surfaces.ts";

/** A worker that has not been spoken to for 30 seconds is stopped; less often than that is too late. */
const KEEP_ALIVE_MS = 20_000;

/** Between two looks at what badge and alarm should be: longer than most changes of a purchase are apart, no time for people. */
const SURFACE_REST_SECONDS = 0.3;

async function start() {
  const database = await openWalletDatabase();
  const store = rememberingStore(idbStore(database));
  const goods = goodsStore(await openGoodsDatabase());
  const nowSeconds = () => Math.floor(Date.now() / 1_000);
  const surfaces = createSurfaces(
    { store, goods, nowSeconds, rest: () => sleep(SURFACE_REST_SECONDS) },
    browser,
    new BroadcastChannel(CHANGES_CHANNEL),
  );
  const deps: CtsDeps = {
    store,
    goods,
    deviceKeys: deviceKeys(database, crypto.subtle),
    crypto: rememberingVerified(
      nobleCrypto((length) => crypto.getRandomValues(new Uint8Array(length))),
    ),
    goodsCipher: webGoodsCipher(crypto.subtle),
    sha256: async (whole) =>
      new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(whole))),
    fetch: (url, init) => fetch(url, init),
    nowSeconds,
    timeout: (seconds) => AbortSignal.timeout(seconds * 1_000),
    sleep,
    changed: surfaces.tell,
  };
  const wallet = createWallet(deps);
  const route = createRouter({
    extensionId: browser.runtime.id,
    extensionOrigin: browser.runtime.getURL("").replace(/\/$/, ""),
    handlers: requestHandlers(deps, wallet, surfaces),
    async onPointer({ relation, url }, pageOrigin, tabId) {
      if (relation === "chit-activation") return surfaces.showSetup(url, tabId);
      const forSomebodyElse = relation === "payer-quote";
      const pointer = { quoteUrl: url, pageOrigin, tabId, forSomebodyElse };
      await surfaces.show(await wallet.takeQuote(pointer), tabId);
    },
  });
  // A record that cannot be read stops what it belongs to, not the whole wallet.
  await wallet.runner.resumeAll().catch(() => undefined);
  await wallet.refunds.resumeAll().catch(() => undefined);
  await tidyGoods(deps).catch(() => undefined);
  await tidyOffers(deps).catch(() => undefined);
  surfaces.tell(null);
  setInterval(() => {
    // Any call of the extension interface counts as a sign of life.
    if (wallet.runner.busy() || wallet.refunds.busy()) void browser.runtime.getPlatformInfo();
  }, KEEP_ALIVE_MS);
  return { deps, route, wallet, store, surfaces };
}

function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, seconds * 1_000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const started = start();

// Listeners are set at once: a worker that is woken by an event gets it only then.
browser.runtime.onMessage.addListener((message: unknown, sender: unknown) =>
  started.then(({ route }) => route(message, sender as MessageSender)),
);
browser.alarms.onAlarm.addListener(({ name }) => {
  if (name !== ALARM) return;
  void started.then(async ({ deps, wallet }) => {
    await wallet.runner.resumeAll();
    await wallet.refunds.resumeAll();
    await tidyOffers(deps).catch(() => undefined);
  });
});
// Starts the worker with the browser, so that what waits goes on.
browser.runtime.onStartup.addListener(() => undefined);
browser.runtime.onInstalled.addListener(({ reason }) => {
  // Also fires where the wallet was in use before (a developer's reload): only a new one is set up.
  if (reason !== "install") return;
  void started.then(async ({ store, surfaces }) => {
    const accounts = await store.accounts();
    if (accounts.length === 0) await surfaces.showSetup(null, null);
  });
});
