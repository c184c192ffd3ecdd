/** What a shop does by itself: batches and settlement reports, on its schedule, without a call of anybody. */
import { BATCHES_PATH } from "@chit/protocol";
import { expect, onTestFinished, test } from "vitest";
import { createMerchant, type MerchantOptions } from "../src/index.ts";
import { type ClearingShop, clearingShop } from "./clearing-shop.ts";

const PRICE = 49_000n;
const PATIENT = { timeout: 30_000, interval: 50 };

/** A shop with a sale that was refunded, and a settlement report at its operator; nobody ran anything. */
async function shopWithWork(): Promise<ClearingShop & { refunded: string }> {
  const shop = await clearingShop();
  const wallet = await shop.bought();
  const { transactionNumber } = wallet.subject;
  await shop.merchant.refund(transactionNumber);
  await shop.tps.settle([shop.entryOf(wallet)]);
  return { ...shop, refunded: transactionNumber };
}

/** The shop's process with its background work, on the same store. */
function running(shop: ClearingShop, batches: MerchantOptions["batches"]) {
  const { files, store, tps, time, logger } = shop;
  const clock = () => time.now;
  const background = { background: true, ...(batches === undefined ? {} : { batches }) };
  const merchant = createMerchant({
    ...files,
    store,
    fetch: tps.fetch,
    clock,
    logger,
    ...background,
  });
  onTestFinished(() => merchant.close());
  return merchant;
}

const given = async ({ merchant, refunded }: Awaited<ReturnType<typeof shopWithWork>>) =>
  (await merchant.sale(refunded))?.refund.given;

test("a shop that starts sends what waits and fetches what is there, at once", async () => {
  const shop = await shopWithWork();
  running(shop, undefined);
  await expect.poll(() => given(shop), PATIENT).toBe(PRICE);
  await expect.poll(async () => (await shop.merchant.reports()).length, PATIENT).toBe(1);
});

test("and again each time that the schedule comes round", async () => {
  const shop = await shopWithWork();
  running(shop, { everySeconds: 1 });
  await expect.poll(async () => (await shop.merchant.reports()).length, PATIENT).toBe(1);
  const later = await shop.bought();
  await shop.merchant.refund(later.subject.transactionNumber);
  await shop.tps.settle([shop.entryOf(later)]);
  const refunded = later.subject.transactionNumber;
  await expect.poll(() => given({ ...shop, refunded }), PATIENT).toBe(PRICE);
  await expect.poll(async () => (await shop.merchant.reports()).length, PATIENT).toBe(2);
});

test("a run that finds the operator away ends there, and the next one goes on", async () => {
  const shop = await shopWithWork();
  let away = true;
  shop.tps.interfere = (_path, answer) =>
    away ? Promise.reject(new TypeError("fetch failed")) : answer();
  running(shop, { everySeconds: 1 });
  await expect.poll(() => shop.tps.asked.includes(BATCHES_PATH), PATIENT).toBe(true);
  expect(await given(shop)).toBe(0n);
  away = false;
  await expect.poll(() => given(shop), PATIENT).toBe(PRICE);
});

test("by hand alone, nothing is sent and nothing fetched before somebody asks", async () => {
  const shop = await shopWithWork();
  const merchant = running(shop, false);
  // Runs come one after the other: one that the shop had begun by itself would have left nothing to this one.
  expect(await merchant.runBatch()).toMatchObject({ made: 1, executed: 1 });
  expect((await merchant.fetchReports()).reports).toHaveLength(1);
  expect(await given(shop)).toBe(PRICE);
});
