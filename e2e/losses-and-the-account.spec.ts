/**
 * The account changes while a payment's answer is missing: a new PIN by telephone, a lock, a hold, a revoked
 * device. What was judged before is paid and said so; what was not is told why; either way at most one debit.
 */
import { revokeDevice, setAccountStatus } from "@chit/tps-server";
import type { Page } from "@playwright/test";
import {
  expectChecking,
  expectIdentical,
  expectNextIsPaid,
  expectOneDebit,
  PAYMENTS,
  silence,
  tryNow,
} from "./support/losses.ts";
import type { PaymentService, Shopper } from "./support/payment-service.ts";
import { order, pay, payButton, pinField, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

interface Change {
  readonly name: string;
  /** Happens while the wallet waits for its answer. Returns the PIN that is in force then. */
  readonly happens: (service: PaymentService, shopper: Shopper, pin: string) => Promise<string>;
  /** What the next window says when the old PIN is tried, or what this one says when nothing was judged. */
  readonly words: RegExp;
  /** Makes the account pay again, and this window ask for the PIN; null where that needs a new wallet. */
  readonly mended:
    | ((window: Page, service: PaymentService, shopper: Shopper, pin: string) => Promise<string>)
    | null;
}

/** The window asks for the PIN again, when the button is pressed or by itself. */
async function called(window: Page): Promise<void> {
  const button = window.getByRole("button", { name: "I have called – check now" });
  await Promise.race([button.click(), payButton(window).waitFor()]);
  await expect(payButton(window)).toBeVisible();
}

const CHANGES: Change[] = [
  {
    name: "the PIN is set anew by telephone",
    happens: async (_service, shopper) => (await shopper.telephone()).pin,
    words: /You were given a new PIN by telephone\. Use the new one from now on\./,
    mended: async (_window, _service, _shopper, pin) => pin,
  },
  {
    name: "the PIN is locked",
    async happens({ tps }, { accountId }, pin) {
      // As a copy of the disk would bring about with five guesses.
      await tps.deps.database.query(
        `update devices set pin_state = 'locked', failures = 5, modified_pin = null,
                modified_pin_key_id = null
         where account_id = $1`,
        [accountId],
      );
      return pin;
    },
    words: /Your PIN is locked/,
    async mended(window, _service, shopper) {
      const { pin } = await shopper.telephone();
      await called(window);
      return pin;
    },
  },
  {
    name: "a hold is placed on the account",
    async happens({ tps }, { accountId }, pin) {
      await setAccountStatus(tps.deps, accountId, "held");
      return pin;
    },
    words: /This account is on hold/,
    mended: null,
  },
  {
    name: "the device is revoked",
    async happens({ tps }, { accountId, ledger }, pin) {
      const [device] = (await ledger()).devices;
      await revokeDevice(tps.deps, accountId, device?.deviceId ?? "");
      return pin;
    },
    words: /This device may no longer pay/,
    mended: null,
  },
];

for (const { name, happens, words, mended } of CHANGES) {
  test(`${name} while the answer to a paid request is lost: the stored answer comes, and then it counts`, async ({
    wallet,
    shop,
    service,
    shopper,
  }) => {
    const { line } = service;
    const silent = silence(line, PAYMENTS);
    const { window } = await order(wallet, shop, "/book");
    await pay(window, wallet.pin);
    await expectChecking(window);
    const changed = await happens(service, shopper, wallet.pin);
    silent.end();
    await tryNow(window, thanks(window));
    expectIdentical(line, 2);
    const { balance, movements } = await shopper.ledger();
    expect(balance).toBe(201_000n);
    expect(movements.filter(({ kind }) => kind === "payment")).toHaveLength(1);

    const next = await order(wallet, shop, "/note");
    await pay(next.window, wallet.pin);
    await expect(next.window.getByText(words).first()).toBeVisible();
    expect((await shopper.ledger()).balance).toBe(201_000n);
    if (mended === null) return;
    const pin = await mended(next.window, service, shopper, changed);
    await pay(next.window, pin);
    await expect(thanks(next.window)).toBeVisible();
    expect(await shopper.ledger()).toMatchObject({
      balance: 200_995n,
      devices: [{ count: 2, wrongPins: 0 }],
    });
    await expectNextIsPaid(wallet, { shop, shopper, line }, pin);
  });

  test(`${name} before the TPS heard of the payment: nothing paid, and told why`, async ({
    wallet,
    shop,
    service,
    shopper,
  }) => {
    const { line } = service;
    const silent = silence(line, PAYMENTS, false);
    const { window } = await order(wallet, shop, "/book");
    await pay(window, wallet.pin);
    await expectChecking(window);
    const changed = await happens(service, shopper, wallet.pin);
    silent.end();
    await tryNow(window, window.getByText(words).first());
    expectIdentical(line, 2);
    await expect(window.getByText(/thank you/i)).toHaveCount(0);
    const unpaid = await shopper.ledger();
    expect(unpaid.balance).toBe(250_000n);
    expect(unpaid.movements.map(({ kind }) => kind)).not.toContain("payment");
    if (mended === null) return;
    const pin = await mended(window, service, shopper, changed);
    await expect(pinField(window)).toHaveValue("");
    await pay(window, pin);
    await expect(thanks(window)).toBeVisible();
    await expectOneDebit(shopper, 201_000n);
    await expectNextIsPaid(wallet, { shop, shopper, line }, pin);
  });
}

test("a hold that was placed and lifted while the answer is lost leaves nothing behind", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const { line } = service;
  const silent = silence(line, PAYMENTS, false);
  const { window } = await order(wallet, shop, "/book");
  await pay(window, wallet.pin);
  await expectChecking(window);
  await setAccountStatus(service.tps.deps, shopper.accountId, "held");
  silent.end();
  await tryNow(window, window.getByText("This account is on hold").first());
  await expect(window.getByText("Nothing was paid.")).toBeVisible();
  await setAccountStatus(service.tps.deps, shopper.accountId, "active");
  const again = await order(wallet, shop, "/book");
  await called(again.window);
  await pay(again.window, wallet.pin);
  await expect(thanks(again.window)).toBeVisible();
  // A denial is counted like a payment, on both sides.
  expect(await shopper.ledger()).toMatchObject({ balance: 201_000n, devices: [{ count: 2 }] });
  await expectNextIsPaid(wallet, { shop, shopper, line }, wallet.pin);
});
