/** The merchant's side of a refund: decided in the back office, sent in a batch, settled, and nothing left over. */
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { operate } from "./support/operator.ts";
import { order, pay, saveButton, thanks } from "./support/purchase.ts";
import { openShop, type Shop } from "./support/shop.ts";
import { test as base, expect, type ReadyWallet } from "./support/test.ts";

const PATIENT = { timeout: 60_000 };

/** A shop with a back office that nobody else's tests buy in. */
const test = base.extend<{ counter: Shop }>({
  counter: async ({ service }, use) => {
    const shop = await openShop(service.tps, { office: true });
    await use(shop);
    await shop.close();
  },
});

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((one) => one.html).join(" ")}`,
  );
  expect(found, page.url()).toEqual([]);
}

async function buy(wallet: ReadyWallet, shop: Shop, path: string): Promise<Page> {
  const { window } = await order(wallet, shop, path);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await expect(saveButton(window)).toBeVisible(PATIENT);
  await window.close();
  return wallet.openWallet("home.html#/purchases");
}

/** Presses a button of the back office and waits for what it says. */
async function press(office: Page, button: string | RegExp, notice: string): Promise<void> {
  await office.getByRole("button", { name: button }).click();
  await expect(office.getByRole("status")).toHaveText(notice, PATIENT);
}

const section = (office: Page, name: string) =>
  office.getByRole("navigation").getByRole("link", { name }).click();

test("a refund that a shopper asks for is decided, sent, settled; both sides agree, and nothing is left over", async ({
  wallet,
  shopper,
  counter: shop,
  service,
}, info) => {
  test.setTimeout(240_000);
  const home = await buy(wallet, shop, "/book");
  await home.getByRole("link", { name: /A Short History/ }).click();
  await home.getByRole("link", { name: "Return, or money back" }).click();
  await home.getByRole("combobox", { name: "Why?" }).selectOption({ label: "It is damaged" });
  await home.getByRole("textbox", { name: "What should the shop know?" }).fill("Page 7 is <b>.");
  await home.getByRole("button", { name: "Ask the shop" }).click();
  await expect(home.getByText("The shop is deciding about €4.90")).toBeVisible(PATIENT);

  const office = await wallet.context.newPage();
  await office.goto(`${shop.origin}/office`);
  await expectAccessible(office);
  await office.getByRole("link", { name: "Refunds to decide: 1" }).click();
  await expect(office.getByText("Page 7 is <b>.")).toBeVisible();
  await expectAccessible(office);
  await office.getByRole("textbox", { name: /^Give back in all/ }).fill("2.90");
  await office.getByRole("textbox", { name: "Message to the shopper" }).fill("For page 7.");
  await press(
    office,
    /^Accept the refund/,
    "The refund is ordered. It goes to the operator with the next batch.",
  );

  await section(office, "Settlement");
  const batches = "The batches are through as far as the operator has answered.";
  await press(office, "Run a batch now", batches);
  await service.tps.runChores();
  await press(office, "Run a batch now", batches);
  await home.evaluate(() => window.dispatchEvent(new Event("focus")));
  await expect(home.getByText("€2.90 is back")).toBeVisible(PATIENT);
  await expect(home.getByText("For page 7.")).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(250_000n - 20_000n);

  await operate(service, "settle");
  await press(office, "Fetch reports now", "The settlement reports are here.");
  await expectAccessible(office);
  await office.getByRole("region", { name: "Settlement reports" }).getByRole("link").click();
  await expect(office.getByRole("region", { name: "Entries" }).getByRole("row")).toHaveCount(3);
  await expectAccessible(office);
  const downloading = office.waitForEvent("download");
  await office.getByRole("link", { name: "Download CSV" }).click();
  const csv = info.outputPath("settlement.csv");
  await (await downloading).saveAs(csv);
  expect((await readFile(csv, "utf8")).trim().split("\r\n")).toHaveLength(3);

  await section(office, "Sales");
  await expectAccessible(office);
  await office.getByRole("region", { name: "Sales" }).getByRole("link").first().click();
  await expect(office.getByText("The operator gave back €2.90")).toBeVisible();
  await expectAccessible(office);
  await section(office, "Reconciliation");
  await expect(office.getByText("Everything adds up.")).toBeVisible();
  await expectAccessible(office);
  await section(office, "Open quotes");
  await expectAccessible(office);
});
