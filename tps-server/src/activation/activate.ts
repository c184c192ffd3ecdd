/** Activation: a new wallet shows the link's secret and becomes a device of the account. */

import {
  type ActivationResult,
  decodeActivation,
  equalBytes,
  type OpenedActivation,
  openActivation,
} from "@chit/protocol";
import { newIdentifier } from "../identifiers.ts";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { one, type Queryable } from "../store/database.ts";
import { activationSecretHash } from "./links.ts";

interface ActivationRow {
  account_id: string;
  expires_at: bigint;
  device_id: string | null;
}

/**
 * Answers one activation. A device that lost the answer asks again and becomes the same device: it has proved
 * that it holds the key. Another device with the same secret, or one that comes too late, is refused.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function activateDevice(deps: PaymentDeps, body: Uint8Array): Promise<Uint8Array> {
  const key = await findOpeningKeyOrRefuse(deps.keyRings, decodeActivation(body));
  const { activation, reply } = await openActivation(deps.crypto, key, body);
  const result = await deps.database.transaction((tx) => useLink(deps, tx, activation));
  return reply(result, deps.platform.randomBytes(16));
}

async function useLink(
  deps: PaymentDeps,
  tx: Queryable,
  activation: OpenedActivation,
): Promise<ActivationResult> {
  const secretHash = activationSecretHash(activation.secret);
  const link = one(
    await tx.query<ActivationRow>(
      `select account_id, expires_at, device_id
       from activations where secret_hash = $1 for update`,
      [secretHash],
    ),
  );
  if (link === undefined) return { outcome: "refused" };
  const { account_id: accountId, device_id: usedBy } = link;
  if (usedBy !== null) {
    return (await holdsKey(tx, accountId, usedBy, activation.deviceKey))
      ? { outcome: "activated", accountId, deviceId: usedBy }
      : { outcome: "refused" };
  }
  const now = deps.platform.nowSeconds();
  if (Number(link.expires_at) < now) return { outcome: "refused" };
  const deviceId = newIdentifier(deps.platform);
  await addDevice(tx, accountId, deviceId, activation, now);
  await tx.query("update activations set device_id = $2 where secret_hash = $1", [
    secretHash,
    deviceId,
  ]);
  return { outcome: "activated", accountId, deviceId };
}

async function holdsKey(
  tx: Queryable,
  accountId: string,
  deviceId: string,
  deviceKey: Uint8Array,
): Promise<boolean> {
  const device = one(
    await tx.query<{ public_key: Buffer }>(
      "select public_key from devices where account_id = $1 and device_id = $2",
      [accountId, deviceId],
    ),
  );
  return device !== undefined && equalBytes(device.public_key, deviceKey);
}

/** The device exists from now on, but cannot pay before its owner has set a PIN by telephone. */
async function addDevice(
  tx: Queryable,
  accountId: string,
  deviceId: string,
  activation: OpenedActivation,
  now: number,
): Promise<void> {
  await tx.query(
    `insert into devices (account_id, device_id, public_key, name, activated_at)
     values ($1, $2, $3, $4, $5)`,
    [accountId, deviceId, activation.deviceKey, activation.deviceName, now],
  );
}
