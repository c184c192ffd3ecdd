/** Answers that get lost on the way: whatever happens, one payment is one debit, and the shopper is told the truth. */
import { gate } from "./support/gate.ts";
import {
  expectChecking,
  expectIdentical,
  expectNextIsPaid,
  expectOneDebit,
  PATIENT,
  PAYMENTS,
  silence,
  tryNow,
} from "./support/losses.ts";
import { order, pay, pinField, savedBytes, thanks } from "./support/purchase.ts";
import { FILM } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";

test("a lost answer: the payment is checked with identical bytes and debited once", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expectChecking(window);
  silent.end();
  await tryNow(window, thanks(window));
  expectIdentical(line, 2);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("three lost answers in a row: it goes on by itself", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  let lost = 0;
  line.interfere(async (_exchange, pass) => {
    const reply = await pass();
    lost += 1;
    return lost <= 3 ? "lost" : reply;
  });
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  expectIdentical(line, 4);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("a dozen lost answers, and a shopper who presses Try now each time: one debit", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  for (let sent = 1; sent < 12; sent++) {
    await expect.poll(() => line.to(PAYMENTS).length).toBeGreaterThanOrEqual(sent);
    await window.getByRole("button", { name: "Try now" }).click();
  }
  await expectChecking(window);
  await expectOneDebit(shopper, 201_000n);
  silent.end();
  await tryNow(window, thanks(window));
  expectIdentical(line, 12);
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("a lost “not enough money”: told when it comes through, nothing debited, counted once", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/dear");
  await pay(window, wallet.pin);
  await expectChecking(window);
  silent.end();
  await tryNow(window, window.getByRole("heading", { name: "Not enough money on the account" }));
  await expect(window.getByText("Nothing was paid.", { exact: true })).toBeVisible();
  expectIdentical(line, 2);
  expect(await shopper.ledger()).toMatchObject({ balance: 250_000n, devices: [{ count: 1 }] });
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("threat 6: a lost “wrong PIN”, sent again, counts one failure; the right PIN then pays", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(
    window,
    wallet.pin.replace(/.$/, (last) => String((Number(last) + 1) % 10)),
  );
  await expectChecking(window);
  silent.end();
  await tryNow(window, window.getByText("That PIN was not right. You have 4 tries left."));
  expectIdentical(line, 2);
  expect(await shopper.ledger()).toMatchObject({
    balance: 250_000n,
    devices: [{ count: 0, wrongPins: 1 }],
  });
  await expect(pinField(window)).toHaveValue("");
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("the shop falls silent after the payment: said in words, and done when it is back", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(shop.line, "/chit/proof", false);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("You have paid. The shop has not answered yet.")).toBeVisible();
  await expect(window.getByText("Your payment is safe")).toBeVisible();
  await expectOneDebit(shopper, 201_000n);
  silent.end();
  await tryNow(window, thanks(window));
  await expectOneDebit(shopper, 201_000n);
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});

test("a broken download goes on where it stopped", async ({ wallet, shop, shopper }) => {
  const seen = gate();
  let broken = false;
  shop.line.interfere(async (exchange, pass) => {
    const reply = await pass();
    if (exchange.path !== "/chit/goods" || broken) return reply;
    broken = true;
    return { reply, brokenAfter: 1_500_000, when: seen.opened };
  });
  const { window } = await order(wallet, shop, "/film");
  await pay(window, wallet.pin);
  const home = await wallet.openWallet("home.html#/purchases");
  await home.getByRole("link", { name: /Paper & Ink/ }).click();
  await expect(home.getByRole("progressbar")).toHaveAttribute("value", "1048576"); // on disk
  seen.open();
  await expect(thanks(window)).toBeVisible(PATIENT);
  const [first, second] = shop.line
    .to("/chit/goods")
    .map(({ body }) => JSON.parse(body.toString()).firstChunk as number);
  expect(first).toBe(0);
  expect(second).toBeGreaterThanOrEqual(16);
  expect((await savedBytes(window)).equals(FILM)).toBe(true);
  await expectOneDebit(shopper, 220_000n);
});
