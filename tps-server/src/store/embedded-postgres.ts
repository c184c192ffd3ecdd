/**
 * The embedded PostgreSQL: a cluster in the data directory, started when the first of our processes needs it
 * and stopped when the last one leaves. It listens on a Unix socket alone. After a `kill -9` of our process
 * it is still there, and the next process takes it over; after a power cut it recovers by itself (fsync on).
 */
import { execFile, spawn } from "node:child_process";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { OperatorError } from "../errors.ts";
import type { Platform } from "../platform.ts";
import { databaseUser, findBinaries, type RunAs } from "./postgres-binaries.ts";
import { isAlive, type Postmaster, runningPostmaster } from "./postmaster.ts";
import { openWayTo, reachableBinaries } from "./reachable.ts";

const run = promisify(execFile);
const SUPERUSER = "postgres";
/** Only names the socket file; no TCP port is opened. */
const PORT = 5432;
/** Bytes of a Unix socket's path on Linux and macOS, less the socket's own name. */
const SOCKET_PATH_MOST = 80;
const POLL_MILLISECONDS = 50;
const START_POLLS = 1_200;

/** Where it lives and how to enter. */
export interface EmbeddedPostgresOptions {
  /** The server's data directory; the cluster becomes its subdirectory `postgres`. */
  readonly dataDirectory: string;
  /** The superuser's password. */
  readonly password: string;
}

/** A running embedded database. */
export interface EmbeddedPostgres {
  /** Connection URL of a database in it, for a role with a password. */
  url(database: string, role?: { name: string; password: string }): string;
  /** Leaves; stops it when no other process of ours uses it. */
  release(): Promise<void>;
}

/**
 * Starts the database, or joins the one that runs.
 *
 * @throws {OperatorError} `database-unavailable`
 */
export async function acquireEmbeddedPostgres(
  platform: Pick<Platform, "sleep">,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const directory = join(options.dataDirectory, "postgres");
  const users = join(options.dataDirectory, "postgres-users");
  const token = join(users, String(process.pid));
  await mkdir(users, { recursive: true, mode: 0o700 });
  const unlock = await lock(platform, options.dataDirectory);
  let server: Postmaster;
  try {
    server = (await runningPostmaster(directory)) ?? (await start(platform, directory, options));
    // One process may hold it several times (tests): one line each.
    await writeFile(token, "+", { flag: "a" });
  } finally {
    await unlock();
  }
  const url: EmbeddedPostgres["url"] = (database, role) => {
    const { name, password } = role ?? { name: SUPERUSER, password: options.password };
    const query = new URLSearchParams({
      host: server.socketDirectory,
      port: String(server.port),
    });
    return `postgres://${name}:${encodeURIComponent(password)}@localhost/${database}?${query}`;
  };
  await waitUntilReady(platform, url("postgres"), server, options.dataDirectory);
  let released = false;
  return {
    url,
    async release() {
      if (released) return;
      released = true;
      const unlockAgain = await lock(platform, options.dataDirectory);
      try {
        if (await leave(users, token)) await stop(platform, directory);
      } finally {
        await unlockAgain();
      }
    },
  };
}

async function start(
  platform: Pick<Platform, "sleep">,
  directory: string,
  options: EmbeddedPostgresOptions,
): Promise<Postmaster> {
  const runAs = await databaseUser();
  await openWayTo(runAs, options.dataDirectory);
  const binaries = await reachableBinaries(runAs, await findBinaries(), options.dataDirectory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length === 0) {
    await initialise(binaries.initdb, directory, options.password, runAs);
  }
  const socketDirectory = await makeSocketDirectory(options.dataDirectory, runAs);
  const log = await open(join(options.dataDirectory, "postgres.log"), "a", 0o600);
  const settings = [
    `unix_socket_directories=${socketDirectory}`,
    "listen_addresses=",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=100",
  ];
  const child = spawn(
    binaries.postgres,
    ["-D", directory, "-p", String(PORT), ...settings.flatMap((setting) => ["-c", setting])],
    // Its own process group: Ctrl-C in the terminal reaches us first, and we stop it in order.
    { ...runAs, detached: true, stdio: ["ignore", log.fd, log.fd], cwd: "/" },
  );
  child.unref();
  const failed = new Promise<Error>((resolve) => child.once("error", resolve));
  const ended = new Promise<"ended">((resolve) => child.once("exit", () => resolve("ended")));
  await log.close();
  for (let poll = 0; poll < START_POLLS; poll++) {
    const server = await runningPostmaster(directory);
    if (server !== undefined && server.pid === child.pid) return server;
    const event = await Promise.race([failed, ended, platform.sleep(POLL_MILLISECONDS)]);
    if (event !== undefined) break;
  }
  throw new OperatorError(
    "database-unavailable",
    `The embedded PostgreSQL did not start. Its reasons are in ${join(options.dataDirectory, "postgres.log")}.`,
  );
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

async function waitUntilReady(
  platform: Pick<Platform, "sleep">,
  url: string,
  server: Postmaster,
  dataDirectory: string,
): Promise<void> {
  let cause: unknown;
  for (let poll = 0; poll < START_POLLS && isAlive(server.pid); poll++) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      cause = error;
      const { code } = error as { code?: string };
      // A wrong password (28P01) will not become right.
      if (code?.startsWith("28")) break;
      await platform.sleep(POLL_MILLISECONDS);
    }
  }
  throw new OperatorError(
    "database-unavailable",
    `The embedded PostgreSQL does not answer (${(cause as Error)?.message ?? "it ended"}). Its log is ${join(dataDirectory, "postgres.log")}.`,
    { cause },
  );
}

/** SIGINT: the fast shutdown, with a checkpoint. */
async function stop(platform: Pick<Platform, "sleep">, directory: string): Promise<void> {
  const server = await runningPostmaster(directory);
  if (server === undefined) return;
  process.kill(server.pid, "SIGINT");
  while ((await runningPostmaster(directory)) !== undefined) {
    await platform.sleep(POLL_MILLISECONDS);
  }
}

/** Removes one of our uses; true when no living process uses the database any more. */
async function leave(users: string, token: string): Promise<boolean> {
  const { size } = await stat(token).catch(() => ({ size: 0 }));
  if (size > 1) {
    await writeFile(token, "+".repeat(size - 1));
    return false;
  }
  await rm(token, { force: true });
  for (const name of await readdir(users)) {
    if (isAlive(Number(name))) return false;
    await rm(join(users, name), { force: true });
  }
  return true;
}

/** Start and stop happen one at a time for each data directory. */
async function lock(
  platform: Pick<Platform, "sleep">,
  dataDirectory: string,
): Promise<() => Promise<void>> {
  const file = join(dataDirectory, "postgres.lock");
  for (let poll = 0; poll < START_POLLS; poll++) {
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await removeStaleLock(file);
      await platform.sleep(POLL_MILLISECONDS);
    }
  }
  throw new OperatorError(
    "database-unavailable",
    `Another process has been starting or stopping the database for a minute. If there is none, remove ${file}.`,
  );
}

async function removeStaleLock(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "");
  const pid = Number(text);
  if (text !== "" && Number.isSafeInteger(pid) && !isAlive(pid)) await rm(file, { force: true });
}
