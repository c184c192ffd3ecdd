/**
 * Steps 5 and 6 at the TPS: open, then, for all requests that arrived together, lock → judge → seal and commit in
 * one transaction. The sealed replies are part of the commit, and leave only after it is on disk. What arrives
 * together is gathered in `pipeline.ts`.
 */
import { decodeRequestForPayment, type OpenedRequest, openRequestForPayment } from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { KeyRings } from "../keys/key-ring.ts";
import { addPartitions, isPartitionMissing } from "../partitions/partitions.ts";
import { answerRequest, type Outcome } from "./answer.ts";
import type { Decoy } from "./decoy.ts";
import { lockPayers, type Patience, readMerchantStandings } from "./facts.ts";
import { type Change, writeChanges } from "./settle.ts";

/** What taking payments needs. */
export interface PaymentDeps extends TpsDeps {
  readonly keyRings: KeyRings;
  readonly decoy: Decoy;
}

/**
 * Opens a request-for-payment. Needs no database.
 *
 * @param body the exact bytes received
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function openRequest(deps: PaymentDeps, body: Uint8Array): Promise<OpenedRequest> {
  const decoded = decodeRequestForPayment(body);
  const { issuer } = decoded.order;
  const key = await findOpeningKeyOrRefuse(deps.keyRings, { issuer, keyId: decoded.keyId });
  return openRequestForPayment(deps.crypto, key, decoded);
}

/** What became of one request of a batch. */
export type Processed =
  /** The exact bytes of the payment response; whatever they say is on disk. */
  | { readonly kind: "answered"; readonly outcome: Outcome; readonly reply: Uint8Array }
  /** Another transaction has its rows locked: nothing was done. */
  | { readonly kind: "held-elsewhere" }
  /** It could not be judged; nothing was done. Its neighbours were. */
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * Answers a batch of requests in one transaction.
 *
 * @param requests of accounts that differ: two of one account would be judged by the same facts
 * @param patience `skip` leaves out what others have locked
 * @returns what became of each, in the batch's order; when it throws, nothing has happened to any
 */
export async function processBatch(
  deps: PaymentDeps,
  requests: readonly OpenedRequest[],
  patience: Patience,
): Promise<Processed[]> {
  try {
    return await commitBatch(deps, requests, patience);
  } catch (error) {
    if (!isPartitionMissing(error)) throw error;
    // Nobody has made the month's partition in all the time that it was due.
    await addPartitions(deps);
    return commitBatch(deps, requests, patience);
  }
}

function commitBatch(
  deps: PaymentDeps,
  requests: readonly OpenedRequest[],
  patience: Patience,
): Promise<Processed[]> {
  // Planned `once`: a small batch would be planned anew each time, which takes as long as all else that the database does.
  return deps.database.transaction(async (tx) => {
    const payers = await lockPayers(tx, requests, patience);
    const now = deps.platform.nowSeconds();
    const standings = await readMerchantStandings(tx, requests, now);
    const changes: Change[] = [];
    const processed = await Promise.all(
      requests.map(async (request, index): Promise<Processed> => {
        const payer = payers[index];
        if (payer === "held-elsewhere" || payer === undefined) return { kind: "held-elsewhere" };
        const standing = standings(request.order.merchantId);
        try {
          const known = payer === "unknown" ? undefined : payer;
          const { outcome, reply, change } = await answerRequest(
            deps,
            request,
            known,
            standing,
            now,
          );
          if (change !== undefined) changes.push(change);
          return { kind: "answered", outcome, reply };
        } catch (error) {
          return { kind: "failed", error };
        }
      }),
    );
    await writeChanges(tx, changes, now);
    return processed;
  }, "once");
}
