/** Activation: a new wallet shows the link's secret and becomes a device of the account. */
import {
  type ActivationResult,
  activationSecretHash,
  decodeActivation,
  type OpenedActivation,
  openActivation,
} from "@chit/protocol";
import { logDeviceAction } from "../accounts/device-log.ts";
import type { DeviceName } from "../accounts/pin-state.ts";
import { newIdentifier } from "../identifiers.ts";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { one, type Queryable } from "../store/database.ts";
import { hasRoomForRecovery } from "./invitations.ts";

interface LinkRow {
  use: "once" | "recovery";
  expires_at: bigint | null;
  /** The device that a link for one device was used by. */
  device_id: string | null;
  /** A wallet made it, not the operator. */
  invited: boolean;
  /** Withdrawn, or made by a device that has been revoked since: what it began is not finished. */
  void: boolean;
}

/**
 * Answers one activation. A device that lost the answer asks again and becomes the same device: it has proved
 * that it holds the key. Another device with the same secret becomes another device where the secret is one of a
 * backup, and is refused otherwise, as is one that comes too late.
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
  const accountId = await lockAccountOf(tx, secretHash);
  if (accountId === undefined) return { outcome: "refused" };
  const link = await lockLink(tx, secretHash);
  if (link === undefined) return { outcome: "refused" };
  const before = await deviceOf(tx, accountId, link, activation.deviceKey);
  if (before !== undefined) {
    return { outcome: "activated", accountId, deviceId: before };
  }
  const now = deps.platform.nowSeconds();
  const late = link.expires_at !== null && Number(link.expires_at) < now;
  if (link.device_id !== null || link.void || late) return { outcome: "refused" };
  if (link.use === "recovery" && !(await hasRoomForRecovery(tx, accountId, now))) {
    return { outcome: "too-many-devices" };
  }
  const device = { accountId, deviceId: newIdentifier(deps.platform) };
  await addDevice(tx, device, activation, link.invited, now);
  if (link.use === "once") {
    await tx.query("update activations set device_id = $2 where secret_hash = $1", [
      secretHash,
      device.deviceId,
    ]);
  }
  await logDeviceAction(deps, tx, device, "activate", device.deviceId);
  return { outcome: "activated", ...device };
}

/** The account is locked first, then the link: every transaction takes them in this order. */
async function lockAccountOf(tx: Queryable, secretHash: Uint8Array): Promise<string | undefined> {
  const row = one(
    await tx.query<{ account_id: string }>(
      `select account_id from accounts
       where account_id = (select account_id from activations where secret_hash = $1)
       for no key update`,
      [secretHash],
    ),
  );
  return row?.account_id;
}

async function lockLink(tx: Queryable, secretHash: Uint8Array): Promise<LinkRow | undefined> {
  return one(
    await tx.query<LinkRow>(
      `select l.use, l.expires_at, l.device_id, l.made_by is not null as invited,
              l.withdrawn_at is not null
                or (l.use = 'once' and coalesce(m.state, 'active') = 'revoked') as void
       from activations l
       left join devices m on m.account_id = l.account_id and m.device_id = l.made_by
       where l.secret_hash = $1 for update of l`,
      [secretHash],
    ),
  );
}

/** The device that this link made with this key, if it did. */
async function deviceOf(
  tx: Queryable,
  accountId: string,
  link: LinkRow,
  deviceKey: Uint8Array,
): Promise<string | undefined> {
  if (link.use === "once" && link.device_id === null) return undefined;
  const device = one(
    await tx.query<{ device_id: string }>(
      `select device_id from devices
       where account_id = $1 and public_key = $2 and device_id = coalesce($3, device_id)
       order by activated_at limit 1`,
      [accountId, deviceKey, link.device_id],
    ),
  );
  return device?.device_id;
}

/** The device exists from now on, but cannot pay before its owner has set a PIN by telephone. */
async function addDevice(
  tx: Queryable,
  { accountId, deviceId }: DeviceName,
  { deviceKey, deviceName }: OpenedActivation,
  invited: boolean,
  now: number,
): Promise<void> {
  await tx.query(
    `insert into devices (account_id, device_id, public_key, name, invited, activated_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [accountId, deviceId, deviceKey, deviceName, invited, now],
  );
}
