/** A server that is killed at one of its statements, as its database sees it: connections that end. */
import type { Database, Queryable } from "../../src/store/database.ts";

/** Ends the connection under the n-th statement, before or after it is run; of all connections together. */
export function dyingAt(
  database: Database,
  fatal: number,
  when: "before" | "after",
): { readonly database: Database; died(): boolean } {
  let statement = 0;
  let died = false;
  const through = (connection: Queryable): Queryable => ({
    async query<Row extends object>(...asked: Parameters<Queryable["query"]>): Promise<Row[]> {
      const mine = ++statement === fatal;
      if (mine) died = true;
      const kill = () => connection.query("select pg_terminate_backend(pg_backend_pid())");
      if (mine && when === "before") await kill();
      const rows = await connection.query<Row>(...asked);
      if (mine) await kill();
      return rows;
    },
  });
  return {
    database: {
      ...database,
      ...through(database),
      transaction: (work) => database.transaction((tx) => work(through(tx))),
      session: (work) => database.session((session) => work(through(session))),
    },
    died: () => died,
  };
}
