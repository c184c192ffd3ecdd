/** Profiles that outlive their browser: opened again, copied as a thief of the disk would, workers put to sleep. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Page } from "@playwright/test";
import { openBrowser, type WalletBrowser } from "./browser.ts";
import { gate } from "./gate.ts";

/** Opens a browser on a profile that was used before, and closes it when `work` is done. */
export async function withBrowser<T>(
  profile: string,
  work: (browser: WalletBrowser) => Promise<T>,
): Promise<T> {
  const browser = await openBrowser({ profile });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Copies the whole directory of a profile that no browser has open; the copy is removed when `work` is done. */
export async function withCopy<T>(profile: string, work: (copy: string) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "chit-e2e-copy-"));
  try {
    // Chromium's own locks name a process that is gone.
    const filter = (source: string) => !basename(source).startsWith("Singleton");
    await cp(profile, copy, { recursive: true, filter });
    return await work(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Stops the wallet's service worker, as the browser does with one that it takes for idle. */
export async function stopWorkers(browser: WalletBrowser, page: Page): Promise<void> {
  const session = await browser.context.newCDPSession(page);
  const stopped = gate();
  session.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
    if (versions.some(({ runningStatus }) => runningStatus === "stopped")) stopped.open();
  });
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await stopped.opened;
  await session.detach();
}
