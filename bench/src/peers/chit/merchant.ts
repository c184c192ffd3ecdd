/** A shop as the SDK's README builds it: Express, the SQLite store, an article behind a paywall. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createMerchant, sqliteStore } from "@chit/merchant";
import express from "express";
import { ARTICLE, ARTICLE_NAME, ARTICLE_PATH, ARTICLE_PRICE } from "../article.ts";
import { answerOrders } from "../programs.ts";
import type { ChitMerchant } from "./orders.ts";

const app = express();
const silent = { info() {}, warn() {}, error: console.error };

answerOrders<ChitMerchant>({
  async listen() {
    const server = createServer(app).listen(0, "127.0.0.1");
    await once(server, "listening");
    return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  },
  async open({ keys, bundle, directory }) {
    const merchant = createMerchant({
      keys,
      bundle,
      store: sqliteStore(join(directory, "shop.db")),
      goodsDirectory: join(directory, "goods"),
      logger: silent,
      // What goes on between sales is not a sale's: the operator's keys are fetched, batches are sent.
      background: false,
    });
    app.use(merchant.router());
    const sold = { name: ARTICLE_NAME, price: ARTICLE_PRICE, content: () => ARTICLE };
    app.get(ARTICLE_PATH, merchant.paywall(sold));
  },
  async spent() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
});
