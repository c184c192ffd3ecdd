/** A TPS as an operator runs it: `chit-tps serve` as a process of its own, which a test may kill. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.resolve("@chit/tps-server")));

export interface TpsProcess {
  readonly address: string;
  /** SIGKILL, as by a machine that loses power; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has answered what was under way and left. */
  stop(): Promise<void>;
}

/** Starts one on the data of a service that was initialised, on a free port. */
export async function serveTps(dataDir: string): Promise<TpsProcess> {
  const args = [PROGRAM, "serve", "--data-dir", dataDir, "--port", "0", "--log-level", "error"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const gone = once(child, "exit");
  const said: string[] = [];
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line);
      const address = /listens on (http:\S+)\.( |$)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const address = await Promise.race([listening, gone.then(() => undefined)]);
  if (address === undefined) throw new Error(`chit-tps serve ended: ${said.join("\n")}`);
  const end = (signal: NodeJS.Signals) => async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  return { address, kill: end("SIGKILL"), stop: end("SIGTERM") };
}
