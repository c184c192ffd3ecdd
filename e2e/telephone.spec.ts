/** The telephone as the second channel: what is done there, the wallet finds; what the wallet does is told there. */
import { choose } from "@chit/demo";
import { TELEPHONE } from "./support/payment-service.ts";
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

test("a hold placed by telephone denies the next payment with words; lifted by telephone it pays, and the voice tells what the wallet shows", async ({
  wallet,
  shop,
  shopper,
}) => {
  const placing = await shopper.call();
  await choose(placing, /hold/);
  const placed = await choose(placing, /^To place a hold/);
  expect(placed[0]).toBe("The hold is on. Nothing can be paid until you lift it.");
  await placing.hangUp();

  // The wallet learns of it when it wants to pay.
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByRole("heading", { name: "This account is on hold" })).toBeVisible();
  await expect(window.getByText("Nothing was paid.")).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({
    balance: 250_000n,
    status: "held",
    held: { byOperator: false, byHolder: true },
  });

  const lifting = await shopper.call();
  expect(lifting.heard).toContain("Your account is on hold: nothing can be paid.");
  await choose(lifting, /For a hold/);
  expect((await choose(lifting, /^To lift your hold/))[0]).toBe("Your hold is lifted.");
  await lifting.hangUp();
  await expect(window.getByRole("heading", { name: "The hold is lifted." })).toBeVisible();

  const again = await order(wallet, shop, "/book");
  await pay(again.window, wallet.pin);
  await expect(thanks(again.window)).toBeVisible();

  const asking = await shopper.call();
  expect((await choose(asking, /balance/))[0]).toBe("Your balance is 20.10 euros.");
  await asking.press("0");
  const told = (await choose(asking, /payments/)).map((text) => text.replace(/^[^:]*: /, ""));
  expect(told.slice(1, 4)).toEqual([
    "4.90 euros to Paper Ink.",
    "refused, 4.90 euros to Paper Ink.",
    "25 euros paid in.",
  ]);
  await asking.hangUp();

  const home = await wallet.openWallet("home.html#/");
  await expect(home.getByText("€20.10").first()).toBeVisible();
  await expect(home.getByText("€4.90").first()).toBeVisible();
});

test("a wallet that is shut out by telephone pays nothing and says so; the call leaves the balance as it was", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  const call = await shopper.call();
  await choose(call, /your wallets/);
  await choose(call, /shut it out for good/);
  expect((await choose(call, /^To shut it out/))[0]).toBe(
    "That wallet is shut out and can pay nothing.",
  );
  await call.hangUp();

  await pay(window, wallet.pin);
  await expect(
    window.getByRole("heading", { name: "This device may no longer pay" }),
  ).toBeVisible();
  await expect(window.getByText("This wallet was shut out of the account")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
  expect(await shopper.ledger()).toMatchObject({
    balance: 250_000n,
    devices: [{ state: "revoked", count: 0 }],
  });
});
