/** A shop with a book, and the TPS that it clears with. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBase64url } from "@chit/protocol";
import type { Express } from "express";
import { onTestFinished } from "vitest";
import type { Merchant, MerchantOptions, Store } from "../src/index.ts";
import { memoryStore, sqliteStore } from "../src/index.ts";
import { openShop, type Shop } from "./shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { paymentEntry, TestTps } from "./test-tps.ts";
import { TestWallet } from "./world.ts";

export const DAY = 86_400;

export interface ClearingShop extends Shop {
  readonly tps: TestTps;
  readonly store: Store;
  /** A wallet that has begun and not paid. */
  begun(): Promise<TestWallet>;
  /** One that paid, whose proof is here; the payment's name. */
  bought(): Promise<TestWallet & { paymentId: string }>;
  /** The entry of a report for a wallet's payment. */
  entryOf(
    wallet: TestWallet,
    given?: Parameters<typeof paymentEntry>[1],
  ): ReturnType<typeof paymentEntry>;
}

export const STORES: readonly (readonly [string, () => Store])[] = [
  ["memory", memoryStore],
  ["node:sqlite", () => sqliteStore(join(temporaryDirectory(), "shop.db"))],
];

export async function clearingShop(
  options: Partial<MerchantOptions> = {},
  build: (app: Express, merchant: Merchant) => void = () => {},
): Promise<ClearingShop> {
  const store = options.store ?? memoryStore();
  let tps: TestTps | undefined;
  const shop = await openShop(
    (app, merchant, { directory }) => {
      const file = join(directory, "book.txt");
      writeFileSync(file, "Call me a chit.");
      app.use(merchant.router());
      app.get("/book", merchant.sell({ name: "The book", price: "4.90", file, reference: "A-7" }));
      build(app, merchant);
    },
    {
      options: {
        fetch: (input, init) => {
          if (tps === undefined) throw new Error("The shop asks before there is a TPS.");
          return tps.fetch(input, init);
        },
        ...options,
        store,
      },
    },
  );
  onTestFinished(() => shop.close());
  tps = new TestTps(shop.issuer, shop.files, () => shop.time.now);
  const begun = async () => {
    const wallet = await TestWallet.visit(shop.issuer, `${shop.origin}/book`);
    await wallet.initiate();
    return wallet;
  };
  return {
    ...shop,
    tps,
    store,
    begun,
    async bought() {
      const wallet = await begun();
      await wallet.pay();
      const sale = await shop.merchant.sale(wallet.subject.transactionNumber);
      return Object.assign(wallet, { paymentId: sale?.payments[0]?.jti ?? "" });
    },
    entryOf(wallet, given = {}) {
      const { transactionNumber, quoteHash, amount } = wallet.subject;
      const own = { quoteHash: toBase64url(quoteHash), amount: `${amount}` };
      const known = "paymentId" in wallet ? { paymentId: String(wallet.paymentId) } : {};
      return paymentEntry(transactionNumber, { ...own, ...known, ...given });
    },
  };
}
