/** First run: from the operator's letter to a wallet that can pay. */
import { openBrowser } from "./support/browser.ts";
import { OPERATOR, TELEPHONE } from "./support/payment-service.ts";
import { order, payButton } from "./support/purchase.ts";
import { activate, expect, test } from "./support/test.ts";

const link = (page: import("@playwright/test").Page) =>
  page.getByRole("textbox", { name: "Activation link or code" });

test("a new wallet opens its set-up; link, check number by telephone, ready", async ({
  walletBrowser,
  shopper,
}) => {
  const page = walletBrowser.welcome();
  await expect(page.getByText("Step 1 of 3")).toBeVisible();
  await link(page).fill(shopper.activationLink);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("Step 2 of 3")).toBeVisible();
  await expect(page.getByText(OPERATOR)).toBeVisible();
  await expect(page.getByText(TELEPHONE)).toBeVisible();
  await page.getByRole("textbox", { name: "Name of this device" }).fill("Laptop at home");
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(page.getByText("Step 3 of 3")).toBeVisible();
  await expect(page.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  const shown = await page.locator(".check-number").textContent();
  expect(shown).toMatch(/^[0-9]{4}$/);

  const { pin, checkNumber } = await shopper.telephone();
  expect(checkNumber).toBe(shown);
  expect(pin).toMatch(/^[0-9]{6}$/);
  // It notices by itself.
  await expect(page.getByRole("heading", { name: "Your wallet is ready" })).toBeVisible();
  await page.getByRole("link", { name: "Go to my wallet" }).click();
  await expect(page.getByText("Ready to pay")).toBeVisible();
  await expect(page.getByText("€25.00")).toBeVisible();
  expect((await shopper.ledger()).devices).toMatchObject([
    { name: "Laptop at home", state: "active", pin: "active", pinGeneration: 1, count: 0 },
  ]);
});

test("the operator's page leads into the set-up, with its link read already", async ({
  walletBrowser,
  shopper,
}) => {
  const page = await walletBrowser.context.newPage();
  const opened = walletBrowser.context.waitForEvent("page", {
    predicate: async (one) => {
      await one.waitForURL(/^(?!about:)/);
      return one.url().includes("#/setup?link=");
    },
  });
  await page.goto(shopper.activationLink);
  const setUp = await opened;
  await expect(setUp.getByRole("heading", { name: "Is this your operator?" })).toBeVisible();
  await expect(setUp.getByText(OPERATOR)).toBeVisible();
  await setUp.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(setUp.getByRole("heading", { name: "Now call for your PIN" })).toBeVisible();
  expect((await shopper.ledger()).devices).toHaveLength(1);
});

test("before there is a PIN, the payment window says which number to call", async ({
  walletBrowser,
  shopper,
  shop,
}) => {
  await activate(walletBrowser.welcome(), shopper.activationLink);
  const { window } = await order(walletBrowser, shop, "/book");
  await expect(window.getByText("One call to go")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
  await shopper.telephone();
  await expect(window.getByText("Your PIN is set. You can pay now.").last()).toBeVisible();
  await expect(payButton(window)).toBeVisible();
});

test("a link works once; the second wallet is told so in words", async ({
  walletBrowser,
  shopper,
}) => {
  await activate(walletBrowser.welcome(), shopper.activationLink);
  const other = await openBrowser();
  try {
    const page = other.welcome();
    await link(page).fill(shopper.activationLink);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Yes, add this account" }).click();
    await expect(page.getByText("This link was used before")).toBeVisible();
    await expect(page.getByText("Each link works once.")).toBeVisible();
  } finally {
    await other.close();
  }
  expect((await shopper.ledger()).devices).toHaveLength(1);
});

test("the code of a printed letter does as well, with the operator's address", async ({
  walletBrowser,
  shopper,
}) => {
  const [address = "", code = ""] = shopper.activationLink.split("/activate#");
  const page = walletBrowser.welcome();
  await link(page).fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("Please enter the operator’s web address.")).toBeVisible();
  await page.getByRole("textbox", { name: "The operator’s web address" }).fill(`${address}/`);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "Is this your operator?" })).toBeVisible();
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(page.getByRole("heading", { name: "Now call for your PIN" })).toBeVisible();
});

test("a lost answer to the activation loses nothing: asked again, it is the same device", async ({
  walletBrowser,
  shopper,
  service,
}) => {
  const page = walletBrowser.welcome();
  service.line.interfere(async (exchange, pass) => {
    if (exchange.path !== "/v1/activations") return pass();
    await pass();
    return "lost";
  });
  await link(page).fill(shopper.activationLink);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(page.getByText("Your operator does not answer")).toBeVisible();
  service.line.reset();
  await page.getByRole("button", { name: "Yes, add this account" }).click();
  await expect(page.getByRole("heading", { name: "Now call for your PIN" })).toBeVisible();
  expect((await shopper.ledger()).devices).toHaveLength(1);
});

test("a text that is no link is refused in words", async ({ walletBrowser }) => {
  const page = walletBrowser.welcome();
  await link(page).fill("https://bank.example/activate#nothing");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("This link does not work")).toBeVisible();
});

test("auf Deutsch, from the first page to the receipt", async ({ shop, shopper }) => {
  const browser = await openBrowser({ language: "de" });
  try {
    const page = browser.welcome();
    await page.getByRole("textbox", { name: "Aktivierungs" }).fill(shopper.activationLink);
    await page.getByRole("button", { name: "Weiter" }).click();
    await page.locator("button[type=submit]").click();
    await expect(page.locator(".check-number")).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    const { pin } = await shopper.telephone();
    const { window } = await order(browser, shop, "/book");
    await window.locator("input[name=chit-pin]").fill(pin);
    await window.getByRole("button", { name: "4,90 € bezahlen" }).click();
    await expect(window.getByRole("heading", { name: /^Danke/ })).toBeVisible();
  } finally {
    await browser.close();
  }
  expect((await shopper.ledger()).balance).toBe(201_000n);
});
