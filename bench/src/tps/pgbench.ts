/** pgbench's TPC-B-like transaction on the payment server's own PostgreSQL: 32 clients, prepared, fsync on. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchTps } from "./server.ts";

const run = promisify(execFile);
const DATABASE = "pgbench";
const CLIENTS = 32;
const THREADS = "2";

/** Whether this system has pgbench. */
export async function hasPgbench(): Promise<boolean> {
  return run("pgbench", ["--version"]).then(
    () => true,
    () => false,
  );
}

/**
 * Makes its tables in a database of their own.
 *
 * @param scale 100,000 accounts each
 * @returns runs about so many transactions and returns how many a second there were
 */
export async function preparePgbench(
  { deps, dataDir }: BenchTps,
  scale: number,
): Promise<(transactions: number) => Promise<number>> {
  const [place] = await deps.database.query<{ host: string; port: string }>(
    `select current_setting('unix_socket_directories') as host, current_setting('port') as port,
            current_setting('fsync') as fsync`,
  );
  if (place === undefined) throw new Error("The database does not say where it is.");
  const password = await readFile(join(dataDir, "secrets", "database-password"), "utf8");
  const server = ["-h", place.host, "-p", place.port, "-U", "postgres"];
  const env = { ...process.env, PGPASSWORD: password.trim() };
  await deps.database.query(`create database ${DATABASE}`);
  await run("pgbench", [...server, "-i", "-q", "-s", `${scale}`, DATABASE], { env });
  return async (transactions) => {
    const each = Math.max(1, Math.round(transactions / CLIENTS));
    const load = ["-n", "-M", "prepared", "-c", `${CLIENTS}`, "-j", THREADS, "-t", `${each}`];
    const { stdout } = await run("pgbench", [...server, ...load, DATABASE], { env });
    const rate = /tps = ([0-9.]+)/.exec(stdout)?.[1];
    if (rate === undefined) throw new Error(`pgbench said: ${stdout}`);
    return Number(rate);
  };
}
