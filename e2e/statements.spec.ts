/** The month's statement in the wallet: it adds up, says what was bought, and what is saved of it proves itself. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { toBase64url } from "@chit/protocol";
import { loadKeyRing } from "@chit/tps-server";
import type { Page } from "@playwright/test";
import type { WalletBrowser } from "./support/browser.ts";
import { OPERATOR } from "./support/payment-service.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

const VERIFY = fileURLToPath(new URL("../scripts/verify-statement.mjs", import.meta.url));
const PATIENT = { timeout: 30_000 };

/** The statement of the running month, as its owner gets there. */
async function openStatement(browser: WalletBrowser): Promise<Page> {
  const home = await browser.openWallet("home.html#/");
  await home.getByRole("link", { name: `Manage account ${OPERATOR}` }).click();
  await home.getByRole("link", { name: "Statements" }).click();
  await home.getByRole("link", { name: /still running/ }).click();
  await expect(home.getByText(/Your wallet has checked the signature/)).toBeVisible(PATIENT);
  return home;
}

/** Saves what a button gives; the file's text. */
async function save(page: Page, button: string, file: string): Promise<string> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  await (await downloading).saveAs(file);
  return readFile(file, "utf8");
}

/** Another letter in the middle of a document. */
const spoil = (text: string) =>
  text.slice(0, 300) + (text[300] === "A" ? "B" : "A") + text.slice(301);

test("paid in, bought, paid in again: the statement has each with its balance, as a table and as a signed file that another program verifies", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await shopper.fund(10n);
  const { balance } = await shopper.ledger();

  const page = await openStatement(wallet);
  const rows = page.getByRole("row");
  await expect(rows.nth(1)).toContainText("Money paid in");
  await expect(rows.nth(2)).toContainText("Paper & Ink");
  await expect(rows.nth(2)).toContainText("-€4.90");
  await expect(rows.nth(2)).not.toContainText("another wallet");
  await expect(rows.nth(3)).toContainText("€30.10");
  expect(balance).toBe(301_000n);

  const folder = await mkdtemp(join(tmpdir(), "chit-statement-"));
  try {
    const csv = await save(page, "Save as a table (CSV)", join(folder, "statement.csv"));
    expect(csv.trimEnd().split("\r\n").at(-1)).toContain(",10.00,,30.10,EUR,");
    const file = join(folder, "statement.jws");
    await save(page, "Save signed statement", file);
    const { rootKey, keyList } = await loadKeyRing(service.tps.deps);
    const list = join(folder, "keys.jwt");
    await writeFile(list, keyList.document);
    const verify = (statement: string) =>
      promisify(execFile)(process.execPath, [VERIFY, statement, list, toBase64url(rootKey)]);
    expect(JSON.parse((await verify(file)).stdout)).toMatchObject({
      accountId: shopper.accountId,
      closing: "301000",
      payments: { count: 1, amount: "49000" },
      movements: 3,
    });
    const changed = join(folder, "changed.jws");
    await writeFile(changed, spoil(await readFile(file, "utf8")));
    await expect(verify(changed)).rejects.toMatchObject({ code: 1 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
