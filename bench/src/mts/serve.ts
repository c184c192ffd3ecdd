/** What both servers' processes do: listen, obey orders, tell what they used. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import type { ServerOrder, Usage } from "./orders.ts";

const MEGABYTE = 1_048_576;

/** Serves `app` on a free port, and tells whoever started this process which. */
export function serveForBench(app: Express, obey: (order: ServerOrder) => void): void {
  process.on("message", (order: ServerOrder) => {
    if (order.order === "tell") {
      process.send?.(usage());
      return;
    }
    obey(order);
    process.send?.({});
  });
  process.on("disconnect", () => process.exit());
  const server = createServer(app).listen(0, "127.0.0.1", () => {
    process.send?.((server.address() as AddressInfo).port);
  });
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return {
    cpuMicroseconds: user + system,
    residentMegabytes: process.memoryUsage.rss() / MEGABYTE,
  };
}
