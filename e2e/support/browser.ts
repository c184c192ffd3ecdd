/** A Chromium with the built wallet in it, on a profile of its own that survives the browser. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import { browserFlags, findBrowser } from "../../scripts/find-browser.ts";

/** Where the build lies: of `npm run build:extension`, or elsewhere. */
const EXTENSION = resolve(process.env.CHIT_EXTENSION ?? "dist/extension");

export interface BrowserOptions {
  /** "de", "en" … */
  readonly language?: string;
  readonly colorScheme?: "light" | "dark";
  /** The language that the browser tells servers; that of its own texts unless given. */
  readonly locale?: string;
  /** An existing profile; a new one unless given. */
  readonly profile?: string;
  /** Pages that are left are kept, as shoppers' browsers do; Playwright's do not by themselves. */
  readonly backForwardCache?: boolean;
}

export interface WalletBrowser {
  readonly context: BrowserContext;
  readonly profile: string;
  readonly extensionId: string;
  /** The set-up that a new wallet opens by itself. */
  welcome(): Page;
  /** Opens one of the wallet's pages in a tab: `home.html#/`. */
  openWallet(page: string): Promise<Page>;
  /** The wallet's own window, the next one to open. */
  nextWindow(): Promise<Page>;
  /** The wallet's windows that are open. */
  windows(): Page[];
  /** Ends the browser as a power cut would: SIGKILL. The profile stays. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function openBrowser(options: BrowserOptions = {}): Promise<WalletBrowser> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), "chit-e2e-profile-")));
  const language = options.language ?? "en";
  const executablePath = findBrowser()?.path;
  if (executablePath === undefined) throw new Error("No Chromium: run `npm run browser`.");
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: null,
    locale: options.locale ?? (language === "en" ? "en-GB" : language),
    ...(options.colorScheme === undefined ? {} : { colorScheme: options.colorScheme }),
    ignoreDefaultArgs: options.backForwardCache ? ["--disable-back-forward-cache"] : [],
    args: [
      ...browserFlags,
      `--lang=${language}`,
      `--disable-extensions-except=${EXTENSION}`,
      `--load-extension=${EXTENSION}`,
    ],
  });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const extensionId = new URL(worker.url()).host;
  const own = `chrome-extension://${extensionId}/`;
  // A wallet that is new opens its set-up; wait for it, so that it gets into nobody's way later.
  const isSetUp = (page: Page) => page.url().startsWith(`${own}home.html#/setup`);
  if (options.profile === undefined) {
    await expect.poll(() => context.pages().some(isSetUp), { timeout: 30_000 }).toBe(true);
  }
  const isWindow = (page: Page) => page.url().startsWith(`${own}payment.html`);
  return {
    context,
    profile,
    extensionId,
    welcome() {
      const page = context.pages().find(isSetUp);
      if (page === undefined) throw new Error("No set-up is open.");
      return page;
    },
    async openWallet(path) {
      const page = await context.newPage();
      await page.goto(`${own}${path}`);
      return page;
    },
    async nextWindow() {
      const page = await context.waitForEvent("page", {
        predicate: async (opened) => {
          // Not its load event, which is sometimes missed in a window that opens by itself.
          await opened.waitForURL(/^(?!about:)/, { waitUntil: "commit" });
          return isWindow(opened);
        },
      });
      return page;
    },
    windows: () => context.pages().filter(isWindow),
    async kill() {
      const session = await context.browser()?.newBrowserCDPSession();
      if (session === undefined) throw new Error("The browser is gone already.");
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      const main = processInfo.find(({ type }) => type === "browser");
      if (main === undefined) throw new Error("The browser's process is not listed.");
      const closed = context.waitForEvent("close");
      process.kill(main.id, "SIGKILL");
      await closed;
    },
    async close() {
      await context.close();
      if (options.profile === undefined) await rm(profile, { recursive: true, force: true });
    },
  };
}
