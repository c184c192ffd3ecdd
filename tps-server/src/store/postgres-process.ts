/** The embedded PostgreSQL's process: creating the cluster, starting it, stopping it. */
import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { OperatorError } from "../errors.ts";
import type { Platform } from "../platform.ts";
import { databaseUser, findBinaries, type RunAs } from "./postgres-binaries.ts";
import { type Postmaster, runningPostmaster } from "./postmaster.ts";
import { openWayTo, reachableBinaries } from "./reachable.ts";

const run = promisify(execFile);
/** The role that owns the cluster. */
export const SUPERUSER = "postgres";
/** Only names the socket file; no TCP port is opened. */
const PORT = 5432;
/** Bytes of a Unix socket's path on Linux and macOS, less the socket's own name. */
const SOCKET_PATH_MOST = 80;
const POLL_MILLISECONDS = 50;
const START_POLLS = 1_200;
const START_ATTEMPTS = 8;
const ATTEMPT_MILLISECONDS = 500;

/**
 * Starts the cluster in `directory`, after creating it where there is none. Nobody else may be starting it.
 *
 * @throws {OperatorError} `database-unavailable`
 */
export async function startPostgres(
  platform: Pick<Platform, "sleep">,
  directory: string,
  options: { readonly dataDirectory: string; readonly password: string },
): Promise<Postmaster> {
  const runAs = await databaseUser();
  await openWayTo(runAs, options.dataDirectory);
  const binaries = await reachableBinaries(runAs, await findBinaries(), options.dataDirectory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length === 0) {
    await initialise(binaries.initdb, directory, options.password, runAs);
  }
  const socketDirectory = await makeSocketDirectory(options.dataDirectory, runAs);
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    const server = await spawnPostgres(
      platform,
      binaries.postgres,
      runAs,
      directory,
      socketDirectory,
      join(options.dataDirectory, "postgres.log"),
    );
    if (server !== undefined) return server;
    // After a kill -9 of the server alone, its helpers take a moment to notice and let go.
    await platform.sleep(ATTEMPT_MILLISECONDS);
  }
  throw new OperatorError(
    "database-unavailable",
    `The embedded PostgreSQL did not start. Its reasons are in ${join(options.dataDirectory, "postgres.log")}.`,
  );
}

/** One attempt; undefined when the server ends at once. */
async function spawnPostgres(
  platform: Pick<Platform, "sleep">,
  postgres: string,
  runAs: RunAs,
  directory: string,
  socketDirectory: string,
  logFile: string,
): Promise<Postmaster | undefined> {
  // Nobody runs (we hold the lock), so a socket that is still there belongs to a killed server.
  for (const name of [`.s.PGSQL.${PORT}`, `.s.PGSQL.${PORT}.lock`]) {
    await rm(join(socketDirectory, name), { force: true });
  }
  const log = await open(logFile, "a", 0o600);
  const settings = [
    `unix_socket_directories=${socketDirectory}`,
    "listen_addresses=",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    // The workers' and the telephone service's connections, and commands'.
    "max_connections=300",
  ];
  const child = spawn(
    postgres,
    ["-D", directory, "-p", String(PORT), ...settings.flatMap((setting) => ["-c", setting])],
    // Its own process group: Ctrl-C in the terminal reaches us first, and we stop it in order.
    { ...runAs, detached: true, stdio: ["ignore", log.fd, log.fd], cwd: "/" },
  );
  child.unref();
  const ended = new Promise<"ended">((resolve) => {
    child.once("exit", () => resolve("ended"));
    child.once("error", () => resolve("ended"));
  });
  await log.close();
  for (let poll = 0; poll < START_POLLS; poll++) {
    const server = await runningPostmaster(directory);
    if (server !== undefined && server.pid === child.pid) return server;
    if ((await Promise.race([ended, platform.sleep(POLL_MILLISECONDS)])) === "ended") break;
  }
  return undefined;
}

async function initialise(
  initdb: string,
  directory: string,
  password: string,
  runAs: RunAs,
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), "chit-initdb-"));
  const passwordFile = join(scratch, "password");
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    for (const path of [directory, scratch, passwordFile]) await giveTo(runAs, path);
    await run(
      initdb,
      [
        `--pgdata=${directory}`,
        "--auth=scram-sha-256",
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
      ],
      { ...runAs, cwd: "/", env: { ...process.env, LC_ALL: "C" } },
    );
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new OperatorError(
      "database-unavailable",
      `The embedded PostgreSQL could not be created in ${directory}: ${(stderr ?? String(cause)).trim()}`,
      { cause },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function makeSocketDirectory(dataDirectory: string, runAs: RunAs): Promise<string> {
  const near = join(dataDirectory, "run");
  const path =
    Buffer.byteLength(near) <= SOCKET_PATH_MOST ? near : await mkdtemp(join(tmpdir(), "chit-"));
  await mkdir(path, { recursive: true });
  await chmod(path, 0o700);
  await giveTo(runAs, path);
  return path;
}

async function giveTo({ uid, gid }: RunAs, path: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** SIGINT: the fast shutdown, with a checkpoint. */
export async function stopPostgres(
  platform: Pick<Platform, "sleep">,
  directory: string,
): Promise<void> {
  const server = await runningPostmaster(directory);
  if (server === undefined) return;
  process.kill(server.pid, "SIGINT");
  while ((await runningPostmaster(directory)) !== undefined) {
    await platform.sleep(POLL_MILLISECONDS);
  }
}
