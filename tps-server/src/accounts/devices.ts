/**
 * The devices exchange: a device that shows its signature lists the account's devices, revokes one, or invites
 * another. No PIN is asked, so nothing here gives power: a new device has none before the telephone gives it a PIN.
 */
import {
  type Device,
  type Devices,
  type DevicesAction,
  decodeDevicesRequest,
  deviceCheckNumber,
  LIMITS,
  type OpenedDevicesRequest,
  openDevicesRequest,
} from "@chit/protocol";
import { registerInvitation } from "../activation/invitations.ts";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { one, type Queryable } from "../store/database.ts";
import { logDeviceAction } from "./device-log.ts";
import type { DeviceName } from "./pin-state.ts";

/**
 * Answers one devices request; the same single look for a device that does not exist and for a wrong signature.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function answerDevices(deps: PaymentDeps, body: Uint8Array): Promise<Uint8Array> {
  const key = await findOpeningKeyOrRefuse(deps.keyRings, decodeDevicesRequest(body));
  const { request, reply } = await openDevicesRequest(deps.crypto, key, body);
  return reply(await judgeAsker(deps, request), deps.platform.randomBytes(16));
}

interface AskerRow {
  public_key: Buffer;
  state: Device["state"];
  pin_state: Device["pin"];
}

async function judgeAsker(deps: PaymentDeps, request: OpenedDevicesRequest): Promise<Devices> {
  const row = one(
    await deps.database.query<AskerRow>(
      "select public_key, state, pin_state from devices where account_id = $1 and device_id = $2",
      [request.accountId, request.deviceId],
    ),
  );
  const publicKey = row?.public_key ?? deps.decoy.publicKey;
  const signed = deps.crypto.verifyEd25519(publicKey, request.signedBytes, request.signature);
  if (row === undefined || !signed) return { outcome: "refused" };
  if (row.state === "revoked") return { outcome: "device-revoked" };
  const { action } = request;
  const leaves = action.action === "revoke" && action.deviceId === request.deviceId;
  // Whoever found an activation link must not throw the owner's devices out with it, nor learn of them.
  if (row.pin_state === "awaiting-pin" && !leaves) return { outcome: "awaiting-pin" };
  if (action.action === "list") return tellDevices(deps.database, request, null);
  return deps.database.transaction(async (tx) =>
    (await lockAsker(tx, request)) ? act(deps, tx, request, action) : { outcome: "device-revoked" },
  );
}

async function act(
  deps: PaymentDeps,
  tx: Queryable,
  asker: DeviceName,
  action: Exclude<DevicesAction, { action: "list" }>,
): Promise<Devices> {
  if (action.action === "revoke") {
    await revoke(deps, tx, asker, action.deviceId);
    if (action.deviceId === asker.deviceId) return { outcome: "device-revoked" };
    return tellDevices(tx, asker, null);
  }
  const registered = await registerInvitation(deps, tx, asker, action);
  switch (registered.kind) {
    case "open":
      return tellDevices(tx, asker, registered.expiresAt);
    case "void":
      return { outcome: "invitation-void" };
    case "too-many":
      return { outcome: "too-many-invites" };
  }
}

/** For good. A device that is revoked already, or is not one of this account, is none to revoke: nothing happens. */
async function revoke(
  deps: PaymentDeps,
  tx: Queryable,
  asker: DeviceName,
  deviceId: string,
): Promise<void> {
  const revoked = await tx.query(
    `update devices set state = 'revoked'
     where account_id = $1 and device_id = $2 and state = 'active' returning device_id`,
    [asker.accountId, deviceId],
  );
  if (revoked.length > 0) await logDeviceAction(deps, tx, asker, "revoke", deviceId);
}

/**
 * The account and the asking device, locked until the transaction ends, in the order in which a payment takes them:
 * of two devices that revoke each other, one comes first.
 *
 * @returns whether the device is still active
 */
async function lockAsker(tx: Queryable, { accountId, deviceId }: DeviceName): Promise<boolean> {
  const row = one(
    await tx.query<{ state: Device["state"] }>(
      `select d.state from accounts a join devices d on d.account_id = a.account_id
       where d.account_id = $1 and d.device_id = $2 for no key update of a, d`,
      [accountId, deviceId],
    ),
  );
  return row?.state === "active";
}

interface DeviceRow {
  device_id: string;
  name: string;
  state: Device["state"];
  pin_state: Device["pin"];
  activated_at: bigint;
  public_key: Buffer;
  last_used_at: bigint | null;
}

/** The asking device first, then the active ones, of each kind the ones used last; no more than a reply holds. */
async function tellDevices(
  tx: Queryable,
  { accountId, deviceId }: DeviceName,
  inviteExpiresAt: number | null,
): Promise<Devices> {
  const rows = await tx.query<DeviceRow>(
    `select d.device_id, d.name, d.state, d.pin_state, d.activated_at, d.public_key, d.last_paid_at as last_used_at
     from devices d
     where d.account_id = $1
     order by d.device_id = $2 desc, d.state = 'active' desc, coalesce(d.last_paid_at, d.activated_at) desc, d.device_id
     limit $3`,
    [accountId, deviceId, LIMITS.devicesTold],
  );
  const devices = rows.map((row) => ({
    deviceId: row.device_id,
    name: row.name,
    state: row.state,
    pin: row.pin_state,
    activatedAt: Number(row.activated_at),
    lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
    checkNumber: deviceCheckNumber(row.public_key),
  }));
  return { outcome: "devices", devices, inviteExpiresAt };
}
