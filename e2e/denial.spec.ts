/** Purchases that are not paid: what the shopper is told, that nothing is debited, and how it goes on. */
import { setAccountStatus } from "@chit/tps-server";
import { TELEPHONE } from "./support/payment-service.ts";
import { order, pay, payButton, pinField, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

/** Another PIN of as many digits. */
const notThe = (pin: string) => pin.replace(/.$/, (last) => String((Number(last) + 1) % 10));

test("too little money: said with what is missing, nothing debited, and the next payment works", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/dear");
  // The wallet knows the balance of its last visit and says so before; the operator decides.
  await pay(window, wallet.pin);
  await expect(
    window.getByRole("heading", { name: "Not enough money on the account" }),
  ).toBeVisible();
  await expect(window.getByText("You have €25.00; €75.00 are missing.")).toBeVisible();
  await expect(window.getByText("Nothing was paid.")).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({
    balance: 250_000n,
    devices: [{ count: 1, wrongPins: 0 }],
  });

  await shopper.fund(80n);
  const again = await order(wallet, shop, "/dear");
  await pay(again.window, wallet.pin);
  await expect(thanks(again.window)).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({ balance: 50_000n, devices: [{ count: 2 }] });
});

test("a wrong PIN: tries left are told, it counts once, and the right one pays", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await pay(window, notThe(wallet.pin));
  await expect(window.getByText("That PIN was not right. You have 4 tries left.")).toBeVisible();
  await expect(pinField(window)).toBeFocused();
  await expect(pinField(window)).toHaveValue("");
  expect(await shopper.ledger()).toMatchObject({
    balance: 250_000n,
    devices: [{ count: 0, wrongPins: 1 }],
  });
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({
    balance: 201_000n,
    devices: [{ count: 1, wrongPins: 0 }],
  });
});

test("five wrong PINs lock it; a telephone call gives a new one, and the same offer is paid", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  for (const left of ["4 tries", "3 tries", "2 tries", "One try"]) {
    await pay(window, notThe(wallet.pin));
    await expect(window.getByText(new RegExp(`${left} left`))).toBeVisible();
  }
  await pay(window, notThe(wallet.pin));
  await expect(window.getByText("Your PIN is locked")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
  expect((await shopper.ledger()).devices).toMatchObject([{ pin: "locked", count: 0 }]);

  const { pin } = await shopper.telephone();
  // The window notices by itself.
  await pay(window, pin);
  await expect(thanks(window)).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({
    balance: 201_000n,
    devices: [{ pin: "active", count: 1, wrongPins: 0 }],
  });
});

test("an account on hold pays nothing, says so, and pays again when the hold is lifted", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  await setAccountStatus(service.tps.deps, shopper.accountId, "held");
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("This account is on hold").first()).toBeVisible();
  await expect(window.getByText("Nothing was paid.")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(250_000n);

  await setAccountStatus(service.tps.deps, shopper.accountId, "active");
  const again = await order(wallet, shop, "/book");
  await pay(again.window, wallet.pin);
  await expect(thanks(again.window)).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(201_000n);
});
