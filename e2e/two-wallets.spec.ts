/** One account, two computers: each wallet has a key, a PIN and a count of its own; the balance is one. */
import { linkDevice } from "@chit/tps-server";
import type { Page } from "@playwright/test";
import { openBrowser } from "./support/browser.ts";
import { gate } from "./support/gate.ts";
import { expectNextIsPaid, PAYMENTS } from "./support/losses.ts";
import { order, pay, thanks } from "./support/purchase.ts";
import { expect, setUpWallet, test } from "./support/test.ts";

const missing = (window: Page) =>
  window.getByRole("heading", { name: "Not enough money on the account" });

test("two wallets of one account pay at once for more than there is: one is paid, the other told; both agree with the ledger", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { line } = service;
  const desktop = await openBrowser();
  try {
    const activationLink = await linkDevice(service.tps.deps, shopper.accountId);
    const pin = await setUpWallet(desktop, { ...shopper, activationLink });
    const sides = [
      { browser: wallet, pin: wallet.pin, path: "/left" },
      { browser: desktop, pin, path: "/right" },
    ];
    // 25.00 are there, each costs 15.00.
    const windows = await Promise.all(
      sides.map(async ({ browser, path }) => {
        await shop.publishQuote(path, {
          name: "A print",
          price: "15.00",
          goods: [{ content: "print" }],
        });
        return (await order(browser, shop, path)).window;
      }),
    );
    const both = gate();
    line.interfere(async (exchange, pass) => {
      if (exchange.path !== PAYMENTS) return pass();
      if (line.to(PAYMENTS).length === 2) both.open();
      await both.opened;
      return pass();
    });
    await Promise.all(windows.map((window, side) => pay(window, sides[side]?.pin ?? "")));
    for (const window of windows) await expect(thanks(window).or(missing(window))).toBeVisible();
    const paid = await Promise.all(windows.map((window) => thanks(window).isVisible()));
    expect(paid.toSorted()).toEqual([false, true]);
    const told = windows[paid.indexOf(false)] as Page;
    await expect(told.getByText("You have €10.00; €5.00 are missing.")).toBeVisible();
    await expect(told.getByText("Nothing was paid.", { exact: true })).toBeVisible();

    expect(await shopper.ledger()).toMatchObject({
      balance: 100_000n,
      devices: [
        { count: 1, wrongPins: 0 },
        { count: 1, wrongPins: 0 },
      ],
    });
    for (const { browser } of sides) {
      const home = await browser.openWallet("home.html#/");
      await expect(home.getByText("€10.00").first()).toBeVisible();
      await home.close();
    }
    for (const { browser, pin: own } of sides) {
      await expectNextIsPaid(browser, { shop, shopper, line }, own);
    }
  } finally {
    await desktop.close();
  }
});

test("two wallets of one account have a PIN each: the other's is a wrong one, and locks the one that tried it", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const desktop = await openBrowser();
  try {
    const activationLink = await linkDevice(service.tps.deps, shopper.accountId);
    const pin = await setUpWallet(desktop, { ...shopper, activationLink });
    const { window } = await order(desktop, shop, "/note");
    for (const left of ["4 tries", "3 tries", "2 tries", "One try"]) {
      await pay(window, wallet.pin);
      await expect(window.getByText(new RegExp(`${left} left`))).toBeVisible();
    }
    await pay(window, wallet.pin);
    await expect(window.getByText("Your PIN is locked")).toBeVisible();
    // The laptop goes on paying with its own.
    await expectNextIsPaid(wallet, { shop, shopper, line: service.line }, wallet.pin);
    const { devices } = await shopper.ledger();
    expect(devices.map((device) => device.pin).toSorted()).toEqual(["active", "locked"]);
    expect(pin).not.toBe(wallet.pin);
  } finally {
    await desktop.close();
  }
});
