/** PostgreSQL servers of a test's own, which it may kill. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemPlatform } from "../../src/platform.ts";
import { openDatabase } from "../../src/store/database.ts";
import {
  acquireEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../../src/store/embedded-postgres.ts";
import { isAlive, runningPostmaster } from "../../src/store/postmaster.ts";

/** A server with one empty database, and how to kill it and start it again at the same address. */
export interface TestServer {
  /** Of its database, for the superuser or another role. */
  url(role?: { name: string; password: string }): string;
  /** SIGKILL to its postmaster, as when the machine fails; returns when it has ended. */
  kill(): Promise<void>;
  /** Starts it again; it recovers by itself. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const NAME = "chit";

export async function startServer(): Promise<TestServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "chit-server-"));
  // The database's own user must be able to pass through.
  await chmod(dataDirectory, 0o755);
  const acquire = (): Promise<EmbeddedPostgres> =>
    acquireEmbeddedPostgres(systemPlatform, { dataDirectory, password: "test" });
  let postgres = await acquire();
  const server = openDatabase(postgres.url("postgres"), () => undefined);
  await server.query(`create database ${NAME}`);
  await server.close();
  return {
    url: (role) => postgres.url(NAME, role),
    async kill() {
      const postmaster = await runningPostmaster(join(dataDirectory, "postgres"));
      if (postmaster === undefined) throw new Error("The server does not run.");
      process.kill(postmaster.pid, "SIGKILL");
      while ((await runningPostmaster(join(dataDirectory, "postgres"))) !== undefined) {
        await systemPlatform.sleep(20);
      }
      while (isAlive(postmaster.pid)) await systemPlatform.sleep(20);
    },
    async restart() {
      postgres = await acquire();
    },
    async stop() {
      await postgres.release();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
