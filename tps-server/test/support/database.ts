/** A database of its own for each test file: a copy of the migrated template. */
import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type Database, openDatabase } from "../../src/store/database.ts";

/** The URL of a database in the run's server, for the superuser or another role. */
export function databaseUrl(name: string, role?: { name: string; password: string }): string {
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  if (role !== undefined) {
    url.username = role.name;
    url.password = role.password;
  }
  return url.href;
}

/** A fresh migrated database, gone after `drop`. */
export interface TestDatabase {
  readonly name: string;
  readonly database: Database;
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `chit_${randomBytes(6).toString("hex")}`;
  await onServer(`create database ${name} template chit_template`);
  // Connections broken on purpose are no news.
  const database = openDatabase(databaseUrl(name), () => undefined);
  return {
    name,
    database,
    async drop() {
      await database.close();
      await onServer(`drop database ${name} with (force)`);
    },
  };
}

async function onServer(statement: string): Promise<void> {
  const server = openDatabase(inject("postgresUrl"), () => undefined);
  try {
    await server.query(statement);
  } finally {
    await server.close();
  }
}
