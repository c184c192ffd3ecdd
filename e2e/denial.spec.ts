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
  await window.getByRole("button", { name: "I have called – check now" }).click();
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
  const released = again.window.getByRole("button", { name: "I have called – check now" });
  if (!(await payButton(again.window).isVisible())) await released.click();
  await pay(again.window, wallet.pin);
  await expect(thanks(again.window)).toBeVisible();
  expect((await shopper.ledger()).balance).toBe(201_000n);
});

test("a wallet that fell behind is refused without a debit, and pays after PIN and count by telephone", async ({
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
  expect((await shopper.ledger()).balance).toBe(balance);

  const { pin, payments } = await shopper.telephone();
  expect(payments).toBe(4);
  await window
    .getByRole("textbox", { name: "Number of payments, as you heard it" })
    .fill(String(payments));
  await window.getByRole("button", { name: "Use this number" }).click();
  await pay(window, pin);
  await expect(thanks(window)).toBeVisible();
  expect(await shopper.ledger()).toMatchObject({
    balance: balance - 49_000n,
    devices: [{ pin: "active", count: 5 }],
  });
});
