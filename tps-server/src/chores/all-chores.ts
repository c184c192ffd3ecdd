/** Every chore of a TPS, in the order in which they are done. */
import { processBatches } from "../clearing/batches.ts";
import { collectPayments } from "../clearing/collect.ts";
import type { ClearingDeps } from "../clearing/deps.ts";
import { appendToLog } from "../log/append.ts";
import type { Chore } from "./chores.ts";

/** The chores of this TPS: a later one works on what an earlier one brought. */
export function allChores(deps: ClearingDeps): Chore[] {
  return [
    { name: "collect", run: (signal) => collectPayments(deps, { signal }) },
    { name: "log", run: (signal) => appendToLog(deps, signal) },
    { name: "batches", run: (signal) => processBatches(deps, signal) },
  ];
}
