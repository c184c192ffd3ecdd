/**
 * A device's PIN at the TPS: only PIN + modifier mod 2^256 is stored, sealed under the PIN key with account and
 * device as associated data. The telephone unit calls {@link setPin} under its own database role.
 */
import { INITIAL_MODIFIER, modifyPin } from "@chit/protocol";
import type { SealedValue, Vault } from "../keys/vault.ts";
import { one, type Queryable } from "../store/database.ts";

/** Names a device. */
export interface DeviceName {
  readonly accountId: string;
  readonly deviceId: string;
}

/** Seals a modified PIN (32 bytes) for its device's row. */
export function sealModifiedPin(
  pinVault: Vault,
  { accountId, deviceId }: DeviceName,
  modifiedPin: Uint8Array,
): SealedValue {
  return pinVault.seal(modifiedPin, accountId, deviceId);
}

/** Opens what {@link sealModifiedPin} sealed. */
export function openModifiedPin(
  pinVault: Vault,
  { accountId, deviceId }: DeviceName,
  stored: SealedValue,
): Uint8Array {
  return pinVault.open(stored, accountId, deviceId);
}

/**
 * Sets a new PIN, as the telephone service does after it knows who calls: the modifier becomes 0 on both sides
 * (the wallet learns of it through the generation), wrong PINs are forgotten. The transaction count stays, and
 * so does the reply to the last authenticated request: a purchase that is under way can still be fetched.
 *
 * Needs no more than the rights of the role `chit_vru`.
 *
 * @param tx a transaction: both statements must hold together
 * @param pin 6 to 12 digits
 * @returns the new PIN generation and the transaction count; undefined when there is no such active device
 * @throws {ChitError} `pin-invalid`
 */
export async function setPin(
  tx: Queryable,
  pinVault: Vault,
  device: DeviceName,
  pin: string,
): Promise<{ pinGeneration: number; count: number } | undefined> {
  const { keyId, sealed } = sealModifiedPin(pinVault, device, modifyPin(pin, INITIAL_MODIFIER));
  const row = one(
    await tx.query<{ pin_generation: bigint; count: bigint }>(
      `update devices
       set modified_pin = $3, modified_pin_key_id = $4, pin_state = 'active',
           pin_generation = pin_generation + 1, failures = 0
       where account_id = $1 and device_id = $2 and state = 'active'
       returning pin_generation, count`,
      [device.accountId, device.deviceId, sealed, keyId],
    ),
  );
  if (row === undefined) return undefined;
  await tx.query("delete from refused_requests where account_id = $1 and device_id = $2", [
    device.accountId,
    device.deviceId,
  ]);
  return { pinGeneration: Number(row.pin_generation), count: Number(row.count) };
}
