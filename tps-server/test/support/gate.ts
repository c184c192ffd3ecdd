/** A database whose transactions stop before they commit until a test lets them go on. */
import type { Database } from "../../src/store/database.ts";

/** Where an array in binary form says how many elements it has. */
const PLACE_OF_LENGTH = 12;

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
            if (name.startsWith("payers-lock") && Buffer.isBuffer(accounts)) {
              batches.push(accounts.readInt32BE(PLACE_OF_LENGTH));
            }
            return tx.query(statement, values);
          },
        });
        await gate.promise;
        return result;
      }),
  };
}
