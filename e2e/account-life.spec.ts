/** What keeps an account from paying, and that the wallet carries on without being told when it is over. */
import { setAccountStatus } from "@chit/tps-server";
import { TELEPHONE } from "./support/payment-service.ts";
import { order, pay, payButton, pinField, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

test("a locked PIN: after the call the window asks for the new one, with nothing pressed", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  // As five guesses would bring about.
  await service.tps.deps.database.query(
    `update devices set pin_state = 'locked', failures = 5, modified_pin = null,
            modified_pin_key_id = null
     where account_id = $1`,
    [shopper.accountId],
  );
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("Your PIN is locked")).toBeVisible();
  await expect(window.getByText("The lock keeps anybody from guessing on")).toBeVisible();
  await expect(window.getByText("Choose a new PIN for this wallet.")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);

  const { pin } = await shopper.telephone();
  await expect(window.getByRole("heading", { name: "You have a new PIN" })).toBeVisible();
  await expect(window.getByRole("textbox", { name: "New PIN", exact: true })).toBeFocused();
  await pay(window, pin);
  await expect(thanks(window)).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(201_000n);
});

test("a hold that the wallet knows of: once it is lifted the window goes on to the PIN by itself", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  const { deps } = service.tps;
  await setAccountStatus(deps, shopper.accountId, "held");
  const home = await wallet.openWallet("home.html#/");
  await home.getByRole("link", { name: "Manage account" }).click();
  await home.getByRole("button", { name: "Refresh balance" }).click();
  await expect(home.getByRole("heading", { name: "This account is on hold" })).toBeVisible();
  const { window } = await order(wallet, shop, "/book");
  await expect(window.getByRole("heading", { name: "This account is on hold" })).toBeVisible();
  await expect(window.getByText("by you or by a thief")).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);

  await setAccountStatus(deps, shopper.accountId, "active");
  const said = window.getByRole("status").filter({ hasText: "The hold is lifted." });
  await expect(said).toBeAttached();
  await expect(pinField(window)).toBeFocused();
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  await home.bringToFront();
  await expect(home.getByText("Ready to pay")).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({ balance: 201_000n, devices: [{ count: 1 }] });
});

test("a payment denied for a hold: once it is lifted the window leads back to the shop for a new offer", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  await setAccountStatus(service.tps.deps, shopper.accountId, "held");
  const { page, window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByRole("heading", { name: "This account is on hold" })).toBeVisible();
  await expect(window.getByText("Nothing was paid.")).toBeVisible();

  await setAccountStatus(service.tps.deps, shopper.accountId, "active");
  await expect(window.getByRole("heading", { name: "The hold is lifted." })).toBeVisible();
  const pages = wallet.context.pages().length;
  const opened = wallet.nextWindow();
  const reloaded = page.waitForEvent("load");
  await window.getByRole("button", { name: "Back to the shop" }).click();
  await reloaded;
  const fresh = await opened;
  await pay(fresh, wallet.pin);
  await expect(thanks(fresh)).toBeVisible();
  // The shop's tab was used again; the old window is gone, the new one has come.
  expect(wallet.context.pages()).toHaveLength(pages);
  expect(await shopper.ledger()).toMatchObject({ balance: 201_000n, devices: [{ count: 2 }] });
});

test("a wallet that fell behind is refused without a debit; call, a number misheard, the right one, and it pays", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  const first = await order(wallet, shop, "/note");
  await pay(first.window, wallet.pin);
  await expect(thanks(first.window)).toBeVisible();
  const { balance } = await shopper.ledger();
  // What a copy of the disk would do: the TPS goes on without this wallet.
  await service.tps.deps.database.query(
    "update devices set count = count + 3 where account_id = $1",
    [shopper.accountId],
  );

  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("Somebody may have used your account")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  const count = window.getByRole("textbox", { name: "Number of payments, as you heard it" });
  await expect(count).toHaveCount(0);
  expect((await shopper.ledger()).balance).toBe(balance);

  const { pin, payments } = await shopper.telephone();
  expect(payments).toBe(4);
  await expect(window.getByText("Your new PIN is set.")).toBeVisible();
  for (const [typed, outcome] of [
    ["40", window.getByText("40 was not the right number, so nothing was paid.")],
    [String(payments), thanks(window)],
  ] as const) {
    await count.fill(typed);
    await window.getByRole("button", { name: "Use this number" }).click();
    await pay(window, pin);
    await expect(outcome).toBeVisible();
  }
  expect(await shopper.ledger()).toMatchObject({
    balance: balance - 49_000n,
    devices: [{ pin: "active", count: 5 }],
  });
});
