/** The account's wallets: listed, revoked, and another one invited, as the TPS has them. */
import {
  activationSecretHash,
  createDevicesRequest,
  type Device,
  type DevicesAction,
  formatActivationLink,
  openDevices,
} from "@chit/protocol";
import { accountOf, keepRevoked } from "./account-store.ts";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { askIssuer } from "./issuer.ts";
import { postDevices } from "./tps-client.ts";

/** What the TPS told after an action. */
export interface DeviceList {
  readonly devices: Device[];
  /** When the invitation of this action runs out, in seconds; null where none was made or it does not. */
  readonly inviteExpiresAt: number | null;
}

/** A link by which one more wallet joins the account. */
export interface Invitation {
  readonly link: string;
  /** Seconds. */
  readonly expiresAt: number | null;
}

/**
 * Does `action` at the TPS and returns the account's devices after it. Every action may be repeated. An answer that
 * this device was revoked is kept: it pays no more.
 *
 * @throws {WalletError} `device-revoked` (also after revoking itself), `awaiting-pin`, `device-unknown`,
 * `too-many-invites`, `issuer-unreachable`, `unknown-account`; {RefusedError}; {ChitError} when the answer does not verify
 */
export async function askDevices(
  deps: CtsDeps,
  accountKey: string,
  action: DevicesAction,
): Promise<DeviceList> {
  const answer = await askIssuer(deps, accountKey, {
    create: (key, account) =>
      createDevicesRequest(deps.crypto, key, account, action, (message) =>
        deps.deviceKeys.sign(account.deviceKeyId, message),
      ),
    post: postDevices,
    open: (pending, reply) => openDevices(deps.crypto, pending, reply),
  });
  switch (answer.outcome) {
    case "devices": {
      const { deviceId } = await accountOf(deps, accountKey);
      const own = answer.devices.find((device) => device.deviceId === deviceId);
      if (own?.state === "revoked") await keepRevoked(deps, accountKey);
      return { devices: answer.devices, inviteExpiresAt: answer.inviteExpiresAt };
    }
    case "device-revoked":
      await keepRevoked(deps, accountKey);
      throw new WalletError("device-revoked", "This device was revoked.");
    case "awaiting-pin":
      throw new WalletError("awaiting-pin", "Call the telephone service for the first PIN.");
    case "refused":
      throw new WalletError("device-unknown", "The operator does not know this device.");
    case "too-many-invites":
      throw new WalletError(
        "too-many-invites",
        "Too many devices of this account wait for a PIN: call for theirs, or revoke them.",
      );
    case "invitation-void":
      throw new WalletError(
        "activation-used",
        "The operator withdrew this invitation, or has it for something else: make another secret.",
      );
  }
}

/**
 * Invites one more wallet to the account: the link works once, for a day. Its secret is made here and is in the
 * link alone; the TPS gets its hash.
 *
 * @throws as {@link askDevices}
 */
export async function inviteDevice(deps: CtsDeps, accountKey: string): Promise<Invitation> {
  const { issuer, rootKey } = await accountOf(deps, accountKey);
  const secret = deps.crypto.randomBytes(16);
  const secretHash = activationSecretHash(secret);
  const action = { action: "invite", secretHash, use: "once" } as const;
  const { inviteExpiresAt } = await askDevices(deps, accountKey, action);
  return { link: formatActivationLink({ issuer, secret, rootKey }), expiresAt: inviteExpiresAt };
}
