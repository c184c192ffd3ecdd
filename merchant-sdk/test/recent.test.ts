import { join } from "node:path";
import { expect, test } from "vitest";
import { sqliteStore } from "../src/index.ts";
import { viewSale } from "../src/mts/sale-view.ts";
import { quoteOf } from "../src/mts/subject.ts";
import { Recent } from "../src/recent.ts";
import { openShop } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { ADDRESS, TestWallet } from "./world.ts";

test("what was asked for last stays, and never more than so much", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  expect(recent.get("a")).toBe(1);
  recent.set("c", 3);
  expect(["a", "b", "c"].map((key) => recent.get(key))).toEqual([1, undefined, 3]);
  const made: string[] = [];
  const make = () => made.push("made");
  expect([recent.of("d", make), recent.of("d", make)]).toEqual([1, 1]);
  expect(made).toHaveLength(1);
});

test("a sale that another process changed is read anew, and what a merchant does with a sale changes none", async () => {
  const path = join(temporaryDirectory(), "shop.db");
  const store = sqliteStore(path);
  const shop = await openShop(
    (app, merchant) => {
      app.use(merchant.router());
      app.get(
        "/cup",
        merchant.sell({ name: "Cup", price: "9", kind: "physical", delivery: { text: "Soon" } }),
      );
    },
    { options: { store } },
  );
  const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/cup`);
  await wallet.initiate(ADDRESS);
  const number = wallet.subject.transactionNumber;
  const record = await store.find(number);
  if (record === undefined || record.state !== "authenticated") throw new Error("No session.");

  const view = viewSale(record);
  Object.assign(view.address ?? {}, { name: "Somebody else" });
  Object.assign(view.lines[0] ?? {}, { amount: 1n });
  expect(viewSale(record).address).toEqual(ADDRESS);
  expect(quoteOf(record).lines[0]?.amount).toBe(90_000n);

  const elsewhere = sqliteStore(path);
  expect(await elsewhere.find(number)).toEqual(record);
  await elsewhere.update(number, (sale) => ({
    sale: { ...sale, issuedAt: 7 },
    events: [],
    orders: [],
  }));
  expect((await store.find(number))?.issuedAt).toBe(7);
  await elsewhere.close();
  await shop.close();
});
