/** The wallet's pages for everybody: axe finds nothing, and the keyboard suffices. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { openBrowser } from "./support/browser.ts";
import { gate } from "./support/gate.ts";
import { order, pay, payButton, pinField, saveButton, thanks } from "./support/purchase.ts";
import { expect, setUpWallet, test } from "./support/test.ts";

/** WCAG 2.2 AA and axe's own best practices. */
async function expectAccessible(page: Page, what: string): Promise<void> {
  // A wallet's page opens no other page for axe: legacy mode runs inside of this one.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((one) => one.html).join(" ")}`,
  );
  expect(found, what).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in any of the wallet's pages, ${colorScheme}`, async ({
    shop,
    shopper,
    service,
  }) => {
    const browser = await openBrowser({ colorScheme });
    try {
      const setUp = browser.welcome();
      await expect(setUp.getByRole("heading", { name: "Add your account" })).toBeVisible();
      await expectAccessible(setUp, "set-up, the link");
      const pin = await setUpWallet(browser, shopper, (step) =>
        expectAccessible(setUp, `set-up, ${step}`),
      );

      const { window } = await order(browser, shop, "/mug");
      await expect(payButton(window)).toBeVisible();
      await expectAccessible(window, "an offer with an address");
      await window.getByRole("button", { name: "Decline" }).click();

      const answer = gate();
      service.line.interfere(async (_exchange, pass) => {
        await answer.opened;
        return pass();
      });
      const book = await order(browser, shop, "/book");
      await expect(pinField(book.window)).toBeFocused();
      await expectAccessible(book.window, "an offer");
      await pay(book.window, pin);
      await expect(book.window.getByText("Paying …").first()).toBeVisible();
      await expectAccessible(book.window, "a payment under way");
      answer.open();
      await expect(thanks(book.window)).toBeVisible();
      await expectAccessible(book.window, "a receipt");

      const home = await browser.openWallet("home.html#/");
      await expect(home.getByText("Ready to pay")).toBeVisible();
      await expectAccessible(home, "home");
      await home.getByRole("link", { name: /Paper & Ink.*4\.90/ }).click();
      await expect(saveButton(home)).toBeVisible();
      await expectAccessible(home, "a purchase");
      for (const [name, heading] of [
        ["Purchases", "Purchases"],
        ["Addresses", "Addresses"],
        ["Settings", "Settings"],
      ] as const) {
        await home.getByRole("navigation").getByRole("link", { name }).click();
        await expect(home.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
        await expectAccessible(home, name);
      }
    } finally {
      await browser.close();
    }
  });
}

test("a whole purchase with the keyboard alone, address and all", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/mug");
  await expect(payButton(window)).toBeVisible();
  const { keyboard } = window;
  const focused = (name: string) =>
    window.getByLabel(name, { exact: true }).and(window.locator(":focus"));
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 20 && (await focused(name).count()) === 0; presses++) {
      await keyboard.press("Tab");
    }
    await expect(focused(name)).toHaveCount(1);
  };
  for (const [name, text] of [
    ["Full name", "Ada Byron"],
    ["Street and number", "1 Quill Lane"],
    ["Town or city", "London"],
  ] as const) {
    await tabTo(name);
    await keyboard.type(text);
  }
  await tabTo("Country");
  await keyboard.type("United Kingdom");
  await tabTo("PIN");
  await keyboard.type(wallet.pin);
  await keyboard.press("Enter");
  await expect(thanks(window)).toBeVisible();
  await expect(thanks(window)).toBeFocused();
  const closed = window.waitForEvent("close");
  // The window is gone before the key is up again.
  await keyboard.press("Escape").catch(() => undefined);
  await closed;
  expect((await shopper.ledger()).balance).toBe(130_000n);
});
