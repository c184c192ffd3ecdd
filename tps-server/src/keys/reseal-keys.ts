/** Sealing the issuer's private keys under another master key: the second step of replacing it. */
import type { TpsDeps } from "../deps.ts";
import { logOperation } from "../operator-log.ts";
import { one } from "../store/database.ts";
import { openPrivateKey, readKeys } from "./key-store.ts";

/** What was done. */
export interface ResealedKeys {
  /** The id of the master key under which all private keys are sealed now. */
  readonly masterKey: string;
  /** How many were sealed anew. */
  readonly resealed: number;
}

/**
 * Seals every private key that is under an older master key under the newest one, all or none. Nothing that anybody else
 * sees changes. Safe beside running servers: they hold the opened keys, and those started with both master keys open either.
 *
 * @throws {OperatorError} `outside-key-missing` when a key is under a master key that is not given
 */
export async function resealKeys(deps: TpsDeps): Promise<ResealedKeys> {
  const [masterKey = ""] = deps.masterVault.keyIds();
  return deps.database.transaction(async (tx) => {
    // A key that is made meanwhile, by a process with the older master key, would be missed.
    await tx.query("lock table keys in share row exclusive mode");
    const older = (await readKeys(tx)).filter(({ sealedUnder }) => sealedUnder !== masterKey);
    for (const key of older) {
      const { keyId, sealed } = deps.masterVault.seal(
        openPrivateKey(deps, key),
        key.purpose,
        key.keyId,
      );
      one(
        await tx.query(
          "update keys set sealed_under = $2, sealed_private_key = $3 where key_id = $1 returning key_id",
          [key.keyId, keyId, sealed],
        ),
      );
    }
    if (older.length > 0) {
      await logOperation(deps, tx, "keys reseal", masterKey, { keys: older.length });
    }
    return { masterKey, resealed: older.length };
  });
}
