/**
 * When a PIN key is lost: the PINs under it cannot be checked any more by anybody. They are locked, and their owners
 * get new ones by telephone. Money, accounts and devices stay.
 */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { countSealed, readHolders } from "./rotate-pin-key.ts";

/** Keys that the database knows and nobody gives, and the PINs under them. */
export interface LostPinKeys {
  readonly keyIds: readonly string[];
  readonly pins: number;
}

/**
 * What would be locked.
 *
 * @param held ids of the keys given, newest first
 * @throws {OperatorError} `already-done` when none is missing; `setting-invalid` while a running process still holds
 *   one: it is not lost
 */
export async function findLostPinKeys(
  deps: TpsDeps,
  held: readonly string[],
): Promise<LostPinKeys> {
  const lost = (await countSealed(deps.database)).filter(({ keyId }) => !held.includes(keyId));
  if (lost.length === 0) {
    throw new OperatorError("already-done", "No PIN key is missing: nothing was changed.");
  }
  const keyIds = lost.map(({ keyId }) => keyId);
  const holders = await readHolders(deps, deps.database);
  const alive = holders.find((holder) => keyIds.some((keyId) => holder.keyIds.includes(keyId)));
  if (alive !== undefined) {
    throw new OperatorError(
      "setting-invalid",
      `The key is not lost: the process on ${alive.process} was started with it. Look there for its CHIT_PIN_KEY or secrets/pin-key. If it is gone there too, stop that process and wait ${LIMITS.pinKeyHolderSeconds} seconds.`,
    );
  }
  return { keyIds, pins: lost.reduce((sum, { pins }) => sum + pins, 0) };
}

/**
 * Locks the PINs under lost keys, forgets the keys, and seals under the newest given one from now on. May be broken
 * off and repeated.
 *
 * @throws {OperatorError} as {@link findLostPinKeys}
 */
export async function replaceLostPinKeys(
  deps: TpsDeps,
  held: readonly string[],
): Promise<LostPinKeys> {
  const lost = await findLostPinKeys(deps, held);
  await deps.database.transaction(async (tx) => {
    await tx.query("update pin_keys set state = 'retiring' where key_id = any($1)", [lost.keyIds]);
    await tx.query(
      `insert into pin_keys (key_id, state, since)
       select $1, 'sealing', $2 where not exists (select from pin_keys where state = 'sealing')
       on conflict (key_id) do update set state = 'sealing'`,
      [held[0], deps.platform.nowSeconds()],
    );
    await logOperation(deps, tx, "pin-key lost", lost.keyIds.join(" "), { pins: lost.pins });
  });
  while ((await lockBatch(deps, lost.keyIds)) > 0);
  await deps.database.query("delete from pin_keys where key_id = any($1)", [lost.keyIds]);
  return lost;
}

async function lockBatch({ database }: TpsDeps, keyIds: readonly string[]): Promise<number> {
  const rows = await database.query(
    `update devices set pin_state = 'locked', modified_pin = null, modified_pin_key_id = null
     where (account_id, device_id) in (
       select account_id, device_id from devices where modified_pin_key_id = any($1) limit $2)
     returning 1 as locked`,
    [keyIds, LIMITS.pinKeyBatch],
  );
  return rows.length;
}
