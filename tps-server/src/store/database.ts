/** The one way to the database. Everything else sees {@link Database} and SQL. */
import pg from "pg";
import { LIMITS } from "../limits.ts";

/** A statement that runs often: each connection has it parsed and planned once, and keeps it under its name. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** Runs statements, always with parameters, on one connection or inside of one transaction. */
export interface Queryable {
  /** The rows of one statement. int8 arrives as bigint, bytea as Buffer. */
  query<Row extends object>(
    statement: string | PreparedStatement,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

/** Whether the database looks at the parameters each time before it plans a statement. */
export type Planning = "each-time" | "once";

/** One message in either case. */
const BEGIN: Record<Planning, string> = {
  "each-time": "begin",
  once: "begin; set local plan_cache_mode = force_generic_plan",
};

/** A database: single statements and transactions. */
export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction (read committed). Commits when it returns, and returns only after the
   * commit is on disk; rolls back when it throws.
   *
   * @param planning `once`: the plans of prepared statements are kept whatever their parameters are
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>, planning?: Planning): Promise<T>;
  /**
   * Runs `work` on a connection of its own, outside of a transaction and however long its statements take; what it locks
   * for the session is free again when it ends.
   */
  session<T>(work: (session: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const INT8 = 20;

function parserFor(oid: number, format?: "text" | "binary") {
  if (oid === INT8 && format !== "binary") return (text: string) => BigInt(text);
  return pg.types.getTypeParser(oid, format);
}

/** Opens a pool of at most so many connections. `onError` hears of connections that break. */
export function openDatabase(
  url: string,
  onError: (error: Error) => void,
  connections: number = LIMITS.databaseConnections,
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: LIMITS.databasePatienceMilliseconds,
    statement_timeout: LIMITS.databasePatienceMilliseconds,
    lock_timeout: LIMITS.databasePatienceMilliseconds,
    // The driver's types are looser than the parser's.
    types: { getTypeParser: parserFor as typeof pg.types.getTypeParser },
  });
  pool.on("error", onError);
  // A connection may break while a transaction holds it; the transaction's own statement fails as well.
  pool.on("connect", (client) => client.on("error", onError));
  const on = (client: pg.Pool | pg.PoolClient): Queryable => ({
    async query<Row extends object>(
      statement: string | PreparedStatement,
      values: readonly unknown[] = [],
    ) {
      const config = typeof statement === "string" ? { text: statement } : statement;
      const result = await client.query<Row>({ ...config, values: [...values] });
      return result.rows;
    },
  });
  return {
    ...on(pool),
    async transaction(work, planning = "each-time") {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query(BEGIN[planning]);
        const result = await work(on(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch((cause: Error) => {
          broken = cause;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async session(work) {
      const client = await pool.connect();
      try {
        await client.query("set statement_timeout = 0");
        await client.query("set lock_timeout = 0");
        return await work(on(client));
      } finally {
        // Not given back: with its settings and locks it would surprise whoever came next.
        client.release(true);
      }
    },
    close: () => pool.end(),
  };
}

/** The only row of a result, or undefined for none. */
export function one<Row>(rows: readonly Row[]): Row | undefined {
  return rows[0];
}

/** Whether a statement failed on a unique constraint. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "23505";
}

/** Whether the database is missing, overloaded or shutting down, so that trying again later helps. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) {
    // 08 connection, 53 resources, 55P03 lock timeout, 57 operator intervention (statement timeout, shutdown), 40 conflict.
    return /^(08|40|53|55P03|57)/.test(error.code ?? "");
  }
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === "ECONNREFUSED" ||
    code === "ECONNRESET" ||
    code === "ENOENT" ||
    code === "EPIPE" ||
    /timeout exceeded when trying to connect|Connection terminated|Client has encountered/.test(
      error.message,
    )
  );
}
