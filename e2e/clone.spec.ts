/** A computer's disk is copied, wallet and all: the two copies fall out of step, and the telephone decides. */
import type { Page } from "@playwright/test";
import type { WalletBrowser } from "./support/browser.ts";
import { walletText } from "./support/dump.ts";
import { TELEPHONE } from "./support/payment-service.ts";
import { withBrowser, withCopy } from "./support/profiles.ts";
import { order, pay, payButton, pinField, thanks } from "./support/purchase.ts";
import type { Shop } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";

const PAYMENTS = "/v1/payments";

async function buy(browser: WalletBrowser, shop: Shop, path: string, pin: string): Promise<void> {
  const { window } = await order(browser, shop, path);
  await pay(window, pin);
  await expect(thanks(window)).toBeVisible();
}

const countField = (window: Page) =>
  window.getByRole("textbox", { name: "Number of payments, as you heard it" });

/** Types the number of payments, as the telephone told it. */
async function useNumber(window: Page, payments: number): Promise<void> {
  await countField(window).fill(String(payments));
  await window.getByRole("button", { name: "Use this number" }).click();
}

/** What a wallet says that fell out of step. */
async function expectDrift(window: Page): Promise<void> {
  await expect(window.getByText("Somebody may have used your account")).toBeVisible();
  await expect(window.getByText("Your operator has counted payments")).toBeVisible();
  await expect(window.getByText("Nothing was paid just now.")).toBeVisible();
  await expect(window.getByRole("link", { name: `Call ${TELEPHONE}` })).toBeVisible();
  await expect(payButton(window)).toHaveCount(0);
}

test("threat 8: a cloned disk pays, the original is refused without a debit; one call makes it whole and the clone dead", async ({
  wallet,
  shop,
  shopper,
  service,
}) => {
  await buy(wallet, shop, "/note", wallet.pin);
  await wallet.context.close();
  await withCopy(wallet.profile, (profile) =>
    withBrowser(profile, async (clone) => {
      // Whoever copied the disk knows the PIN: they looked over the owner's shoulder.
      await buy(clone, shop, "/book", wallet.pin);
      const stolen = await shopper.ledger();
      expect(stolen).toMatchObject({ balance: 200_995n, devices: [{ count: 2, wrongPins: 0 }] });

      await withBrowser(wallet.profile, async (original) => {
        const { window } = await order(original, shop, "/book");
        await pay(window, wallet.pin);
        await expectDrift(window);
        expect(await shopper.ledger()).toEqual(stolen);

        const { pin, payments } = await shopper.telephone();
        expect(payments).toBe(2);
        await useNumber(window, 20);
        await pay(window, pin);
        await expect(
          window.getByText("20 was not the right number, so nothing was paid."),
        ).toBeVisible();
        expect(await shopper.ledger()).toMatchObject({
          balance: 200_995n,
          devices: [{ count: 2 }],
        });
        await useNumber(window, payments ?? 0);
        await pay(window, pin);
        await expect(thanks(window)).toBeVisible();
        const mended = await shopper.ledger();
        expect(mended).toMatchObject({ balance: 151_995n, devices: [{ count: 3, wrongPins: 0 }] });

        // The clone: its PIN is worth nothing, and it hears no other.
        const theft = await order(clone, shop, "/film");
        await pay(theft.window, wallet.pin);
        await expect(
          theft.window.getByText("You were given a new PIN by telephone."),
        ).toBeVisible();
        await expect(pinField(theft.window)).toHaveValue("");
        await pay(theft.window, wallet.pin);
        await expectDrift(theft.window);
        const home = await clone.openWallet("home.html#/");
        await expect(home.getByText("Please check")).toBeVisible();
        const held = await walletText(home);
        expect(held).toContain(shopper.accountId);
        expect(held).not.toContain(pin);
        // Not a single try was counted: the clone cannot even lock its owner out.
        expect(await shopper.ledger()).toEqual(mended);

        await buy(original, shop, "/note", pin);
        expect(await shopper.ledger()).toMatchObject({
          balance: 151_990n,
          devices: [{ count: 4, wrongPins: 0 }],
        });
        // What each of them sent arrived: nobody was refused for want of trying.
        expect(service.line.to(PAYMENTS)).toHaveLength(8);
      });
    }),
  );
});

test("threat 8: a clone that comes second pays nothing, also with the right PIN, and the original never notices", async ({
  wallet,
  shop,
  shopper,
}) => {
  await buy(wallet, shop, "/note", wallet.pin);
  await wallet.context.close();
  await withCopy(wallet.profile, (profile) =>
    withBrowser(wallet.profile, async (original) => {
      await buy(original, shop, "/note", wallet.pin);
      const before = await shopper.ledger();
      await withBrowser(profile, async (clone) => {
        const { window } = await order(clone, shop, "/book");
        await pay(window, wallet.pin);
        await expectDrift(window);
        // A number is taken with a PIN that is newer than the theft, and not before.
        await window.getByRole("button", { name: "I have called – check now" }).click();
        await expectDrift(window);
        await expect(countField(window)).toHaveCount(0);
      });
      expect(await shopper.ledger()).toEqual(before);
      await buy(original, shop, "/book", wallet.pin);
      expect(await shopper.ledger()).toMatchObject({
        balance: before.balance - 49_000n,
        devices: [{ count: 3, wrongPins: 0 }],
      });
    }),
  );
});
