/** Someone else pays: one wallet shares a link, another pays; goods and address are the first one's business alone. */
import { AxeBuilder } from "@axe-core/playwright";
import { chromium, type Page } from "@playwright/test";
import { browserFlags, findBrowser } from "../scripts/find-browser.ts";
import { HOME, writeAddress } from "./support/address.ts";
import { openBrowser, type WalletBrowser } from "./support/browser.ts";
import { gate } from "./support/gate.ts";
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import { expect, setUpWallet, test } from "./support/test.ts";

/** Presses "Let someone else pay", and reads the link. */
async function share(window: Page): Promise<string> {
  await window.getByRole("button", { name: "Let someone else pay" }).click();
  await expect(window.getByRole("img", { name: "QR code of the link" })).toBeVisible();
  return window.getByRole("textbox", { name: "Link" }).inputValue();
}

/** Opens a link; the wallet's window opens by itself. */
async function openLink(browser: WalletBrowser, link: string) {
  const page = await browser.context.newPage();
  const opened = browser.nextWindow();
  await page.goto(link);
  return { page, window: await opened };
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html)}`)).toEqual([]);
}

test("a friend pays: the goods come to whoever asked, and the friend's wallet hears of no address and no goods", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const friend = await openBrowser();
  try {
    const friends = await service.openShopper();
    const pin = await setUpWallet(friend, friends);
    const { window } = await order(wallet, shop, "/mug");
    await writeAddress(window);
    const link = await share(window);
    await expectAccessible(window);

    await test.step("somebody without a wallet can read the page", async () => {
      const plain = await chromium.launch({
        executablePath: findBrowser()?.path ?? "",
        args: [...browserFlags],
      });
      const page = await (await plain.newContext({ locale: "de-DE" })).newPage();
      await page.goto(link);
      await expect(page.getByRole("heading", { name: "Jemand bittet Sie" })).toBeVisible();
      await expect(page.getByText("12,00 €").first()).toBeVisible();
      await expect(page.getByRole("link", { name: "Geldbörse holen" })).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      await plain.close();
    });

    const seen = shop.line.exchanges.length;
    const paying = await openLink(friend, link);
    await expect(
      paying.window.getByRole("heading", { name: "You pay for somebody else" }),
    ).toBeVisible();
    await expect(paying.window.getByText("Mug", { exact: true })).toBeVisible();
    await expect(paying.window.getByRole("textbox", { name: "Full name" })).toHaveCount(0);
    await expectAccessible(paying.window);
    await pay(paying.window, pin);
    await expect(paying.window.getByRole("heading", { name: /^Paid\. How kind/ })).toBeVisible();
    await expect(paying.page.getByText("What was bought goes to whoever")).toBeVisible();
    await expectAccessible(paying.window);

    // The initiator's window notices by itself.
    await expect(thanks(window)).toBeVisible({ timeout: 20_000 });
    await expect(window.getByText("Leaves tomorrow.")).toBeVisible();
    await expect(window.getByText("somebody else")).toBeVisible();
    expect((await shopper.ledger()).balance).toBe(250_000n);
    expect((await friends.ledger()).balance).toBe(130_000n);

    // What the shop told anybody but the initiator names neither address nor delivery.
    const own = shop.line.exchanges
      .slice(seen)
      .filter(({ path, body }) => path === "/chit/proof" && body.includes('"mac"'));
    expect(own.length).toBeGreaterThan(0);
    for (const exchange of shop.line.exchanges.slice(seen)) {
      if (own.includes(exchange)) continue;
      const told = String(exchange.reply?.body);
      for (const secret of [HOME.name, HOME.street, "Leaves tomorrow", "shipping-advice"]) {
        expect(told.includes(secret), `${exchange.path}: ${secret}`).toBe(false);
      }
    }
    const home = await friend.openWallet("home.html#/");
    await home.getByRole("link", { name: /Paper & Ink/ }).click();
    await expect(home.getByText("Paid for somebody else").first()).toBeVisible();
    for (const secret of [HOME.name, HOME.street, "Leaves tomorrow"]) {
      await expect(home.getByText(secret)).toHaveCount(0);
    }

    // Whoever opens the link now is told that nothing is to be paid.
    await paying.page.reload();
    await expect(paying.page.getByRole("heading", { name: "This is paid already" })).toBeVisible();
  } finally {
    await friend.close();
  }
});

test("threat 15: a friend and the initiator both pay: one delivery, and the refund returns both", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const friend = await openBrowser();
  try {
    const friends = await service.openShopper();
    const pin = await setUpWallet(friend, friends);
    const { window } = await order(wallet, shop, "/book");
    const paying = await openLink(friend, await share(window));
    // The friend's payment is on its way when the initiator thinks better of it.
    const [arrived, mayGo] = [gate(), gate()];
    service.line.interfere(async (exchange, pass) => {
      if (exchange.path !== "/v1/payments") return pass();
      if (service.line.to("/v1/payments").length > 1) return pass();
      arrived.open();
      await mayGo.opened;
      return pass();
    });
    await pay(paying.window, pin);
    await arrived.opened;
    await window.getByRole("button", { name: "Pay it myself" }).click();
    await expect(payButton(window)).toBeVisible();
    await pay(window, wallet.pin);
    await expect(thanks(window)).toBeVisible();
    mayGo.open();
    await expect(
      paying.window.getByRole("heading", { name: "Somebody had paid before you" }),
    ).toBeVisible();

    const [sale] = await shop.merchant.sales();
    expect(sale).toMatchObject({ state: "delivered", payments: [{}, {}] });
    expect(shop.line.to("/chit/goods")).toHaveLength(1);
    const price = 49_000n;
    for (const one of [shopper, friends]) {
      expect((await one.ledger()).balance).toBe(250_000n - price);
    }

    await shop.merchant.refund(sale?.transactionNumber ?? "");
    await shop.merchant.runBatch();
    await service.tps.runChores();
    expect(await shop.merchant.runBatch()).toMatchObject({ refused: [], rejected: [] });
    for (const one of [shopper, friends]) {
      expect((await one.ledger()).balance).toBe(250_000n);
    }
  } finally {
    await friend.close();
  }
});
