import type { Signer } from "@chit/protocol";
import type { MtsDeps } from "../deps.ts";

/** What batches, reports and reconciliation need beyond the MTS's steps. */
export interface ClearingDeps extends MtsDeps {
  /** The merchant's certified signing key. */
  readonly signer: Signer;
  /** The merchant's own, 32 bytes, for what its own processes prove to each other. */
  readonly ownSecret: Uint8Array;
  readonly fetch: typeof globalThis.fetch;
  /** Resolves after so many seconds, or when `signal` says so. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** The shop is being closed: nothing is waited for any more. */
  readonly closing: AbortSignal;
  /** What becomes of payments that only a report tells of. */
  readonly reported: ReportedPolicy;
}

/**
 * `deliver`: the report counts as the proof, the sale goes on as if it had been forwarded; `ask`: a person decides in
 * the reconciliation.
 */
export type ReportedPolicy = "deliver" | "ask";
