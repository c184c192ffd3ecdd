/** What both servers' processes do: listen, obey orders, tell what they used. */
import { readFileSync } from "node:fs";
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
    peakMegabytes: peakKib() / 1_024,
  };
}

/** The system's own count. On Linux `resourceUsage` begins with what the parent had, so there it is read where it does not. */
function peakKib(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  if (kib === undefined) throw new Error("The system does not tell how much memory was held.");
  return Number(kib);
}
