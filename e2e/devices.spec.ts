/** Several wallets of one account: another computer joins, both are listed in both, one shuts the other out. */
import type { Page } from "@playwright/test";
import { openBrowser, type WalletBrowser } from "./support/browser.ts";
import { OPERATOR, TELEPHONE } from "./support/payment-service.ts";
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

const SECOND = "Desktop in the study";

/** The page of the account's wallets, as its owner gets there. */
async function openDevices(browser: WalletBrowser): Promise<Page> {
  const home = await browser.openWallet("home.html#/");
  await home.getByRole("link", { name: `Manage account ${OPERATOR}` }).click();
  await home.getByRole("link", { name: "Your wallets" }).click();
  await expect(home.getByText("This computer", { exact: true })).toBeVisible();
  return home;
}

/** Makes a link; `before`: the one that the page shows until then. */
async function invite(devices: Page, before = ""): Promise<string> {
  await devices.getByRole("button", { name: /^Make (a|another) link/ }).click();
  const link = devices.getByRole("textbox", { name: "Link for the other computer" });
  await expect(link).not.toHaveValue(before);
  await expect(link).toHaveValue(/\/activate#/);
  return link.inputValue();
}

/** Sets the wallet up with a link, under a name; returns the check number that it shows. */
async function join(page: Page, link: string, name: string): Promise<string> {
  await page.getByRole("textbox", { name: "Activation link or code" }).fill(link);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("textbox", { name: "Name of this device" }).fill(name);
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  return (await page.locator(".check-number").textContent()) ?? "";
}

const device = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

test("a second computer joins by a link, pays, and is shut out from the first: told so, pays nothing, set up anew", async ({
  wallet,
  shop,
  shopper,
}) => {
  test.slow(); // two browsers
  const devices = await openDevices(wallet);
  await expect(devices.getByText("This is the only wallet of the account.")).toBeVisible();
  const link = await invite(devices);
  const other = await openBrowser();
  try {
    const setUp = other.welcome();
    const shown = await join(setUp, link, SECOND);
    // The first one's list notices by itself, and shows the same check number as the new wallet.
    await expect(device(devices, SECOND)).toContainText("to be set by telephone");
    await expect(device(devices, SECOND)).toContainText(shown);
    const { pin, checkNumber } = await shopper.telephone();
    expect(checkNumber).toBe(shown);
    await expect(setUp.getByRole("heading", { name: "Your wallet is ready" })).toBeVisible();

    const first = await order(other, shop, "/note");
    await pay(first.window, pin);
    await expect(thanks(first.window)).toBeVisible();
    const listed = await openDevices(other);
    await expect(device(listed, SECOND)).toContainText("This computer");
    await expect(device(listed, "My computer")).toContainText("none yet");
    expect((await shopper.ledger()).balance).toBe(249_995n);

    await device(devices, SECOND)
      .getByRole("button", { name: `Shut out ${SECOND}` })
      .click();
    await expect(devices.getByText("It can never pay from this account again.")).toBeVisible();
    await devices.getByRole("button", { name: "Yes, shut it out" }).click();
    await expect(device(devices, SECOND)).toHaveCount(0);
    await devices.getByText("1 wallet that was shut out").click();
    await expect(devices.locator("details").getByText(SECOND)).toBeVisible();

    const { window } = await order(other, shop, "/book");
    await pay(window, pin);
    const shutOut = { name: "This device may no longer pay" };
    await expect(window.getByRole("heading", shutOut)).toBeVisible();
    await expect(window.getByText("It is final; your money and your other wallets")).toBeVisible();
    await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
    await expect(payButton(window)).toHaveCount(0);
    await listed.reload();
    await expect(listed.getByRole("heading", shutOut)).toBeVisible();
    expect((await shopper.ledger()).balance).toBe(249_995n);
    await window.getByRole("button", { name: "Decline" }).click();

    // The first is not touched, and invites it again: the same computer, another device.
    const again = await order(wallet, shop, "/note");
    await pay(again.window, wallet.pin);
    await expect(thanks(again.window)).toBeVisible();
    const anew = await other.openWallet("home.html#/setup");
    await join(anew, await invite(devices, link), "Desktop, set up anew");
    const home = await other.openWallet("home.html#/");
    await expect(home.getByRole("heading", { name: "One call to go" })).toBeVisible();
    await expect(home.getByRole("heading", shutOut)).toHaveCount(0);
  } finally {
    await other.close();
  }
  const { devices: all } = await shopper.ledger();
  expect(all.map(({ name, state, count }) => ({ name, state, count }))).toEqual(
    expect.arrayContaining([
      { name: "My computer", state: "active", count: 1 },
      { name: SECOND, state: "revoked", count: 1 },
      { name: "Desktop, set up anew", state: "active", count: 0 },
    ]),
  );
});

test("a wallet shuts itself out, is warned first, and can be removed then", async ({
  wallet,
  shopper,
  service,
}) => {
  const devices = await openDevices(wallet);
  const state = async () => (await shopper.ledger()).devices.map((one) => one.state);
  const shutOut = devices.getByRole("button", { name: "Shut out My computer" });
  const sure = devices.getByRole("button", { name: "Yes, shut it out" });
  await shutOut.click();
  await expect(
    devices.getByText("Shut out this wallet? You can never pay with it again."),
  ).toBeVisible();
  await devices.getByRole("button", { name: "Cancel" }).click();

  // Without the operator nothing is changed, and said so.
  service.line.interfere(async ({ path }, pass) => (path === "/v1/devices" ? "lost" : pass()));
  await shutOut.click();
  await sure.click();
  await expect(devices.getByText("Your operator does not answer")).toBeVisible();
  expect(await state()).toEqual(["active"]);
  await service.line.reset();

  await shutOut.click();
  await sure.click();
  await expect(
    devices.getByRole("heading", { name: "This device may no longer pay" }),
  ).toBeVisible();
  expect(await state()).toEqual(["revoked"]);
  await devices.getByRole("link", { name: "Account", exact: true }).click();
  await devices.getByRole("button", { name: "Remove from this wallet" }).click();
  await devices.getByRole("button", { name: "Yes, remove it" }).click();
  await expect(devices.getByRole("heading", { name: "Welcome to Chit" })).toBeVisible();
});
