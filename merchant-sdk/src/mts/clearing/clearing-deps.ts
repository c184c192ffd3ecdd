import type { Signer } from "@chit/protocol";
import type { MtsDeps } from "../deps.ts";

/** What batches, reports and reconciliation need beyond the MTS's steps. */
export interface ClearingDeps extends MtsDeps {
  /** The merchant's certified signing key. */
  readonly signer: Signer;
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after so many seconds. */
  readonly sleep: (seconds: number) => Promise<void>;
  /** What becomes of payments that only a report tells of. */
  readonly reported: ReportedPolicy;
}

/**
 * `deliver`: the report counts as the proof, the sale goes on as if it had been forwarded; `ask`: a person decides in
 * the reconciliation.
 */
export type ReportedPolicy = "deliver" | "ask";
