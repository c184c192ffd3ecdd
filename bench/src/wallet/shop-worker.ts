/** The shop in a thread of its own: the merchant's middleware on Express, with one digital thing for sale. */
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import {
  createMerchant,
  type MerchantBundleInput,
  type MerchantKeysInput,
  sqliteStore,
} from "@chit/merchant";
import express from "express";

/** What the shop is told. */
export interface ShopOrder {
  readonly keys: MerchantKeysInput;
  readonly bundle: MerchantBundleInput;
  readonly port: number;
  /** For its sales and its goods. */
  readonly directory: string;
}

/** Where the thing is sold. */
export const SALE_PATH = "/book";
/** An e-book's size, in bytes: more than one chunk of goods. */
const SIZE = 300_000;

const line = parentPort;
if (line !== null) {
  const [order] = (await once(line, "message")) as [ShopOrder];
  await open(order);
  line.postMessage("open");
}

async function open({ keys, bundle, port, directory }: ShopOrder): Promise<void> {
  const merchant = createMerchant({
    keys,
    bundle,
    store: sqliteStore(join(directory, "sales.sqlite")),
    goodsDirectory: join(directory, "goods"),
    logger: { info() {}, warn: console.warn, error: console.error },
  });
  const app = express();
  app.use(merchant.router());
  const content = Buffer.alloc(SIZE, "A short history of the chit. ");
  app.get(SALE_PATH, merchant.sell({ name: "A book", price: "0.05", content }));
  await once(createServer(app).listen(port, "127.0.0.1"), "listening");
}
