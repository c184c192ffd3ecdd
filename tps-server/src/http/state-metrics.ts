/** What monitoring is told of the work apart from payments. While the database does not answer, the last figures stay. */
import type { Gauge, Registry } from "prom-client";
import type { ClearingState } from "../clearing/state.ts";
import type { OperationsState } from "../operations-state.ts";
import { createStateGauges, type StateGauges } from "./state-gauges.ts";

/** Batches that wait, and chores. */
export function addClearingGauges(registry: Registry): StateGauges<ClearingState>["watch"] {
  const gauges = createStateGauges<ClearingState>(registry);
  gauges.add("chit_batches_waiting", "Merchants' batches without a result.", (gauge, state) =>
    set(gauge, state?.batchesWaiting),
  );
  gauges.add(
    "chit_batch_oldest_seconds",
    "For how long the oldest of them has been waiting; 0 for none.",
    (gauge, state) => set(gauge, state?.oldestSeconds),
  );
  gauges.add(
    "chit_chore_ended_timestamp_seconds",
    "When each chore last came to its end.",
    (gauge, state) => setEach(gauge, "chore", state?.choresEnded),
    ["chore"],
  );
  return gauges.watch;
}

/** Keys, settlements, audits, and who runs. What never happened is not exported. */
export function addOperationsGauges(registry: Registry): StateGauges<OperationsState>["watch"] {
  const gauges = createStateGauges<OperationsState>(registry);
  gauges.add(
    "chit_database_reachable",
    "Whether the database answered when this was read: 1 or 0.",
    (gauge, state) => gauge.set(state === undefined ? 0 : 1),
  );
  gauges.add(
    "chit_key_ends_timestamp_seconds",
    "When the newest key of each purpose ends; the server makes its successor 14 days before.",
    (gauge, state) => setEach(gauge, "purpose", state?.keysEnd),
    ["purpose"],
  );
  gauges.add(
    "chit_key_list_ends_timestamp_seconds",
    "When the signed key list ends; it is signed anew when half of its 7 days is over.",
    (gauge, state) => set(gauge, state?.keyListEnds),
  );
  gauges.add(
    "chit_settlement_ended_timestamp_seconds",
    "When the last settlement ended.",
    (gauge, state) => set(gauge, state?.settlementEnded),
  );
  gauges.add("chit_payments_held_back", "Payments that wait for a decision.", (gauge, state) =>
    set(gauge, state?.heldBack),
  );
  gauges.add("chit_audit_ended_timestamp_seconds", "When the last audit ended.", (gauge, state) =>
    set(gauge, state?.audit?.at),
  );
  gauges.add(
    "chit_audit_sound",
    "Whether the last audit found every record as it should be: 1 or 0.",
    (gauge, state) => set(gauge, state?.audit && Number(state.audit.isSound)),
  );
  gauges.add(
    "chit_payments_partition_ahead_seconds",
    "For how long payments have their partitions in advance.",
    (gauge, state) => set(gauge, state?.partitionAheadSeconds),
  );
  gauges.add(
    "chit_processes",
    "Running processes that use the database, by kind: tps or vru (the telephone service).",
    (gauge, state) => setEach(gauge, "kind", state?.processes),
    ["kind"],
  );
  return gauges.watch;
}

function set(gauge: Gauge, value: number | undefined): void {
  if (value !== undefined) gauge.set(value);
}

function setEach(
  gauge: Gauge,
  label: string,
  values: ReadonlyMap<string, number> | undefined,
): void {
  for (const [name, value] of values ?? []) gauge.set({ [label]: name }, value);
}
