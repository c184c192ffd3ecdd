/** One embedded PostgreSQL for a whole run, with a migrated database to copy for each test file. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { systemPlatform } from "../../src/platform.ts";
import { openDatabase } from "../../src/store/database.ts";
import { acquireEmbeddedPostgres } from "../../src/store/embedded-postgres.ts";
import { migrate } from "../../src/store/migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the server's maintenance database. */
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "chit-tps-"));
  // The database's own user must be able to pass through.
  await chmod(dataDirectory, 0o755);
  const postgres = await acquireEmbeddedPostgres(systemPlatform, {
    dataDirectory,
    password: "test",
  });
  const server = openDatabase(postgres.url("postgres"), throwError);
  await server.query("create database chit_template");
  await server.close();
  const template = openDatabase(postgres.url("chit_template"), throwError);
  await migrate(template);
  await template.close();
  project.provide("postgresUrl", postgres.url("postgres"));
  return async () => {
    await postgres.release();
    await rm(dataDirectory, { recursive: true, force: true });
  };
}

function throwError(error: Error): never {
  throw error;
}
