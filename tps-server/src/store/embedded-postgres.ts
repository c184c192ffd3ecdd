/**
 * The embedded PostgreSQL: a cluster in the data directory, started when the first of our processes needs it
 * and stopped when the last one leaves. It listens on a Unix socket alone. After a `kill -9` of our process
 * it is still there, and the next process takes it over; after a power cut it recovers by itself (fsync on).
 */
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { OperatorError } from "../errors.ts";
import type { Platform } from "../platform.ts";
import { SUPERUSER, startPostgres, stopPostgres } from "./postgres-process.ts";
import { isAlive, type Postmaster, runningPostmaster } from "./postmaster.ts";

const POLL_MILLISECONDS = 50;
/** A minute: crash recovery of a large database takes its time. */
const MOST_POLLS = 1_200;

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
    server =
      (await runningPostmaster(directory)) ?? (await startPostgres(platform, directory, options));
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
        if (await leave(users, token)) await stopPostgres(platform, directory);
      } finally {
        await unlockAgain();
      }
    },
  };
}

async function waitUntilReady(
  platform: Pick<Platform, "sleep">,
  url: string,
  server: Postmaster,
  dataDirectory: string,
): Promise<void> {
  let cause: unknown;
  for (let poll = 0; poll < MOST_POLLS && isAlive(server.pid); poll++) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query("select pg_is_in_recovery() as recovering");
      await client.end();
      // While it is being restored from a backup it answers, and takes no change.
      if (rows[0]?.recovering !== true) return;
      cause = new Error("it is still being restored");
      await platform.sleep(POLL_MILLISECONDS);
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
  for (let poll = 0; poll < MOST_POLLS; poll++) {
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
