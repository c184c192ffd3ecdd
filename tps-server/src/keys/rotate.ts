/**
 * Making and replacing keys. A new key is listed ahead of its time, so that wallets and merchants know it when
 * it comes into use; an old signing key stays listed for ever, an old sealing key opens until what was sealed
 * to it has drained, and is then deleted, so that nobody can open recorded requests with it later.
 */
import { LIMITS as PROTOCOL_LIMITS } from "@chit/protocol";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import type { Queryable } from "../store/database.ts";
import { createKey, type KeyRecord, readKeys } from "./key-store.ts";

/** The kinds of keys that are replaced. The root key never is: wallets pin it. */
export type RotatedPurpose = "signing" | "sealing";

const LIFE: Record<RotatedPurpose, number> = {
  signing: LIMITS.signingKeySeconds,
  sealing: LIMITS.sealingKeySeconds,
};

/**
 * Lists a new key. It comes into use after `leadSeconds` (a day unless told; 0 when the old one may be known to
 * others), and the old ones end a day later at the latest.
 *
 * @throws {OperatorError} `already-done` when a key list would become too long
 */
export async function rotateKey(
  deps: TpsDeps,
  purpose: RotatedPurpose,
  leadSeconds: number = LIMITS.keyLeadSeconds,
): Promise<KeyRecord> {
  return deps.database.transaction(async (tx) => {
    await lockKeys(tx);
    const listed = (await readKeys(tx)).filter((key) => key.purpose === purpose).length;
    if (listed >= PROTOCOL_LIMITS.keys) {
      throw new OperatorError(
        "already-done",
        `There are ${listed} ${purpose} keys already; a key list holds no more.`,
      );
    }
    const notBefore = deps.platform.nowSeconds() + leadSeconds;
    const key = await createRotated(deps, tx, purpose, notBefore);
    await tx.query(
      "update keys set not_after = least(not_after, $3) where purpose = $1 and key_id <> $2",
      [purpose, key.keyId, notBefore + LIMITS.keyLeadSeconds],
    );
    await logOperation(deps, tx, "keys rotate", key.keyId, { purpose, notBefore });
    return key;
  });
}

/**
 * Makes the keys that are missing, successors of those that end soon, and deletes sealing keys that have
 * drained. Changes nothing when all is well.
 */
export async function ensureKeys(
  deps: Pick<TpsDeps, "crypto" | "platform" | "masterVault">,
  tx: Queryable,
): Promise<void> {
  await lockKeys(tx);
  const now = deps.platform.nowSeconds();
  const keys = await readKeys(tx);
  if (!keys.some((key) => key.purpose === "root")) {
    const notAfter = now + LIMITS.rootKeySeconds;
    await createKey(deps, tx, "root", { notBefore: now, notAfter, opensUntil: notAfter });
  }
  for (const purpose of ["signing", "sealing"] as const) {
    const newest = keys.find((key) => key.purpose === purpose);
    if (newest === undefined || newest.notAfter <= now) {
      await createRotated(deps, tx, purpose, now);
    } else if (newest.notAfter - now < LIMITS.keyRenewalSeconds) {
      await createRotated(deps, tx, purpose, now + LIMITS.keyLeadSeconds);
    }
  }
  await tx.query(
    `with drained as (
       delete from keys where purpose = 'sealing' and opens_until < $1 returning key_id, not_before
     )
     insert into forgotten_sealing_keys (key_id, not_before, forgotten_at)
     select key_id, not_before, $1 from drained on conflict do nothing`,
    [now],
  );
}

function createRotated(
  deps: Pick<TpsDeps, "crypto" | "platform" | "masterVault">,
  tx: Queryable,
  purpose: RotatedPurpose,
  notBefore: number,
): Promise<KeyRecord> {
  const notAfter = notBefore + LIFE[purpose];
  const opensUntil = notAfter + LIMITS.sealingDrainSeconds;
  return createKey(deps, tx, purpose, { notBefore, notAfter, opensUntil });
}

/** Two processes must not both find a key missing. */
async function lockKeys(tx: Queryable): Promise<void> {
  await tx.query("lock table keys in share row exclusive mode");
}
