/** A new user's week, from an empty account to the month's statement, with the merchant's and the operator's part of it. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { writeAddress } from "./support/address.ts";
import { openBrowser, type WalletBrowser } from "./support/browser.ts";
import { operate } from "./support/operator.ts";
import {
  type PaymentService,
  type Shopper,
  startPaymentService,
} from "./support/payment-service.ts";
import { order, pay, saveButton, savedBytes, thanks } from "./support/purchase.ts";
import { BOOK, openShop, type Shop } from "./support/shop.ts";
import { test as base, expect, type ReadyWallet, setUpWallet } from "./support/test.ts";

const PATIENT = { timeout: 60_000 };
const IBAN = "DE89370400440532013000";

interface Week {
  readonly service: PaymentService;
  readonly shop: Shop;
}

/** Nobody else's payments are in these books. */
const test = base.extend<{ week: Week }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from the pattern.
  week: async ({}, use) => {
    const service = await startPaymentService();
    const shop = await openShop(service.tps);
    await use({ service, shop });
    await shop.close();
    await service.close();
  },
});

async function buy(wallet: ReadyWallet, shop: Shop, path: string): Promise<void> {
  const { page, window } = await order(wallet, shop, path);
  if (path === "/mug") await writeAddress(window);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await window.close();
  await page.close();
}

/** The page of one purchase, by what was bought. */
async function purchasePage(wallet: WalletBrowser, what: RegExp): Promise<Page> {
  const home = await wallet.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: what }).click();
  return home;
}

async function accountPage(wallet: WalletBrowser, link: string): Promise<Page> {
  const home = await wallet.openWallet("home.html#/");
  await home
    .getByRole("link", { name: /Chit Test Bank/ })
    .first()
    .click();
  await home.getByRole("link", { name: link }).click();
  return home;
}

/** Reads the reference in the wallet, and the bank tells the operator of a transfer with it. */
async function payIn(wallet: WalletBrowser, { service }: Week, file: string): Promise<void> {
  await operate(service, "funding", "bank", "--holder", "Chit Test Bank", "--iban", IBAN);
  const page = await accountPage(wallet, "Add money");
  await expect(page.getByText(/DE89/).first()).toBeVisible();
  const [reference] = /RF\d\d[\d ]+\d/.exec(await page.locator("main").innerText()) ?? [];
  await writeFile(
    file,
    `entry,amount,currency,booked,text\n2026-0001,40.00,EUR,2026-11-16,"For me: ${reference?.toLowerCase()}"\n`,
  );
  for (const credited of [1, 0]) {
    expect(await operate(service, "funding", "import", file)).toMatchObject({
      credited: { count: credited },
      unmatched: { count: 0 },
    });
  }
  await page.close();
}

/** One batch: made, taken by the TPS, done in its chores, and its result fetched. */
async function runBatch({ service, shop }: Week): Promise<void> {
  await shop.merchant.runBatch();
  await service.tps.runChores();
  await shop.merchant.runBatch();
}

async function saved(page: Page, button: string, file: string): Promise<string> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  await (await downloading).saveAs(file);
  return readFile(file, "utf8");
}

/** The number of the sale of this thing. */
async function saleOf(shop: Shop, what: string) {
  const sale = (await shop.merchant.sales()).find(({ lines }) => lines[0]?.description === what);
  if (sale === undefined) throw new Error(`Nobody bought ${what}.`);
  return sale;
}

