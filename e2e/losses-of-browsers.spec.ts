/** Browsers that are killed and workers that are stopped in the middle of a payment: one debit, nothing lost. */
import {
  expectIdentical,
  expectNextIsPaid,
  expectOneDebit,
  expectReceiptAtHome,
  holdFirst,
  PATIENT,
  PAYMENTS,
  silence,
} from "./support/losses.ts";
import { stopWorkers, withBrowser } from "./support/profiles.ts";
import { order, pay, saveButton, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

for (const reaches of [true, false]) {
  const when = reaches ? "after the TPS was paid" : "before the TPS heard of it";
  test(`threat 1: the browser is killed ${when}: the next one goes on by itself, one debit`, async ({
    wallet,
    shop,
    service: { line },
    shopper,
  }) => {
    const held = holdFirst(line, PAYMENTS, reaches);
    const { window } = await order(wallet, shop, "/book");
    await pay(window, wallet.pin);
    await held.arrived;
    await wallet.kill();
    held.release();
    await withBrowser(wallet.profile, async (next) => {
      await expect
        .poll(() => shop.line.to("/chit/goods").length, PATIENT)
        .toBeGreaterThanOrEqual(1);
      await expectReceiptAtHome(next);
      expectIdentical(line, 2);
      await expectOneDebit(shopper, 201_000n);
      await expectNextIsPaid(next, { shop, shopper, line }, wallet.pin);
    });
  });
}

for (const { path, state } of [
  { path: "/chit/session", state: "while the shop proves itself" },
  { path: PAYMENTS, state: "while it pays" },
  { path: "/chit/proof", state: "while the shop reads the proof" },
  { path: "/chit/goods", state: "while the goods come" },
]) {
  test(`the wallet's worker is stopped ${state}: it goes on when woken`, async ({
    wallet,
    shop,
    service,
    shopper,
  }) => {
    const line = path === PAYMENTS ? service.line : shop.line;
    const held = holdFirst(line, path);
    const { window } = await order(wallet, shop, "/book");
    await pay(window, wallet.pin);
    await held.arrived;
    await stopWorkers(wallet, window);
    held.release();
    await window.reload();
    if (path === "/chit/session") {
      // Nothing was requested yet, and a PIN is kept by nobody.
      await expect(window.getByText("Your PIN was not kept.")).toBeVisible(PATIENT);
      await pay(window, wallet.pin);
    }
    await expect(thanks(window)).toBeVisible(PATIENT);
    await expectOneDebit(shopper, 201_000n);
  });
}

test("a stopped worker wakes by itself to finish a payment", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const held = holdFirst(service.line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await held.arrived;
  await stopWorkers(wallet, window);
  await window.close();
  held.release();
  await expect.poll(() => shop.line.to("/chit/goods").length, { timeout: 45_000 }).toBe(1);
  await expectOneDebit(shopper, 201_000n);
});

test("the shop is silent and the browser restarts: what was paid is not lost", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(shop.line, "/chit/proof", false);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("You have paid.")).toBeVisible();
  await wallet.kill();
  await withBrowser(wallet.profile, async (next) => {
    const home = await next.openWallet("home.html#/");
    await expect(home.getByRole("heading", { name: "Needs you" })).toBeVisible();
    await home.getByRole("link", { name: /Paper & Ink/ }).click();
    await expect(home.getByText("You have paid. The shop has not answered yet.")).toBeVisible();
    silent.end();
    await home.getByRole("button", { name: "Try now" }).click();
    await expect(saveButton(home)).toBeVisible(PATIENT);
    await expectOneDebit(shopper, 201_000n);
    await expectNextIsPaid(next, { shop, shopper, line }, wallet.pin);
  });
});

test("the answer is lost, the browser is killed again and again: one debit, and the last one has the goods", async ({
  wallet,
  shop,
  service: { line },
  shopper,
}) => {
  const silent = silence(line, PAYMENTS);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expect(window.getByText("We are checking your payment")).toBeVisible();
  await wallet.kill();
  const sent = line.to(PAYMENTS).length;
  await withBrowser(wallet.profile, async (second) => {
    await expect.poll(() => line.to(PAYMENTS).length, PATIENT).toBeGreaterThan(sent);
    const home = await second.openWallet("home.html#/purchases");
    await home.getByRole("link", { name: /Paper & Ink/ }).click();
    await expect(home.getByText("You will not be charged twice.")).toBeVisible();
    await second.kill();
  });
  silent.end();
  await withBrowser(wallet.profile, async (third) => {
    await expectReceiptAtHome(third);
    expectIdentical(line, 3);
    await expectOneDebit(shopper, 201_000n);
    await expectNextIsPaid(third, { shop, shopper, line }, wallet.pin);
  });
});
