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
  /**
   * The same, in one transaction with whatever else is to be written at this moment: what shoppers do at the same time
   * waits for one synchronisation of the disk together. When `work` throws, its own writes alone are undone.
   *
   * @returns what `work` returned, once all of it is durable
   */
  together<R>(work: () => R): Promise<R>;
  /** Writes what waits, and closes the database. */
  close(): void;
}

/** Something that waits to be written. */
interface Waiting {
  /** Runs within the group's transaction; throws only when that is gone. */
  attempt(): void;
  /** The transaction is durable, or failed as a whole. */
  settle(failure: { readonly error: unknown } | null): void;
}

/**
 * Wraps an open database.
 *
 * @param soon calls a function behind all requests that have arrived by now, and before the next that will
 */
export function sqliteOf(database: DatabaseSync, soon: (work: () => void) => void): Sqlite {
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const statement = (sql: string) => {
    const prepared = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  const say = (sql: string) => void statement(sql).run();

  const atomically = <R>(work: () => R): R => {
    say("BEGIN IMMEDIATE");
    try {
      const result = work();
      say("COMMIT");
      return result;
    } catch (error) {
      if (database.isTransaction !== false) say("ROLLBACK");
      throw error;
    }
  };

  let waiting: Waiting[] = [];
  const writeWaiting = () => {
    const group = waiting;
    // Nothing when the store was closed meanwhile.
    if (group.length === 0) return;
    waiting = [];
    let failure: { readonly error: unknown } | null = null;
    try {
      atomically(() => {
        for (const { attempt } of group) attempt();
      });
    } catch (error) {
      failure = { error };
    }
    for (const { settle } of group) settle(failure);
  };

  const together = <R>(work: () => R): Promise<R> =>
    new Promise((resolve, reject) => {
      let outcome: () => void;
      const attempt = () => {
        say("SAVEPOINT one");
        try {
          const result = work();
          outcome = () => resolve(result);
        } catch (error) {
          // A full disk ends the transaction itself: all of the group hear of that, and not of what is missing after it.
          if (database.isTransaction === false) throw error;
          say("ROLLBACK TO one");
          outcome = () => reject(error);
        }
        say("RELEASE one");
      };
      const settle: Waiting["settle"] = (failure) => {
        if (failure === null) outcome();
        else reject(failure.error);
      };
      waiting.push({ attempt, settle });
      if (waiting.length === 1) soon(writeWaiting);
    });

  return {
    run: (sql, ...values) => statement(sql).run(...values),
    all: (sql, ...values) =>
      statement(sql)
        .all(...values)
        .map((row) => ({ ...row })),
    atomically,
    together,
    close() {
      writeWaiting();
      database.close();
    },
  };
}
