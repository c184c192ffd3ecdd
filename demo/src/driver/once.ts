/** `--once`: drives the real wallet through activation, the telephone call, and one purchase of each kind. */
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDecimal } from "@chit/protocol";
import type { BrowserContext, Page } from "playwright";
import { openBrowser } from "../browser.ts";
import { makeBook } from "../goods/epub.ts";
import { placeCall } from "../handset/call.ts";
import { hearPin } from "../handset/pin.ts";
import { bold, faint, say, step, table } from "../progress.ts";
import type { Stopper } from "../stopper.ts";
import type { World } from "../world.ts";
import {
  activate,
  fillAddress,
  finishSetUp,
  openPayment,
  PATIENCE,
  pay,
  saveGoods,
  typePin,
} from "./wallet.ts";
import { type Exchange, type Watch, watchWallet } from "./watch.ts";

export interface OnceOptions {
  /** Directory of the browser's profile. */
  readonly profile: string;
  /** Directory of the built wallet. */
  readonly extension: string;
  readonly output: string;
  readonly language: "en" | "de";
  readonly dark: boolean;
}

/** What the parts of the run share. */
interface Run {
  readonly world: World;
  readonly context: BrowserContext;
  readonly walletOrigin: string;
  readonly watch: Watch;
  readonly output: string;
  /** The shop's page. */
  readonly page: Page;
  pin: string;
}

interface Purchase {
  readonly title: string;
  readonly pressedAt: number;
  readonly doneAt: number;
  readonly exchanges: readonly Exchange[];
}

const SCALE = 4;

/** Does it all, prints the steps, and checks what came of it. @throws {Error} with what was on the screen */
export async function driveOnce(
  world: World,
  stopper: Stopper,
  options: OnceOptions,
): Promise<void> {
  const { profile, extension, output, language, dark } = options;
  await mkdir(output, { recursive: true });
  const before = await world.balance();
  const { context, walletOrigin } = await step("Browser with the wallet, no window", () =>
    openBrowser(stopper, {
      profile,
      extension,
      headless: true,
      language,
      dark,
      size: { width: 1180, height: 860 },
    }),
  );
  const [page = await context.newPage()] = context.pages();
  const watch = watchWallet(context, walletOrigin);
  const run: Run = { world, context, walletOrigin, watch, output, page, pin: "" };
  try {
    await setUp(run, language);
    const purchases = [await buyBook(run), await readArticle(run), await buyMug(run)];
    await showWallet(run);
    for (const purchase of purchases) report(purchase);
    await settle(run, before);
  } catch (error) {
    if (stopper.stopping) throw error;
    throw new Error(await describeFailure(run, error), { cause: error });
  }
}

async function setUp(run: Run, language: "en" | "de"): Promise<void> {
  const { world, context, walletOrigin, page } = run;
  await page.goto(world.startUrl);
  await shoot(run, page, "start");
  const { setup, checkNumber } = await step(
    "Activation by the operator’s link",
    () => activate(context, walletOrigin, page, world.account.activationLink),
    (activated) => faint(`check number ${activated.checkNumber}`),
  );
  await shoot(run, setup, "wallet-activated");
  run.pin = await step(
    "Telephone call for the PIN",
    async () => {
      const call = await placeCall(world.carrier);
      const { telephoneId, telephonePasscode: passcode } = world.account;
      const heard = await hearPin(call, { telephoneId, passcode }, language, checkNumber);
      return heard.pin;
    },
    () => faint("told twice, check number compared"),
  );
  await step("The wallet hears that it can pay", () => finishSetUp(setup));
  await shoot(run, setup, "wallet-ready");
  await setup.close();
}

/** A digital thing: saved as a file, which must be the book. */
function buyBook(run: Run): Promise<Purchase> {
  const { world, page, output } = run;
  return purchase(run, "An e-book, saved", "book", `${world.shopUrl}/goods/book`, {
    ask: () => page.locator('a[href="/buy/book"]').click(),
    check: async (window) => {
      const path = join(output, "a-short-history-of-the-chit.epub");
      await saveGoods(window, path);
      assert.deepEqual(
        await readFile(path),
        Buffer.from(makeBook()),
        "The saved e-book is another.",
      );
    },
  });
}

/** An article: shown in the page that asked for it. */
function readArticle(run: Run): Promise<Purchase> {
  const { world, page } = run;
  return purchase(run, "An article, read on the page", "article", world.shopUrl, {
    ask: () => page.locator('a[href="/read/the-stall"]').click(),
    check: async () => {
      await page.locator("[data-chit-goods] figure").waitFor(PATIENCE);
      await page.locator('[data-chit-status][data-state="complete"]').waitFor(PATIENCE);
      await page.evaluate(() => scrollTo(0, 0));
    },
  });
}

