/** A server in a process of its own, so that what it uses is its alone. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { RowContext } from "../row.ts";
import type { ServerOrder, Usage } from "./orders.ts";

/** A running server. */
export interface BenchServer {
  readonly origin: string;
  /** Obeys an order. */
  order(order: ServerOrder): Promise<void>;
  /** What it has used since it started. */
  usage(): Promise<Usage>;
}

/** Starts one of the modules beside this one; stopped when the row ends. */
export async function startServer(
  { onEnd }: Pick<RowContext, "onEnd">,
  module: "shop-process.ts" | "plain-process.ts",
): Promise<BenchServer> {
  // Bytes travel as bytes.
  const child = fork(new URL(module, import.meta.url), { serialization: "advanced" });
  onEnd(() => end(child));
  const port = await answer<number>(child);
  const ask = <R>(order: ServerOrder) => {
    const answered = answer<R>(child);
    child.send(order);
    return answered;
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    async order(order) {
      await ask(order);
    },
    usage: () => ask<Usage>({ order: "tell" }),
  };
}

function answer<R>(child: ChildProcess): Promise<R> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("A server's process ended; what it said is above."));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as R);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}
