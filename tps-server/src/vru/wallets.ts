/** What the VRU does to a wallet: gives it a PIN, tells its transaction count, or revokes it. */
import { type DeviceName, setPin } from "../accounts/pin-state.ts";
import { randomDigits } from "../identifiers.ts";
import type { Vault } from "../keys/vault.ts";
import type { Platform } from "../platform.ts";
import { one, type Queryable } from "../store/database.ts";
import { VRU_LIMITS } from "./limits.ts";

/**
 * Makes a random PIN, every one of the million equally likely, and sets it.
 *
 * @returns the PIN and the wallet's transaction count, to be told once this transaction is committed; undefined when the wallet was revoked
 */
export async function giveNewPin(
  tx: Queryable,
  deps: {
    readonly pinVault: Vault;
    readonly platform: Pick<Platform, "randomBytes">;
  },
  device: DeviceName,
): Promise<{ pin: string; generation: number; count: number } | undefined> {
  const pin = randomDigits(deps.platform, VRU_LIMITS.pinDigits);
  const set = await setPin(tx, deps.pinVault, device, pin);
  return set && { pin, generation: set.pinGeneration, count: set.count };
}

/** The generation of a wallet's PIN; undefined when the wallet was revoked. */
export async function pinGeneration(
  tx: Queryable,
  { accountId, deviceId }: DeviceName,
): Promise<number | undefined> {
  const row = one(
    await tx.query<{ pin_generation: bigint }>(
      `select pin_generation from devices
       where account_id = $1 and device_id = $2 and state = 'active'`,
      [accountId, deviceId],
    ),
  );
  return row && Number(row.pin_generation);
}

/** A wallet's transaction count; undefined when the wallet was revoked. */
export async function countOf(
  tx: Queryable,
  { accountId, deviceId }: DeviceName,
): Promise<number | undefined> {
  const row = one(
    await tx.query<{ count: bigint }>(
      "select count from devices where account_id = $1 and device_id = $2 and state = 'active'",
      [accountId, deviceId],
    ),
  );
  return row && Number(row.count);
}

/** Revokes a wallet. @returns whether it was not revoked before */
export async function revokeWallet(
  tx: Queryable,
  { accountId, deviceId }: DeviceName,
): Promise<boolean> {
  const rows = await tx.query(
    `update devices set state = 'revoked'
     where account_id = $1 and device_id = $2 and state = 'active' returning device_id`,
    [accountId, deviceId],
  );
  return rows.length > 0;
}
