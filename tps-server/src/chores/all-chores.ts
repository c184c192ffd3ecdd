/** Every chore of a TPS, in the order in which they are done. */
import { processBatches } from "../clearing/batches.ts";
import { collectPayments } from "../clearing/collect.ts";
import type { ClearingDeps } from "../clearing/deps.ts";
import { settleWhenDue } from "../clearing/settle.ts";
import { appendToLog } from "../log/append.ts";
import { addPartitionsEverywhere } from "../places/partitions.ts";
import type { Chore } from "./chores.ts";

/**
 * The chores of this TPS: a later one works on what an earlier one brought.
 *
 * @param settleEverySeconds undefined: settlements are the operator's to begin
 */
export function allChores(deps: ClearingDeps, settleEverySeconds?: number): Chore[] {
  const settlement: Chore[] =
    settleEverySeconds === undefined
      ? []
      : [{ name: "settlement", run: (signal) => settleWhenDue(deps, settleEverySeconds, signal) }];
  return [
    { name: "partitions", run: () => addPartitionsEverywhere(deps) },
    { name: "collect", run: (signal) => collectPayments(deps, { signal }) },
    { name: "log", run: (signal) => appendToLog(deps, signal) },
    { name: "batches", run: (signal) => processBatches(deps, signal) },
    ...settlement,
  ];
}
