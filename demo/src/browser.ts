/** The Chromium with the wallet in it, on a profile of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import { type BrowserContext, chromium, type Page } from "playwright";
import { browserFlags, ensureBrowser } from "../../scripts/find-browser.ts";
import type { Stopper } from "./stopper.ts";

/** It opens within a second; a wallet that has an account opens nothing. */
const WELCOME_MILLISECONDS = 2_000;

export interface BrowserOptions {
  readonly profile: string;
  /** Directory of the built wallet. */
  readonly extension: string;
  readonly headless: boolean;
  readonly language?: "en" | "de" | undefined;
  readonly dark: boolean;
  /** Size of a page's picture area; only without a window. */
  readonly size?: { readonly width: number; readonly height: number };
}

export interface WalletBrowser {
  readonly context: BrowserContext;
  /** `chrome-extension://…/` of the wallet. */
  readonly walletOrigin: string;
}

/** Opens it, and has it stopped with the rest; signals are ours to handle, not Playwright's. */
export async function openBrowser(
  stopper: Stopper,
  options: BrowserOptions,
): Promise<WalletBrowser> {
  const { profile, extension, headless, language, dark, size } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: ensureBrowser().path,
    headless,
    // Windows that the wallet opens keep the size that it gave them.
    viewport: null,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ...(language === undefined ? {} : { locale: language === "de" ? "de-DE" : "en-GB" }),
    ...(dark
      ? { colorScheme: "dark" as const }
      : headless
        ? { colorScheme: "light" as const }
        : { colorScheme: null }),
    // A person's browser should look and go back as usual.
    ignoreDefaultArgs: ["--enable-automation", "--disable-back-forward-cache"],
    args: [
      ...browserFlags,
      "--test-type", // no warning bar about the flags above
      ...(language === undefined ? [] : [`--lang=${language}`]),
      ...(size === undefined ? [] : [`--window-size=${size.width},${size.height}`]),
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
    ],
  });
  await stopper.add("Browser", () => context.close());
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const walletOrigin = `${worker.url().split("/").slice(0, 3).join("/")}/`;
  await closeWelcome(context, walletOrigin);
  return { context, walletOrigin };
}

/** A wallet that was just installed opens its set-up; here another page leads to it. */
async function closeWelcome(context: BrowserContext, walletOrigin: string): Promise<void> {
  const isWelcome = (page: Page) => page.url() === `${walletOrigin}home.html#/setup`;
  for (let waited = 0; waited < WELCOME_MILLISECONDS; waited += 50) {
    const welcome = context.pages().find(isWelcome);
    if (welcome !== undefined) {
      // Not before it is there: a page of an extension that is closed while it loads its words can leave the
      // process that it shares with the next one without any.
      await welcome.locator("h1").first().waitFor();
      await welcome.close();
      return;
    }
    await sleep(50);
  }
}
