/** Backups: made on one computer, restored on another; nothing bought is lost, and no account is in two places. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { openBrowser, type WalletBrowser } from "./support/browser.ts";
import { gate } from "./support/gate.ts";
import type { Shopper } from "./support/payment-service.ts";
import { order, pay, saveButton, savedBytes, thanks } from "./support/purchase.ts";
import { BOOK } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";

// Two wallets, two or three purchases, and a derivation made to be slow, in each test.
test.slow();

const PAYMENTS = "/v1/payments";
const PATIENT = { timeout: 30_000 };

/** Makes a backup with the suggested passphrase and returns both. */
async function backUp(
  browser: WalletBrowser,
  folder: string,
  withGoods = false,
): Promise<{ file: string; passphrase: string }> {
  const page = await browser.openWallet("home.html#/backup");
  const passphrase = (await page.locator("[data-passphrase]").textContent()) ?? "";
  expect(passphrase).toMatch(/^([0-9a-z]{4}-){4}[0-9a-z]{4}$/);
  if (withGoods) await page.getByRole("checkbox", { name: /^Include what you bought/ }).check();
  await page.getByRole("checkbox", { name: "I have written it down" }).check();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the backup" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^chit-wallet-\d{4}-\d\d-\d\d\.chitbackup$/);
  const file = join(folder, download.suggestedFilename());
  await download.saveAs(file);
  // What its passphrase costs whoever tries them all.
  expect((await readFile(file)).subarray(0, 150).toString("latin1")).toContain(
    '"name":"argon2id","memory":65536,"passes":3,"lanes":4',
  );
  await expect(page.getByRole("heading", { name: "Backup saved" })).toBeVisible();
  await expect(page.getByText("Made without")).toHaveCount(0);
  await page.close();
  return { file, passphrase };
}

/** Restores all of it; the page shows then what was new. */
async function restore(
  browser: WalletBrowser,
  backup: { file: string; passphrase: string },
): Promise<Page> {
  const page = await browser.openWallet("home.html#/restore");
  await page.getByLabel("Backup file").setInputFiles(backup.file);
  await page.getByLabel("Passphrase", { exact: true }).fill(backup.passphrase);
  await page.getByRole("button", { name: "Open the backup" }).click();
  await expect(page.getByRole("heading", { name: "This is in the backup" })).toBeVisible(PATIENT);
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Restored" })).toBeVisible(PATIENT);
  return page;
}

/** From "Connect again" to a wallet that can pay; returns its PIN. */
async function connectAgain(page: Page, shopper: Shopper): Promise<string> {
  await page.getByRole("link", { name: "Connect again" }).click();
  await expect(page.getByRole("heading", { name: "Is this your operator?" })).toBeVisible();
  await page.getByRole("textbox", { name: "Name of this device" }).fill("New computer");
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(page.getByRole("heading", { name: "Now call for your PIN" })).toBeVisible();
  const shown = await page.locator(".check-number").first().textContent();
  const { pin, checkNumber } = await shopper.telephone();
  expect(shown).toContain(checkNumber);
  await expect(page.getByRole("heading", { name: "Your wallet is ready" })).toBeVisible(PATIENT);
  return pin;
}

async function withBrowser(work: (next: WalletBrowser) => Promise<void>) {
  const next = await openBrowser();
  try {
    await work(next);
  } finally {
    await next.close();
  }
}

async function receipt(browser: WalletBrowser): Promise<Page> {
  const home = await browser.openWallet("home.html#/purchases");
  await home
    .getByRole("link", { name: /Paper & Ink/ })
    .first()
    .click();
  return home;
}

const payments = async (shopper: Shopper) =>
  (await shopper.ledger()).movements.filter(({ kind }) => kind === "payment");

