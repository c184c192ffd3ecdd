/** Who is recognised: nobody, unless the shopper ticks the box; then by a name for one shop alone, until it is stopped. */
import type { Page } from "@playwright/test";
import { order, pay, thanks } from "./support/purchase.ts";
import { openShop, type Shop } from "./support/shop.ts";
import { expect, type ReadyWallet, test } from "./support/test.ts";

const PATIENT = { timeout: 30_000 };
const box = (window: Page) => window.getByRole("checkbox", { name: /^Let this shop recognise me/ });

/** Buys a note and gives the name by which the shop knows its buyer. `tick`: null leaves the box as it is. */
async function buy(
  wallet: ReadyWallet,
  shop: Shop,
  found: boolean,
  tick: boolean | null,
): Promise<string | null> {
  const { page, window } = await order(wallet, shop, "/note");
  await expect(box(window)).toBeChecked({ checked: found });
  if (tick !== null) await box(window).setChecked(tick);
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible(PATIENT);
  await window.close();
  await page.close();
  const [sale] = await shop.merchant.sales({ limit: 1 });
  if (sale === undefined) throw new Error("Nothing was bought.");
  return sale.loyalty;
}

test("a shop recognises its customer only where told: by one name, which no other shop has and which does not come back", async ({
  wallet,
  shop: silent,
  service,
}) => {
  test.setTimeout(180_000);
  const shop = await openShop(service.tps, { loyalty: true });
  const other = await openShop(service.tps, { loyalty: true, name: "Other Things" });
  try {
    // A shop that does not ask has no box.
    const { window } = await order(wallet, silent, "/note");
    await expect(window.getByRole("button", { name: /^Pay / })).toBeVisible();
    await expect(box(window)).toHaveCount(0);
    await window.close();

    expect(await buy(wallet, shop, false, null)).toBeNull();
    const name = await buy(wallet, shop, false, true);
    expect(name).toMatch(/^[\w-]{22}$/);
    expect(await buy(wallet, shop, true, null)).toBe(name);
    const elsewhere = await buy(wallet, other, false, true);
    expect(elsewhere).toMatch(/^[\w-]{22}$/);
    expect(elsewhere).not.toBe(name);

    const settings = await wallet.openWallet("home.html#/settings");
    await expect(settings.getByText(name ?? "")).toBeVisible();
    await settings.getByRole("button", { name: "Stop: Paper & Ink" }).click();
    await settings.getByRole("button", { name: "Stop recognising" }).click();
    await expect(settings.getByText(name ?? "")).toHaveCount(0);
    await expect(settings.getByText(elsewhere ?? "")).toBeVisible();

    const anew = await buy(wallet, shop, false, true);
    expect(anew).toMatch(/^[\w-]{22}$/);
    expect(anew).not.toBe(name);

    // Whoever looks at the line sees messages of one size, with a name and without.
    const sizes = [...shop.line.exchanges, ...other.line.exchanges]
      .filter(({ path }) => path === "/chit/session")
      .map(({ body }) => body.length);
    expect(sizes).toHaveLength(5);
    expect(new Set(sizes).size).toBe(1);
  } finally {
    await shop.close();
    await other.close();
  }
});
