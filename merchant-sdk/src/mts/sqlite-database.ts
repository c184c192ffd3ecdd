/** A SQLite database as the stores use it: prepared statements kept, rows as plain objects, one transaction at a time. */
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
    run(sql, ...values) {
      const { text, bound } = inOrder(sql, values);
      return statement(text).run(...bound);
    },
    all(sql, ...values) {
      const { text, bound } = inOrder(sql, values);
      return statement(text)
        .all(...bound)
        .map((row) => ({ ...row }));
    },
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

/** Numbered parameters (`?2`) as plain ones: the node:sqlite of Node 22 takes numbers for names, and binds none of them. */
function inOrder(
  sql: string,
  values: readonly SQLInputValue[],
): { readonly text: string; readonly bound: readonly SQLInputValue[] } {
  const bound: SQLInputValue[] = [];
  const text = sql.replace(/\?(\d+)/g, (_, number: string) => {
    const value = values[Number(number) - 1];
    if (value === undefined) throw new Error(`The statement has no value ?${number}.`);
    bound.push(value);
    return "?";
  });
  return bound.length === 0 ? { text, bound: values } : { text, bound };
}