test("a new computer has the old one's purchases, gets what was paid and not delivered, and pays with a PIN of its own", async ({
  wallet,
  shop,
  shopper,
}, { outputDir }) => {
  let silent = true;
  shop.line.interfere(async (exchange, pass) =>
    silent && exchange.path === "/chit/proof" ? "lost" : pass(),
  );
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("You have paid. The shop has not answered yet.")).toBeVisible();
  const backup = await backUp(wallet, outputDir);
  await wallet.context.close();
  silent = false;

  await withBrowser(async (next) => {
    const page = await restore(next, backup);
    // The goods need no account: the proof and the session are enough.
    const bought = await receipt(next);
    await expect(saveButton(bought)).toBeVisible(PATIENT);
    expect((await savedBytes(bought)).equals(BOOK)).toBe(true);
    expect(await payments(shopper)).toHaveLength(1);

    const pin = await connectAgain(page, shopper);
    const again = await order(next, shop, "/note");
    await pay(again.window, pin);
    await expect(thanks(again.window)).toBeVisible(PATIENT);
    const { devices, movements } = await shopper.ledger();
    expect(movements.filter(({ kind }) => kind === "payment")).toHaveLength(2);
    expect(devices.map(({ name, count }) => ({ name, count }))).toContainEqual({
      name: "New computer",
      count: 1,
    });
    expect(devices).toHaveLength(2);
  });
});

test("the reply to a payment is lost and so is the computer: restored from a backup it is one debit, and the goods come", async ({
  wallet,
  shop,
  service,
  shopper,
}, { outputDir }) => {
  const arrived = gate();
  let losing = true;
  service.line.interfere(async (exchange, pass) => {
    const reply = await pass();
    if (exchange.path !== PAYMENTS || !losing) return reply;
    arrived.open();
    return "lost";
  });
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await arrived.opened;
  await expect(window.getByText("We are checking your payment")).toBeVisible();
  const backup = await backUp(wallet, outputDir);
  await wallet.context.close();
  losing = false;

  await withBrowser(async (next) => {
    const page = await restore(next, backup);
    const bought = await receipt(next);
    await expect(saveButton(bought)).toBeVisible(PATIENT);
    const bodies = service.line.to(PAYMENTS).map(({ body }) => body.toString("base64"));
    expect(bodies.length).toBeGreaterThanOrEqual(2);
    expect(new Set(bodies).size).toBe(1);
    expect(await payments(shopper)).toHaveLength(1);

    // The old device's payment has not moved the new one's count: its first payment goes through.
    const pin = await connectAgain(page, shopper);
    const again = await order(next, shop, "/note");
    await pay(again.window, pin);
    await expect(thanks(again.window)).toBeVisible(PATIENT);
    expect(await payments(shopper)).toHaveLength(2);
  });
});

test("goods that were put into a backup are on the new computer, though the shop is gone", async ({
  wallet,
  shop,
}, { outputDir }) => {
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  const without = await backUp(wallet, join(outputDir, "without"));
  const backup = await backUp(wallet, join(outputDir, "with"), true);
  await wallet.context.close();
  await shop.line.cut();
  await withBrowser(async (next) => {
    await restore(next, without);
    const bought = await receipt(next);
    await expect(saveButton(bought)).toHaveCount(0);
    await bought.close();
    const page = await restore(next, backup);
    await expect(page.getByText("1 copy of goods")).toBeVisible();
    expect((await savedBytes(await receipt(next))).equals(BOOK)).toBe(true);
  });
});

test("threat 8: an old backup restored over the living wallet changes nothing about the account", async ({
  wallet,
  shop,
  shopper,
}, { outputDir }) => {
  const first = await order(wallet, shop, "/note");
  await pay(first.window, wallet.pin);
  await expect(thanks(first.window)).toBeVisible(PATIENT);
  const old = await backUp(wallet, outputDir, true);
  expect((await readFile(old.file)).subarray(0, 12).toString()).toBe("chit-backup\n");
  const second = await order(wallet, shop, "/book");
  await pay(second.window, wallet.pin);
  await expect(thanks(second.window)).toBeVisible(PATIENT);

  const restored = await restore(wallet, old);
  await expect(restored.getByText("Everything in the backup was here already.")).toBeVisible();
  await expect(restored.getByRole("link", { name: "Connect again" })).toHaveCount(0);

  const third = await order(wallet, shop, "/note");
  await pay(third.window, wallet.pin);
  await expect(thanks(third.window)).toBeVisible(PATIENT);
  const { devices } = await shopper.ledger();
  expect(devices).toMatchObject([{ state: "active", count: 3, wrongPins: 0 }]);
  expect(await payments(shopper)).toHaveLength(3);
});
