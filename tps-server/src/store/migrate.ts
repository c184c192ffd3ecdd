/** Brings the schema up to date: every .sql file of `migrations/` once, in the order of their names. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { OperatorError } from "../errors.ts";
import type { Database, Queryable } from "./database.ts";

const DIRECTORY = new URL("./migrations/", import.meta.url);
/** Any number will do, as long as nothing else in the database locks it. */
const LOCK = 7_241_966_001n;

/** What must be done around a migration, inside of its transaction; not when nothing is missing. */
export interface AroundMigration {
  before(tx: Queryable): Promise<void>;
  after(tx: Queryable): Promise<void>;
}

/**
 * Applies what is missing, in one transaction under an advisory lock, so that two servers that start together
 * do not step on each other.
 *
 * @returns the names applied now
 * @throws {OperatorError} `migration-changed`
 */
export async function migrate(database: Database, around?: AroundMigration): Promise<string[]> {
  const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith(".sql")).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, DIRECTORY), "utf8");
      return { name, sql, digest: createHash("sha256").update(sql).digest("hex") };
    }),
  );
  return database.transaction(async (tx) => {
    // Another server may be migrating, and a large table takes its time: no patience is too long here.
    await tx.query("set local lock_timeout = 0");
    await tx.query("set local statement_timeout = 0");
    await tx.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await tx.query(
      `create table if not exists schema_migrations
         (name text primary key, digest text not null, applied_at timestamptz not null default now())`,
    );
    const rows = await tx.query<{ name: string; digest: string }>(
      "select name, digest from schema_migrations",
    );
    const applied = new Map(rows.map(({ name, digest }) => [name, digest]));
    const missing = files.filter(({ name, digest }) => {
      const before = applied.get(name);
      if (before === undefined || before === digest) return before === undefined;
      throw new OperatorError(
        "migration-changed",
        `The migration ${name} was applied in another form. Restore it and add a new file instead.`,
      );
    });
    if (missing.length > 0) await around?.before(tx);
    for (const { name, sql, digest } of missing) {
      await tx.query(sql);
      await tx.query("insert into schema_migrations (name, digest) values ($1, $2)", [
        name,
        digest,
      ]);
    }
    if (missing.length > 0) await around?.after(tx);
    return missing.map(({ name }) => name);
  });
}