/** A physical thing: from the basket, with an address and postage. */
function buyMug(run: Run): Promise<Purchase> {
  const { world, page } = run;
  return purchase(run, "A mug, sent by post", "mug", `${world.shopUrl}/goods/mug`, {
    ask: async () => {
      await page.locator('form[action="/basket"] button').click();
      await shoot(run, page, "shop-basket");
      await page.locator('a[href="/checkout"]').click();
    },
    fill: fillAddress,
    check: async () => {
      const [sale] = await world.shop.merchant.sales();
      assert.equal(sale?.kind, "physical");
      assert.equal(sale.address?.city, "Berlin", "The address did not reach the shop.");
    },
  });
}

async function purchase(
  run: Run,
  title: string,
  name: string,
  from: string,
  how: {
    readonly ask: () => Promise<unknown>;
    readonly fill?: (window: Page) => Promise<void>;
    readonly check: (window: Page) => Promise<void>;
  },
): Promise<Purchase> {
  const { context, walletOrigin, page, watch } = run;
  return step(
    title,
    async () => {
      await page.bringToFront();
      await page.goto(from);
      await shoot(run, page, `shop-${name}`);
      watch.take();
      const window = await openPayment(context, walletOrigin, how.ask);
      await how.fill?.(window);
      await typePin(window, run.pin);
      await shoot(run, window, `wallet-${name}`);
      const times = await pay(window);
      await how.check(window);
      const exchanges = watch.take();
      await shoot(run, window, `wallet-${name}-paid`);
      await shoot(run, page, `shop-${name}-paid`);
      await window.close();
      return { title, ...times, exchanges };
    },
    ({ pressedAt, doneAt }) => faint(`“Pay” to receipt ${Math.round(doneAt - pressedAt)} ms`),
  );
}

async function showWallet(run: Run): Promise<void> {
  const home = await run.context.newPage();
  await home.goto(`${run.walletOrigin}home.html`);
  await home.locator("h1, h2").first().waitFor(PATIENCE);
  await shoot(run, home, "wallet-home");
}

/** The table of one purchase: the paper's steps, who talks to whom, when, how long. */
function report({ title, pressedAt, doneAt, exchanges }: Purchase): void {
  const milliseconds = (value: number) => `${Math.round(value)} ms`;
  const rows = exchanges.map(({ steps, what, between, startedAt, endedAt }) => [
    `  ${steps}`,
    what,
    between,
    startedAt < pressedAt ? "before Pay" : `+${milliseconds(startedAt - pressedAt)}`,
    milliseconds(endedAt - startedAt),
  ]);
  say(`\n${bold(title)}`);
  say(table([["  step", "message", "between", "begins", "takes"], ...rows]));
  say(faint(`  From “Pay” to the receipt: ${milliseconds(doneAt - pressedAt)}.`));
}

/** The money must add up: what the TPS took is what the shop was promised. */
async function settle({ world, output }: Run, before: bigint): Promise<void> {
  const sales = await world.shop.merchant.sales();
  const paid = sales.filter(({ state }) => state === "delivered" || state === "paid");
  assert.equal(paid.length, 3, "The shop does not have three paid sales.");
  const sum = paid.reduce((total, { amount }) => total + amount, 0n);
  const after = await world.balance();
  assert.equal(before - after, sum, "The account was not debited what the shop was promised.");
  const euros = (amount: bigint) => `${formatDecimal(amount, SCALE)} EUR`;
  say(`\n  ${euros(before)} − ${euros(sum)} = ${euros(after)} in the account.`);
  say(`  Screenshots and the e-book: ${output}`);
}

async function shoot({ output }: Run, page: Page, name: string): Promise<void> {
  const path = join(output, `${name}.png`);
  // The whole of the wallet's pages: they are slips of paper, as long as they need to be.
  const fullPage = name.startsWith("wallet-");
  await page.screenshot({ path, fullPage, animations: "disabled", ...PATIENCE });
}

async function describeFailure(run: Run, error: unknown): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  const pages = run.context.pages();
  const seen: string[] = [];
  for (const [index, page] of pages.entries()) {
    const text = await page
      .locator("body")
      .innerText({ timeout: 2_000 })
      .catch(() => "(no text)");
    // A PIN field's content is no text, and nothing secret stands on these pages.
    seen.push(`${page.url().split("#")[0]}: ${text.replace(/\s+/g, " ").slice(0, 300)}`);
    await shoot(run, page, `failure-${index + 1}`).catch(() => undefined);
  }
  return `${message}\n\nOn the screen (pictures in ${run.output}):\n${seen.join("\n")}`;
}
