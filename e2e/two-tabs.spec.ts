/** Several offers at once: an account pays one thing at a time, and loses none. */
import { gate } from "./support/gate.ts";
import { order, pay, payButton, thanks } from "./support/purchase.ts";
import { expect, test } from "./support/test.ts";

test("threat 7: two offers confirmed at once are both paid, strictly one after the other", async ({
  wallet,
  shop,
  service,
  shopper,
}) => {
  const first = await order(wallet, shop, "/book");
  const second = await order(wallet, shop, "/film");
  const [arrived, go] = [gate(), gate()];
  const underWay = { now: 0, most: 0 };
  service.line.interfere(async (exchange, pass) => {
    if (exchange.path !== "/v1/payments") return pass();
    underWay.now += 1;
    underWay.most = Math.max(underWay.most, underWay.now);
    arrived.open();
    await go.opened;
    const reply = await pass();
    underWay.now -= 1;
    return reply;
  });
  await Promise.all([pay(first.window, wallet.pin), pay(second.window, wallet.pin)]);
  await arrived.opened;
  // The other one has its session with the shop, and waits for its turn.
  await expect.poll(() => shop.line.to("/chit/session").length).toBe(2);
  expect(service.line.to("/v1/payments")).toHaveLength(1);
  go.open();
  await expect(thanks(first.window)).toBeVisible();
  await expect(thanks(second.window)).toBeVisible();
  expect(underWay.most).toBe(1);
  const ledger = await shopper.ledger();
  expect(ledger).toMatchObject({ balance: 171_000n, devices: [{ count: 2, wrongPins: 0 }] });
  expect(ledger.movements.filter(({ kind }) => kind === "payment")).toHaveLength(2);
});

test("the same offer in two tabs is one window and one payment", async ({
  wallet,
  shop,
  shopper,
}) => {
  await shop.publishQuote("/once", { name: "A card", price: "2.00", goods: [{ content: "card" }] });
  const { window } = await order(wallet, shop, "/once");
  const again = await wallet.context.newPage();
  await again.goto(`${shop.origin}/once`);
  await expect(payButton(window)).toBeVisible();
  await again.bringToFront();
  await again.reload();
  expect(shop.line.to("/chit/quotes/")).toHaveLength(1);
  expect(wallet.windows()).toHaveLength(1);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();

  // Opened once more it is still the paid one: nothing is offered again.
  await again.reload();
  const home = await wallet.openWallet("home.html#/purchases");
  await expect(home.getByRole("link", { name: /Paper & Ink/ })).toHaveCount(1);
  expect(wallet.windows()).toHaveLength(1);
  expect((await shopper.ledger()).balance).toBe(230_000n);
});
