/** What was bought is got again from the shop: after its copy was deleted, its keys expired, or the computer was lost. */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { openBrowser, type WalletBrowser } from "./support/browser.ts";
import { order, pay, saveButton, savedBytes, thanks } from "./support/purchase.ts";
import { BOOK, openShop, type Shop } from "./support/shop.ts";
import { test as base, expect, type ReadyWallet } from "./support/test.ts";

const DAY = 86_400;
const PATIENT = { timeout: 30_000 };

/** A shop whose days go by when the test says so. */
interface AgingShop extends Shop {
  age(days: number): void;
}

const test = base.extend<{ aging: AgingShop }>({
  aging: async ({ service }, use) => {
    let later = 0;
    const clock = () => Math.floor(Date.now() / 1000) + later;
    const shop = await openShop(service.tps, { clock });
    const age = (days: number) => {
      later += days * DAY;
    };
    await use({ ...shop, age });
    await shop.close();
  },
});

async function buyBook(wallet: ReadyWallet, shop: Shop): Promise<void> {
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await window.close();
}

/** The purchase's page; its link in the list. */
async function receipt(browser: WalletBrowser): Promise<Page> {
  const home = await browser.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  return home;
}

async function removeCopy(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Remove the wallet’s copy" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("The wallet keeps no copy of this.")).toBeVisible();
  await expect(saveButton(page)).toHaveCount(0);
}

const againButton = (page: Page) =>
  page.getByRole("button", { name: "Get it again from the shop" });

/** Presses the button; the same bytes are there. */
async function getAgain(page: Page): Promise<void> {
  await againButton(page).click();
  await expect(saveButton(page)).toBeVisible(PATIENT);
  await expect(againButton(page)).toHaveCount(0);
  expect((await savedBytes(page)).equals(BOOK)).toBe(true);
}

/** The endpoints that the wallet went to, in order, from the first recovery on. */
const visited = ({ line }: Shop) => {
  const paths = line.exchanges.map(({ path }) => path).filter((path) => path.startsWith("/chit/"));
  return paths.slice(paths.indexOf("/chit/recovery"));
};

test("a copy that was deleted is got again, also when the shop has let the first keys expire; nothing is paid for it", async ({
  wallet,
  aging,
  shopper,
}) => {
  await buyBook(wallet, aging);
  const page = await receipt(wallet);
  await removeCopy(page);
  await getAgain(page);
  expect(visited(aging)).toEqual(["/chit/recovery", "/chit/goods"]);

  await removeCopy(page);
  aging.age(31);
  await getAgain(page);
  const { movements } = await shopper.ledger();
  expect(movements.filter(({ kind }) => kind === "payment")).toHaveLength(1);
  // What travelled is under other keys each time.
  const bodies = aging.line.to("/chit/goods").map(({ reply }) => reply?.body.toString("base64"));
  expect(new Set(bodies).size).toBe(3);
});

test("a shop whose time for that is over says so in words, and so does one that is silent", async ({
  wallet,
  aging,
}) => {
  await buyBook(wallet, aging);
  const page = await receipt(wallet);
  await removeCopy(page);
  aging.line.interfere(async ({ path }, pass) => (path === "/chit/recovery" ? "lost" : pass()));
  await againButton(page).click();
  await expect(page.getByText("The shop does not answer", { exact: true })).toBeVisible(PATIENT);
  aging.line.interfere(async (_exchange, pass) => pass());
  aging.age(3 * 365);
  await againButton(page).click();
  await expect(page.getByText("The shop does not give this again any more")).toBeVisible(PATIENT);
  await expect(saveButton(page)).toHaveCount(0);
});

test("on a new computer, from a backup without the goods, the shop gives them again", async ({
  wallet,
  aging,
}, { outputDir }) => {
  test.slow();
  await buyBook(wallet, aging);
  const backing = await wallet.openWallet("home.html#/backup");
  const passphrase = (await backing.locator("[data-passphrase]").textContent()) ?? "";
  await backing.getByRole("checkbox", { name: "I have written it down" }).check();
  const downloading = backing.waitForEvent("download");
  await backing.getByRole("button", { name: "Save the backup" }).click();
  const file = join(outputDir, "wallet.chitbackup");
  await (await downloading).saveAs(file);
  await wallet.context.close();
  aging.age(31);

  const next = await openBrowser();
  try {
    const restoring = await next.openWallet("home.html#/restore");
    await restoring.getByLabel("Backup file").setInputFiles(file);
    await restoring.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await restoring.getByRole("button", { name: "Open the backup" }).click();
    await restoring.getByRole("button", { name: "Restore", exact: true }).click(PATIENT);
    await expect(restoring.getByRole("heading", { name: "Restored" })).toBeVisible(PATIENT);
    await getAgain(await receipt(next));
  } finally {
    await next.close();
  }
});
