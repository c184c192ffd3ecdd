/** The wallet's memory of its records: whatever is asked, the answer is what the disk would have said. */
import { expect, test } from "vitest";
import type { Purchase } from "../src/cts/records.ts";
import { rememberingStore } from "../src/cts/remembering-store.ts";
import type { Store, StoreTransaction } from "../src/cts/store.ts";

const purchaseOf = (shopName: string) =>
  ({ purchaseId: "p", shopName, steps: [] }) as unknown as Purchase;

/** A disk with one purchase, how often it was read, and a writer that can be held up or fail. */
function disk() {
  let held = purchaseOf("first");
  let reads = 0;
  const store = {
    async purchase() {
      reads += 1;
      return structuredClone(held);
    },
    async transact(change: (transaction: StoreTransaction) => Promise<unknown>) {
      let next = held;
      const transaction = {
        putPurchase: async (purchase: Purchase) => {
          next = structuredClone(purchase);
        },
      } as unknown as StoreTransaction;
      const result = await change(transaction);
      held = next;
      return result;
    },
  } as unknown as Store;
  return { store: rememberingStore(store), reads: () => reads };
}

const shopOf = async (store: Store) => (await store.purchase("p"))?.shopName;

test("a record is read once, and what was written need not be read", async () => {
  const { store, reads } = disk();
  expect([await shopOf(store), await shopOf(store)]).toEqual(["first", "first"]);
  await store.transact((transaction) => transaction.putPurchase(purchaseOf("second")));
  expect(await shopOf(store)).toBe("second");
  expect(reads()).toBe(1);
});

test("a transaction that fails leaves nothing in memory that is not on disk", async () => {
  const { store, reads } = disk();
  expect(await shopOf(store)).toBe("first");
  const failing = store.transact(async (transaction) => {
    await transaction.putPurchase(purchaseOf("never"));
    throw new Error("The disk is full.");
  });
  await expect(failing).rejects.toThrow("full");
  expect(await shopOf(store)).toBe("first");
  expect(reads()).toBe(2);
});

test("while something is written the disk is asked, and its answer from before is not kept", async () => {
  const { store, reads } = disk();
  expect(await shopOf(store)).toBe("first");
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const writing = store.transact(async (transaction) => {
    await held;
    await transaction.putPurchase(purchaseOf("second"));
  });
  expect(await shopOf(store)).toBe("first");
  expect(reads()).toBe(2);
  go();
  await writing;
  expect(await shopOf(store)).toBe("second");
});

test("nobody can change a remembered record for others", async () => {
  const { store } = disk();
  await store.purchase("p");
  const record = await store.purchase("p");
  expect(() => record?.steps.push({ step: 2, at: 0 })).toThrow(TypeError);
});
