import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { order, pay, payButton, pinField, thanks } from "./support/purchase.ts";
import { BOOK_SHA256 } from "./support/shop.ts";
import { expect, test } from "./support/test.ts";

test("a digital purchase: offer, PIN, receipt, and the very bytes of the shop's file", async ({
  wallet,
  shop,
  shopper,
}) => {
  const { window } = await order(wallet, shop, "/book");
  await expect(window.getByRole("heading", { name: "Paper & Ink" })).toBeVisible();
  await pay(window, wallet.pin);
  await expect(thanks(window)).toBeVisible();
  const downloading = window.waitForEvent("download");
  await window.getByRole("button", { name: /^Save / }).click();
  const bytes = await readFile(await (await downloading).path());
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(BOOK_SHA256);
  expect((await shopper.ledger()).balance).toBe(201_000n);
});
