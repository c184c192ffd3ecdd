/**
 * Holding an issuer to its log: every checkpoint that the wallet is shown must continue the one that it was shown
 * before. One that does not is kept with the other: both are signed, and together they show what the issuer did.
 */
import {
  ChitError,
  equalBytes,
  type KeyList,
  LIMITS,
  type SignedCheckpoint,
  type TiledTree,
  tiledTree,
  verifyCheckpoint,
  verifyConsistency,
} from "@chit/protocol";
import type { CtsDeps } from "./deps.ts";
import { WALLET_LIMITS } from "./limits.ts";
import { fetchCheckpoint, tilesOf } from "./log-client.ts";
import type { Contradiction, KnownLog } from "./log-records.ts";

/** A state of the log that continues everything seen before. */
export interface TrustedLog {
  readonly kind: "trusted";
  readonly note: string;
  readonly checkpoint: SignedCheckpoint;
  /** Its tiles are the issuer's: proofs made of them are still to be verified. */
  readonly tree: TiledTree;
}

/** A state that contradicts one that was signed before: something is missing, or was exchanged. */
export interface ContradictingLog {
  readonly kind: "shrunk" | "forked";
  readonly contradiction: Contradiction;
}

/**
 * Fetches the newest checkpoint and holds it against the one that the wallet knows; the answer is on disk when it is
 * given.
 *
 * @param list the issuer's newest key list; checkpoints of before are verified under it too, for keys stay in it
 * @throws {UnreachableError | RefusedError} as `exchange` does; {ChitError} when what the issuer shows does not verify
 */
export async function followLog(
  deps: CtsDeps,
  list: KeyList,
): Promise<TrustedLog | ContradictingLog> {
  const { iss: issuer } = list;
  const known = await deps.store.log(issuer);
  let log = await fetchLog(deps, list);
  const before =
    known === undefined ? undefined : verifyCheckpoint(deps.crypto, list, known.checkpoint);
  if (before !== undefined && log.checkpoint.size < before.size) {
    // A cache on the way may be some seconds behind another.
    await deps.sleep(WALLET_LIMITS.checkpointCacheSeconds, new AbortController().signal);
    log = await fetchLog(deps, list);
  }
  const kind = before === undefined ? "trusted" : await compare(before, log);
  const seenAt = deps.nowSeconds();
  if (kind === "trusted" || known === undefined) {
    const { contradictions = [] } = known ?? {};
    await deps.store.putLog({ issuer, checkpoint: log.note, seenAt, contradictions });
    return log;
  }
  const contradiction = { known: known.checkpoint, shown: log.note, seenAt };
  await deps.store.putLog(withContradiction(known, contradiction));
  return { kind, contradiction };
}

async function fetchLog(deps: CtsDeps, list: KeyList): Promise<TrustedLog> {
  const note = await fetchCheckpoint(deps, list.iss);
  const checkpoint = verifyCheckpoint(deps.crypto, list, note);
  if (checkpoint.at > deps.nowSeconds() + LIMITS.clockSkewSeconds) {
    throw new ChitError("not-yet-valid", "The checkpoint is dated in the future.");
  }
  const tree = tiledTree(checkpoint.size, tilesOf(deps, list.iss));
  return { kind: "trusted", note, checkpoint, tree };
}

/** @throws {ChitError} `authentication-failed` when the tiles are not those of the signed root */
async function compare(
  before: SignedCheckpoint,
  { checkpoint, tree }: TrustedLog,
): Promise<"trusted" | ContradictingLog["kind"]> {
  const { size: newSize, root: newRoot } = checkpoint;
  if (newSize < before.size) return "shrunk";
  if (newSize === before.size) return equalBytes(newRoot, before.root) ? "trusted" : "forked";
  // What the new tree itself has in place of the old one; that it belongs to the new root is shown first.
  const oldRoot = await tree.root(before.size);
  const proof = await tree.consistencyProof(before.size);
  if (!verifyConsistency({ oldSize: before.size, oldRoot, newSize, newRoot }, proof)) {
    throw new ChitError(
      "authentication-failed",
      "The log's tiles do not add up to its checkpoint.",
    );
  }
  return equalBytes(oldRoot, before.root) ? "trusted" : "forked";
}

/** The oldest evidence stays: what came first shows what was changed. */
function withContradiction(known: KnownLog, contradiction: Contradiction): KnownLog {
  const { contradictions } = known;
  const isKept = contradictions.some(({ shown }) => shown === contradiction.shown);
  const isFull = contradictions.length >= WALLET_LIMITS.logContradictions;
  if (isKept || isFull) return known;
  return { ...known, contradictions: [...contradictions, contradiction] };
}
