/** A payment server as it is operated: processes of its own on all cores, the embedded PostgreSQL with fsync on. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { currentSealingKey, type SealingKey, verifyKeyList } from "@chit/protocol";
import {
  initialiseIssuer,
  loadKeyRing,
  openStorage,
  systemPlatform,
  type TpsDeps,
} from "@chit/tps-server";
import type { RowContext } from "../row.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.resolve("@chit/tps-server")));
const HOST = "127.0.0.1";

/** A running payment server and a way into its storage. */
export interface BenchTps {
  readonly deps: TpsDeps;
  readonly dataDir: string;
  readonly issuer: string;
  readonly sealingKey: SealingKey;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  /** Its first process, of which the others descend. */
  readonly pid: number;
  /** Resident memory of all of its processes, without the database's, in MB. */
  residentMegabytes(): Promise<number>;
}

/**
 * Starts one, stopped and removed when the row ends.
 *
 * @param where its port, for wallets that go by the issuer's address; any that is free for prepared requests
 */
export async function startBenchTps(
  { effort: { directory }, onEnd }: Pick<RowContext, "effort" | "onEnd">,
  workers = availableParallelism(),
  where?: number,
): Promise<BenchTps> {
  await mkdir(directory, { recursive: true });
  const dataDir = await mkdtemp(join(directory, "bench-"));
  onEnd(() => rm(dataDir, { recursive: true, force: true }));
  const storage = await openStorage(systemPlatform, { dataDir }, () => undefined);
  onEnd(() => storage.close());
  const { deps } = storage;
  const issuer = `http://localhost:${where ?? 8420}`;
  await initialiseIssuer(deps, {
    origin: issuer,
    operator: "Benchmark",
    telephone: "+49 30 123456",
    currency: "EUR",
    scale: 4,
  });
  const { rootKey, keyList } = await loadKeyRing(deps);
  const now = systemPlatform.nowSeconds();
  const list = verifyKeyList(deps.crypto, rootKey, keyList.document, now);
  const { child, port } = await serve(dataDir, workers, where ?? 0);
  onEnd(() => end(child));
  return {
    deps,
    dataDir,
    issuer,
    sealingKey: currentSealingKey(list, now),
    host: HOST,
    port,
    workers,
    pid: child.pid ?? 0,
    residentMegabytes: () => residentMegabytes(child),
  };
}

async function serve(
  dataDir: string,
  workers: number,
  where: number,
): Promise<{ child: ChildProcess; port: number }> {
  const options = [
    "--data-dir",
    dataDir,
    "--host",
    HOST,
    "--port",
    `${where}`,
    "--log-level",
    "warn",
  ];
  const child = spawn(process.execPath, [PROGRAM, "serve", "--workers", `${workers}`, ...options], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, DATABASE_URL: undefined, CHIT_PIN_KEY: undefined },
  });
  let said = "";
  const ended = once(child, "exit").then(() => {
    throw new Error(`The payment server ended: ${said}`);
  });
  const listens = new Promise<number>((found) => {
    child.stderr?.on("data", (chunk) => {
      said += String(chunk);
      const port = /listens on http:\/\/[^ ]*:([0-9]+)/.exec(said)?.[1];
      if (port !== undefined) found(Number(port));
    });
  });
  const port = await Promise.race([listens, ended]);
  ended.catch(() => undefined);
  return { child, port };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function residentMegabytes(child: ChildProcess): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const mine = rows.filter(([pid, parent]) => pid === child.pid || parent === child.pid);
  const kilobytes = mine.reduce((sum, [, , resident]) => sum + (resident ?? 0), 0);
  return kilobytes / 1024;
}
