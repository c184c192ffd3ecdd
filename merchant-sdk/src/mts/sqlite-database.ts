/**
 * A SQLite database as the stores use it: prepared statements kept, rows as plain objects, one transaction at a time.
 * Parameters are plain (`?`): the node:sqlite of Node 22.13 binds no numbered ones.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";

export interface Sqlite {
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number | bigint };
  /** Rows, yet to be parsed. */
  all(sql: string, ...values: SQLInputValue[]): unknown[];
  /** Everything that `work` writes, or nothing of it. */
  atomically<R>(work: () => R): R;
  close(): void;
}

/** Wraps an open database. */
export function sqliteOf(database: DatabaseSync): Sqlite {
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const statement = (sql: string) => {
    const prepared = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    run: (sql, ...values) => statement(sql).run(...values),
    all: (sql, ...values) =>
      statement(sql)
        .all(...values)
        .map((row) => ({ ...row })),
    atomically(work) {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        if (database.isTransaction !== false) database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}
