/** A database whose transactions stop before they commit until a test lets them go on. */
import type { Database } from "../../src/store/database.ts";

export interface GatedDatabase extends Database {
  /** Statements of the kind that lock payers, by the number of requests in each: one for each transaction. */
  readonly batches: number[];
  /** From now on transactions commit as they come; those that wait go on. */
  open(): void;
}

/** `database` behind a closed gate. */
export function gated(database: Database): GatedDatabase {
  const batches: number[] = [];
  const gate = Promise.withResolvers<void>();
  return {
    ...database,
    batches,
    open: gate.resolve,
    transaction: (work) =>
      database.transaction(async (tx) => {
        const result = await work({
          query(statement, values) {
            const name = typeof statement === "string" ? "" : statement.name;
            const [accounts] = values ?? [];
            if (name.startsWith("payers-lock") && Array.isArray(accounts)) {
              batches.push(accounts.length);
            }
            return tx.query(statement, values);
          },
        });
        await gate.promise;
        return result;
      }),
  };
}