test("fund, buy three things, lose one, get it again, return one, let a friend pay one, the month's statement, one notarized; the merchant's two batches and the settlement; all books agree to the unit", async ({
  week,
  walletBrowser,
}, info) => {
  test.setTimeout(300_000);
  const { service, shop } = week;
  const file = (name: string) => info.outputPath(name);

  // Monday: an account with nothing in it, a wallet, and 40 euros by bank transfer.
  const shopper = await service.openShopper(0n);
  const pin = await setUpWallet(walletBrowser, shopper);
  const wallet: ReadyWallet = { ...walletBrowser, pin };
  await payIn(wallet, week, file("bank.csv"));
  expect((await shopper.ledger()).balance).toBe(400_000n);

  // Tuesday: a book, a mug, a film.
  for (const path of ["/book", "/mug", "/film"]) await buy(wallet, shop, path);
  expect((await shopper.ledger()).balance).toBe(400_000n - 49_000n - 120_000n - 30_000n);

  // Wednesday: the book's copy is gone, and the shop gives it again for nothing.
  const book = await purchasePage(wallet, /A Short History/);
  await book.getByRole("button", { name: "Remove the wallet’s copy" }).click();
  await book.getByRole("button", { name: "Delete" }).click();
  await book.getByRole("button", { name: "Get it again from the shop" }).click();
  await expect(saveButton(book)).toBeVisible(PATIENT);
  expect((await savedBytes(book)).equals(BOOK)).toBe(true);

  // Thursday: the mug goes back. The shop thinks about it, accepts, and its first batch brings the money.
  const mug = await purchasePage(wallet, /Mug/);
  await mug.getByRole("link", { name: "Return, or money back" }).click();
  await mug.getByRole("combobox", { name: "Why?" }).selectOption({ label: "It is damaged" });
  await mug.getByRole("textbox", { name: "What should the shop know?" }).fill("The handle is off.");
  await mug.getByRole("button", { name: "Ask the shop" }).click();
  await expect(mug.getByText("The shop is deciding about €12.00")).toBeVisible(PATIENT);
  const sold = await saleOf(shop, "Mug");
  expect(sold.refund.asked).toMatchObject({ reason: "damaged", text: "The handle is off." });
  await shop.merchant.decideRefund(sold.transactionNumber, { decision: "accept" });
  await runBatch(week);
  await mug.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(mug.getByText("€12.00 is back")).toBeVisible(PATIENT);
  expect((await shopper.ledger()).balance).toBe(400_000n - 49_000n - 30_000n);

  // Friday: a friend pays a note.
  const friendsBalance = await friendPays(week, wallet);

  // Saturday: the shop gives back a part of the film by itself, in its second batch.
  const film = await saleOf(shop, "Film");
  await shop.merchant.refund(film.transactionNumber, { amount: "1.00" });
  await runBatch(week);
  const balance = 400_000n - 49_000n - 30_000n + 10_000n;
  expect((await shopper.ledger()).balance).toBe(balance);
  const home = await wallet.openWallet("home.html#/");
  await expect(home.getByText("€1.00 came back from Paper & Ink")).toBeVisible(PATIENT);
  await expect(home.getByText("€33.10").first()).toBeVisible(PATIENT);

  // Sunday: the settlement; the shop's books and the operator's.
  expect(await operate(service, "settle")).toMatchObject({ cycle: 1, state: "done" });
  await expectBooksToAgree(week);

  // The month's statement adds up to the wallet's balance and is signed; the book's payment is shown to anybody.
  const statement = await accountPage(wallet, "Statements");
  await statement.getByRole("link").filter({ hasText: "still running" }).click();
  await expect(statement.getByText(/Your wallet has checked the signature/)).toBeVisible(PATIENT);
  await expect(statement.getByText("€33.10").first()).toBeVisible();
  const csv = await saved(statement, "Save as a table (CSV)", file("statement.csv"));
  expect(csv.trim().split("\n").length).toBeGreaterThanOrEqual(7);
  expect(csv).toContain("A Short History of the Chit");
  const signed = await saved(statement, "Save signed statement", file("statement.jws"));
  expect(signed.split(".")).toHaveLength(3);
  const notary = file("notarized.txt");
  await saved(await purchasePage(wallet, /A Short History/), "Notarize this payment", notary);
  expect(await verifyOffline(service, notary)).toContain("4.90");

  // Nothing is left over anywhere, and an auditor who computes everything again finds the same.
  expect((await shopper.ledger()).balance).toBe(balance);
  expect(friendsBalance).toBe(250_000n - 5n);
  expect(await operate(service, "audit", "--all")).toMatchObject({
    isSound: true,
    difference: "0",
  });
});

/** Another person's wallet opens the link and pays; what was bought comes to the one who asked. */
async function friendPays({ service, shop }: Week, wallet: ReadyWallet): Promise<bigint> {
  const friendsBrowser = await openBrowser();
  try {
    const friend: Shopper = await service.openShopper(25n);
    const friendsPin = await setUpWallet(friendsBrowser, friend);
    const { window: asking } = await order(wallet, shop, "/note");
    await asking.getByRole("button", { name: "Let someone else pay" }).click();
    const link = await asking
      .getByRole("textbox", { name: "Link" })
      .inputValue({ timeout: 60_000 });
    const opened = friendsBrowser.nextWindow();
    await (await friendsBrowser.context.newPage()).goto(link);
    const paying = await opened;
    await expect(paying.getByText("You pay for somebody else")).toBeVisible(PATIENT);
    await pay(paying, friendsPin);
    await expect(paying.getByText("Paid. How kind of you!")).toBeVisible(PATIENT);
    await asking.evaluate(() => window.dispatchEvent(new Event("focus")));
    await expect(thanks(asking)).toBeVisible(PATIENT);
    expect((await savedBytes(asking)).toString()).toBe("Thank you.");
    return (await friend.ledger()).balance;
  } finally {
    await friendsBrowser.close();
  }
}

/** What the shop sold, gave back and is owed is what the operator's signed report says; nothing is left to look into. */
async function expectBooksToAgree({ shop }: Week): Promise<void> {
  await shop.merchant.fetchReports();
  const [report] = await shop.merchant.reports();
  expect(report).toMatchObject({
    cycle: 1,
    opening: 0n,
    payments: { count: 4, amount: 49_000n + 120_000n + 30_000n + 5n },
    refunds: { count: 2, amount: 120_000n + 10_000n },
    heldBack: { count: 0, amount: 0n },
  });
  const sales = (await shop.merchant.sales()).filter(({ paidAt }) => paidAt !== null);
  const sold = sales.reduce((sum, { amount }) => sum + amount, 0n);
  const given = sales.reduce((sum, { refund }) => sum + refund.given, 0n);
  expect({ sold, given }).toEqual({
    sold: report?.payments.amount,
    given: report?.refunds.amount,
  });
  expect((await shop.merchant.reconcile()).findings).toEqual([]);
}

/** Runs the verifier as somebody would who has the file and the operator's root key, and no network. */
async function verifyOffline(service: PaymentService, file: string): Promise<string> {
  const keys = (await operate(service, "keys", "list")) as { purpose: string; publicKey: string }[];
  const rootKey = keys.find(({ purpose }) => purpose === "root")?.publicKey ?? "";
  const { stdout } = await promisify(execFile)(process.execPath, [
    VERIFIER,
    file,
    "--root-key",
    rootKey,
  ]);
  return stdout;
}

const VERIFIER = fileURLToPath(new URL("verify.ts", import.meta.resolve("@chit/merchant")));
