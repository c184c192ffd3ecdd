/** A shop in a process of its own that sells one large file and tells its highest resident memory. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { createMerchant, type MerchantOptions, memoryStore } from "../src/index.ts";

/** What the test sends to this process. */
export type Order =
  | { readonly files: Pick<MerchantOptions, "keys" | "bundle">; readonly goods: string }
  | "memory";

const app = express();
const server = createServer(app);
let most = 0;
const look = () => {
  most = Math.max(most, process.memoryUsage().rss);
};
setInterval(look, 5).unref();

process.on("message", (order: Order) => {
  if (order === "memory") {
    look();
    process.send?.({ memory: most });
    // From here on the next stretch counts.
    most = 0;
    return;
  }
  const merchant = createMerchant({ ...order.files, store: memoryStore(), background: false });
  app.use(merchant.router());
  app.get("/big", merchant.sell({ name: "Film", price: "3", file: order.goods }));
  process.send?.({ ready: true });
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
