/** A shop as the SDK's README builds it: Express, the SQLite store, an article that is a file, a hook for paid orders. */
import { join } from "node:path";
import { createMerchant, sqliteStore } from "@chit/merchant";
import express from "express";
import { serveForBench } from "./serve.ts";

const app = express();
let paid = 0;

serveForBench(app, (order) => {
  if (order.order !== "open") return;
  const { keys, bundle, directory, goods } = order;
  const merchant = createMerchant({
    keys,
    bundle,
    store: sqliteStore(join(directory, "shop.db")),
    goodsDirectory: join(directory, "goods"),
    hooks: {
      paid: () => {
        paid++;
      },
    },
    // The issuer is nowhere: nothing is to be fetched from it.
    background: false,
  });
  app.use(merchant.router());
  app.get("/article", merchant.sell({ name: "An article", price: "0.90", file: goods }));
  app.get("/paid", (_request, response) => {
    response.json({ paid });
  });
});
