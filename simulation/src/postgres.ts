/** A real PostgreSQL for simulations: one server, and for each course a database of its own. */
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemPlatform } from "@chit/tps-server";
import {
  acquireEmbeddedPostgres,
  type Database,
  migrate,
  openDatabase,
} from "@chit/tps-server/core";

const TEMPLATE = "chit_simulation";
const VRU_PASSWORD = "vru";

/** A running server with a migrated template in it. */
export interface PostgresServer {
  /** URL of its maintenance database. */
  readonly url: string;
  release(): Promise<void>;
}

/** A migrated database, as the TPS and as the telephone service enter it. */
export interface CourseDatabase {
  readonly tps: Database;
  /** Connected as `chit_vru`, which may set PINs and touch no money. */
  readonly vru: Database;
  drop(): Promise<void>;
}

/** Starts the server. */
export async function startPostgres(): Promise<PostgresServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "chit-simulation-"));
  // The database's own user must be able to pass through.
  await chmod(dataDirectory, 0o755);
  const options = { dataDirectory, password: "simulation" };
  const postgres = await acquireEmbeddedPostgres(systemPlatform, options);
  const url = postgres.url("postgres");
  await onDatabase(url, async (server) => {
    // Power cuts are not simulated: nothing needs to wait for the disk.
    for (const setting of ["fsync", "full_page_writes", "synchronous_commit"]) {
      await server.query(`alter system set ${setting} = off`);
    }
    await server.query("select pg_reload_conf()");
    await server.query(`create database ${TEMPLATE}`);
  });
  await onDatabase(postgres.url(TEMPLATE), async (template) => {
    await migrate(template);
    await template.query(`alter role chit_vru login password '${VRU_PASSWORD}'`);
  });
  return {
    url,
    async release() {
      await postgres.release();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Makes a database. */
export async function createCourseDatabase(serverUrl: string): Promise<CourseDatabase> {
  const name = `course_${randomBytes(6).toString("hex")}`;
  await onDatabase(serverUrl, (server) =>
    server.query(`create database ${name} template ${TEMPLATE} strategy file_copy`),
  );
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const tps = openDatabase(url.href, ignoreError);
  url.username = "chit_vru";
  url.password = VRU_PASSWORD;
  const vru = openDatabase(url.href, ignoreError);
  return {
    tps,
    vru,
    async drop() {
      await tps.close();
      await vru.close();
      await onDatabase(serverUrl, (server) => server.query(`drop database ${name} with (force)`));
    },
  };
}

async function onDatabase(url: string, work: (database: Database) => Promise<unknown>) {
  const database = openDatabase(url, ignoreError);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

/** Connections are broken on purpose. */
function ignoreError(): void {}
