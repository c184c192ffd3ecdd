/** The operator's commands about batches, on a real database. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { receiveBatch } from "../../src/clearing/receive-batch.ts";
import { cliOf } from "../support/cli.ts";
import { balanceOf, createMerchant } from "../support/merchant.ts";
import { createWallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld(Math.floor(Date.now() / 1000));
});
afterAll(() => world.close());

const run = cliOf(() => world);

test("batch list, show and process: what waits, what became of it, and the work by hand", async () => {
  expect(await run("batch", "list")).toMatchObject({ code: 0, out: "No batch waits.\n" });
  expect((await run("batch", "process")).out).toBe("Batches processed: none waited.\n");
  const wallet = await createWallet(world);
  const shop = await createMerchant(world);
  const transactionNumber = id();
  await wallet.pay({ merchantId: shop.merchantId, transactionNumber, amount: 40_000n });
  const batchId = id().replace(/^-/, "A");
  const orders = [
    await shop.order({ transactionNumber, of: 40_000n, refunded: 10_000n }),
    await shop.order({ transactionNumber: id() }),
  ];
  await receiveBatch(world.deps, await shop.batch(orders, batchId));
  expect((await run("batch", "list")).out).toMatch(
    new RegExp(`${batchId} +Paper & Ink +2 .* waits`),
  );
  expect((await run("batch", "show", batchId)).out).toMatch(/1\.00 EUR of 4\.00 EUR +waits +0 /);
  expect(await run("batch", "process")).toMatchObject({
    code: 0,
    out: "Batches processed: 1.\n",
    said: "",
  });
  expect(await balanceOf(world, wallet.accountId)).toBe(970_000n);
  const { out } = await run("batch", "show", batchId);
  expect(out).toMatch(/1\.00 EUR of 4\.00 EUR +executed +1 +1\.00 EUR/);
  expect(out).toMatch(/refused: no-payment +0 +0\.00 EUR/);
  expect((await run("batch", "list")).out).toBe("No batch waits.\n");
  const all = JSON.parse((await run("batch", "list", "--all", "--json")).out);
  expect(all).toMatchObject([{ batchId, state: "processed", orders: 2, merchant: "Paper & Ink" }]);
  expect(await run("batch", "show", "A".repeat(22))).toMatchObject({
    code: 1,
    said: expect.stringContaining("(batch-unknown)"),
  });
});
