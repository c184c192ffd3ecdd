/** Proofs that come late or never: the TPS took the money, so each is delivered for, or goes back by itself. */
import type { Page } from "@playwright/test";
import { operate } from "./support/operator.ts";
import type { PaymentService } from "./support/payment-service.ts";
import { order, pay, saveButton } from "./support/purchase.ts";
import { openShop, type Shop } from "./support/shop.ts";
import { test as base, expect, type ReadyWallet } from "./support/test.ts";

const PATIENT = { timeout: 60_000 };
const DAY = 86_400;

interface LateShop extends Shop {
  age(days: number): void;
}

/** A shop with a back office, which leaves payments that only a report tells of to a person. */
const test = base.extend<{ late: LateShop }>({
  late: async ({ service }, use) => {
    let later = 0;
    const clock = () => Math.floor(Date.now() / 1000) + later;
    const shop = await openShop(service.tps, { clock, office: true, reportedPayments: "ask" });
    const age = (days: number) => {
      later += days * DAY;
    };
    await use({ ...shop, age });
    await shop.close();
  },
});

/** Pays; no proof reaches the shop until `end`. Gives the purchase's page in the wallet. */
async function payUnheard(wallet: ReadyWallet, shop: Shop, path: string) {
  shop.line.interfere(async (exchange, pass) =>
    exchange.path === "/chit/proof" ? "lost" : pass(),
  );
  const tried = shop.line.to("/chit/proof").length;
  const { page, window } = await order(wallet, shop, path);
  await pay(window, wallet.pin);
  await expect.poll(() => shop.line.to("/chit/proof").length, PATIENT).toBeGreaterThan(tried);
  await window.close();
  await page.close();
  const home = await wallet.openWallet("home.html#/purchases");
  await home
    .getByRole("link", { name: /Paper & Ink/ })
    .first()
    .click();
  const [sale] = await shop.merchant.sales({ limit: 1 });
  const end = () => shop.line.interfere(async (_exchange, pass) => pass());
  return { home, number: sale?.transactionNumber ?? "", end };
}

async function runBatch(service: PaymentService, shop: Shop): Promise<void> {
  await shop.merchant.runBatch();
  await service.tps.runChores();
  expect(await shop.merchant.runBatch()).toMatchObject({ refused: [], rejected: [] });
}

const look = (page: Page) => page.evaluate(() => void window.dispatchEvent(new Event("focus")));

test("a payment for an offer that was taken back goes back by itself; one whose proof comes long after its time is delivered for", async ({
  wallet,
  shopper,
  late: shop,
  service,
}) => {
  test.setTimeout(180_000);
  const back = await payUnheard(wallet, shop, "/book");
  await shop.merchant.cancel(back.number);
  back.end();
  await expect(back.home.getByText("The shop gives back €4.90")).toBeVisible(PATIENT);
  expect(await shop.merchant.sale(back.number)).toMatchObject({
    state: "returned",
    payments: [{}],
  });
  await runBatch(service, shop);
  await look(back.home);
  await expect(back.home.getByText("€4.90 is back")).toBeVisible(PATIENT);
  await expect(saveButton(back.home)).toHaveCount(0);
  await back.home.close();

  const late = await payUnheard(wallet, shop, "/film");
  shop.age(2);
  late.end();
  await expect(saveButton(late.home)).toBeVisible(PATIENT);
  expect(await shop.merchant.sale(late.number)).toMatchObject({ state: "delivered" });
  expect((await shopper.ledger()).balance).toBe(250_000n - 30_000n);
});

test("a payment whose proof never came is found by the reconciliation; given back there, its proof changes nothing when it comes at last", async ({
  wallet,
  shopper,
  late: shop,
  service,
}) => {
  test.setTimeout(180_000);
  const { home, number, end } = await payUnheard(wallet, shop, "/book");
  await operate(service, "settle");
  const office = await wallet.context.newPage();
  await office.goto(`${shop.origin}/office/settlement`);
  await office.getByRole("button", { name: "Fetch reports now" }).click();
  await expect(office.getByRole("status")).toHaveText("The settlement reports are here.", PATIENT);
  await office.getByRole("navigation").getByRole("link", { name: "Reconciliation" }).click();
  const found = office.getByRole("region", { name: /^Paid, but the shop was not told/ });
  await expect(found.getByText("€4.90")).toBeVisible();
  await found.getByRole("button", { name: /^Give everything back/ }).click();
  await expect(office.getByText("Everything adds up.")).toBeVisible(PATIENT);

  await runBatch(service, shop);
  expect((await shopper.ledger()).balance).toBe(250_000n);
  end();
  await expect(home.getByText("€4.90 is back")).toBeVisible(PATIENT);
  await expect(saveButton(home)).toHaveCount(0);
  expect(shop.line.to("/chit/goods")).toEqual([]);
  // Nothing more goes back: the proof is of the payment that was given back.
  await runBatch(service, shop);
  expect((await shopper.ledger()).balance).toBe(250_000n);
  expect(await shop.merchant.sale(number)).toMatchObject({ payments: [{}] });
});
