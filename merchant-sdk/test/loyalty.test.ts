/** Customers who let a shop recognise them: only where the shop asks, and nobody by default. */
import { expect, onTestFinished, test } from "vitest";
import type { HookEvent, MerchantOptions } from "../src/index.ts";
import { openShop } from "./shop.ts";
import { newId, post, TestWallet } from "./world.ts";

async function noteShop(options: Partial<MerchantOptions> = {}) {
  const shop = await openShop(
    (app, merchant) => {
      app.use(merchant.router());
      const note = { price: "0.10", content: "Thank you." };
      app.get("/note", merchant.sell({ name: "Note", ...note }));
      app.get("/asks", merchant.sell({ name: "Asks", loyalty: true, ...note }));
      app.get("/silent", merchant.sell({ name: "Silent", loyalty: false, ...note }));
    },
    { options },
  );
  onTestFinished(() => shop.close());
  const visit = (path: string) => TestWallet.visit(shop.issuer, `${shop.origin}${path}`);
  return { ...shop, visit };
}

const asks = ({ verified }: TestWallet) => verified.quote.loyalty;

test("a shop asks for nothing unless told, for all its offers or for one", async () => {
  const shop = await noteShop();
  expect(asks(await shop.visit("/note"))).toBe(false);
  expect(asks(await shop.visit("/asks"))).toBe(true);
  const asking = await noteShop({ loyalty: true });
  expect(asks(await asking.visit("/note"))).toBe(true);
  expect(asks(await asking.visit("/silent"))).toBe(false);
});

test("the pseudonym is with the sale and in its hooks; null where the shopper told none", async () => {
  const told: (string | null)[] = [];
  const paid = ({ sale }: HookEvent) => void told.push(sale.loyalty);
  const shop = await noteShop({ loyalty: true, hooks: { paid } });
  const name = newId();
  for (const loyalty of [name, null]) {
    const wallet = await shop.visit("/note");
    const { transactionNumber } = wallet.subject;
    expect((await shop.merchant.sale(transactionNumber))?.loyalty).toBeNull();
    await wallet.initiate(null, loyalty);
    await wallet.pay();
    expect((await shop.merchant.sale(transactionNumber))?.loyalty).toBe(loyalty);
  }
  await expect.poll(() => told).toEqual([name, null]);
});

test("a pseudonym that was not asked for is refused, and the number stays free", async () => {
  const shop = await noteShop();
  const wallet = await shop.visit("/note");
  const body = await wallet.prepareSession(null, newId());
  const { status, problem } = await post(wallet.verified.quote.sessionUrl, body);
  expect([status, problem]).toEqual([422, "loyalty-unwanted"]);
  await wallet.initiate();
});
