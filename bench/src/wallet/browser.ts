/** The wallet as shoppers have it: built from these sources, in a Chromium of its own. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BrowserContext, chromium, type Page, type Worker } from "playwright";
import { browserFlags, ensureBrowser } from "../../../scripts/find-browser.ts";
import type { RowContext } from "../row.ts";
import type { World } from "./world.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const VITE = join(ROOT, "node_modules/vite/bin/vite.js");

/** A browser whose wallet can pay. */
export interface WalletBrowser {
  readonly context: BrowserContext;
  /** The wallet's background. */
  readonly worker: Worker;
  /** `chrome-extension://…/` */
  readonly origin: string;
}

/** Opens the browser, and sets the wallet up with the world's account; closed when the row ends. */
export async function openWallet({ onEnd }: RowContext, world: World): Promise<WalletBrowser> {
  const extension = join(world.directory, "extension");
  await promisify(execFile)(process.execPath, [VITE, "build", "--outDir", extension], {
    cwd: ROOT,
  });
  const context = await chromium.launchPersistentContext(join(world.directory, "profile"), {
    executablePath: ensureBrowser().path,
    headless: true,
    viewport: null,
    locale: "en-GB",
    args: [
      ...browserFlags,
      "--lang=en",
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
    ],
  });
  onEnd(() => context.close());
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const origin = `${worker.url().split("/").slice(0, 3).join("/")}/`;
  const browser = { context, worker, origin };
  const welcome = await pageOf(browser, "home.html#/setup");
  await welcome.locator('[name="activation-link"]').fill(world.activationLink);
  await welcome.locator('button[type="submit"]').click();
  await welcome.locator('input[name="device-name"]').waitFor();
  await welcome.locator('button[type="submit"]').click();
  await welcome.locator(".check-number").waitFor();
  await world.setPin();
  // It notices by itself, at once when somebody comes back to it.
  await welcome.evaluate(() => dispatchEvent(new Event("focus")));
  await welcome.locator(".check-number").waitFor({ state: "detached" });
  await welcome.close();
  return browser;
}

/** The wallet's page at `path`, which is open or opens by itself. */
export async function pageOf({ context, origin }: WalletBrowser, path: string): Promise<Page> {
  const isIt = (page: Page) => page.url().startsWith(origin + path);
  const open = context.pages().find(isIt);
  if (open !== undefined) return open;
  return context.waitForEvent("page", {
    predicate: async (page) => {
      await page.waitForURL(/^(?!about:)/, { waitUntil: "commit" });
      return isIt(page);
    },
  });
}
