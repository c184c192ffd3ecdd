/**
 * The devices of an account: one of them asks for the list, revokes one (itself too), or invites another one by
 * registering the hash of a secret that it made. It needs the device's signature and no PIN, for it only takes
 * power away, or prepares a device that has none until its owner has set its PIN by telephone. Every action is
 * idempotent and answered with the list after it.
 */
import * as v from "valibot";
import { PIN_STATES } from "./account-status.ts";
import { toBase64url } from "./bytes.ts";
import type { OpeningKey, ProtocolCrypto } from "./crypto.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import type { DeviceSign } from "./request-for-payment.ts";
import { bytes, displayText, header, identifier, message, time } from "./schema.ts";
import {
  createExchange,
  type DecodedExchange,
  decodeExchange,
  type ExchangeKind,
  openExchange,
  openExchangeReply,
  type PendingExchange,
} from "./sealed-exchange.ts";
import type { SealingKey } from "./sealed-message.ts";
import { transcript } from "./transcript.ts";

/** Where a TPS answers about devices (POST), under the issuer's origin. */
export const DEVICES_PATH = "/v1/devices";

const KIND: ExchangeKind = {
  type: "devices",
  request: LABELS.devices,
  response: LABELS.devicesResponse,
  // So coarse that the reply's size tells hardly anything about the number of devices.
  replyBlock: 2048,
};

/**
 * What an invitation is for. `once`: one more device, within a day. `recovery`: travels inside of encrypted
 * backups; it does not expire, and each use makes another device, so that restoring never forks one.
 */
export const INVITATION_USES = ["once", "recovery"] as const;
export type InvitationUse = (typeof INVITATION_USES)[number];

const actionSchema = v.variant("action", [
  message({ action: v.literal("list") }),
  message({ action: v.literal("revoke"), deviceId: identifier }),
  message({
    action: v.literal("invite"),
    /** `activationSecretHash` of the secret. */
    secretHash: bytes(32),
    use: v.picklist(INVITATION_USES),
  }),
]);

/** What a device asks for. */
export type DevicesAction = v.InferOutput<typeof actionSchema>;

const sealedSchema = message({
  accountId: identifier,
  deviceId: identifier,
  action: actionSchema,
  signature: bytes(64),
});

/** A device is active until it is revoked, and then revoked for ever. */
export const DEVICE_STATES = ["active", "revoked"] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

const deviceSchema = message({
  deviceId: identifier,
  name: displayText(LIMITS.nameLength),
  state: v.picklist(DEVICE_STATES),
  pin: v.picklist(PIN_STATES),
  activatedAt: time,
  /** Its last authenticated transaction, paid or denied. */
  lastUsedAt: v.nullable(time),
  checkNumber: v.pipe(v.string(), v.regex(/^[0-9]{4}$/, "Expected 4 digits.")),
});

const devicesSchema = v.variant("outcome", [
  message({
    ...header("devices-response"),
    outcome: v.literal("devices"),
    devices: v.pipe(v.array(deviceSchema), v.minLength(1), v.maxLength(LIMITS.devicesTold)),
    /** Until when the invitation of this request can be used; null without one, or where it does not expire. */
    inviteExpiresAt: v.nullable(time),
  }),
  /** Nothing was done: too many devices or invitations of this account wait already. */
  message({ ...header("devices-response"), outcome: v.literal("too-many-invites") }),
  /** Nothing was done: this secret is withdrawn, or registered otherwise. The wallet makes another one. */
  message({ ...header("devices-response"), outcome: v.literal("invitation-void") }),
  /** The asking device has had no PIN yet: all it may do is revoke itself. */
  message({ ...header("devices-response"), outcome: v.literal("awaiting-pin") }),
  /** The asking device is revoked, perhaps by this very request. */
  message({ ...header("devices-response"), outcome: v.literal("device-revoked") }),
  /** To whoever did not show the device's signature. */
  message({ ...header("devices-response"), outcome: v.literal("refused") }),
]);

type WithoutHeader<T> = T extends unknown ? Omit<T, "v" | "type"> : never;
/** The TPS's answer, without its header. */
export type Devices = WithoutHeader<v.InferOutput<typeof devicesSchema>>;
/** One device of the list. */
export type Device = v.InferOutput<typeof deviceSchema>;

/** The devices exchange at the CTS. */
export async function createDevicesRequest(
  crypto: ProtocolCrypto,
  tpsKey: SealingKey,
  subject: { readonly issuer: string; readonly accountId: string; readonly deviceId: string },
  action: DevicesAction,
  sign: DeviceSign,
): Promise<PendingExchange> {
  const { issuer, accountId, deviceId } = subject;
  return createExchange(crypto, tpsKey, KIND, issuer, async (enc, plain) => ({
    accountId,
    deviceId,
    action: actionToWire(action),
    signature: toBase64url(await sign(signedBytes(accountId, deviceId, action, enc, plain))),
  }));
}

/**
 * Which issuer and key a devices request is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeDevicesRequest(body: Uint8Array): DecodedExchange {
  return decodeExchange(KIND, body);
}

/** A devices request as the TPS opens it; the signature is for the caller to verify under the device's key. */
export interface OpenedDevicesRequest {
  readonly accountId: string;
  readonly deviceId: string;
  readonly action: DevicesAction;
  readonly signature: Uint8Array;
  readonly signedBytes: Uint8Array;
}

/**
 * The devices exchange at the TPS.
 *
 * @returns the request and a function that seals its reply; `nonce` is 16 fresh random bytes
 * @throws {ChitError} `malformed-message`, `sealing-key-unknown`, `authentication-failed`
 */
export async function openDevicesRequest(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  body: Uint8Array,
): Promise<{
  request: OpenedDevicesRequest;
  reply(result: Devices, nonce: Uint8Array): Promise<Uint8Array>;
}> {
  const { decoded, content, reply } = await openExchange(crypto, key, KIND, sealedSchema, body);
  const { accountId, deviceId, action, signature } = content;
  const { enc, plain } = decoded.sealed;
  const signed = signedBytes(accountId, deviceId, action, enc, plain);
  return { request: { accountId, deviceId, action, signature, signedBytes: signed }, reply };
}

/**
 * Reads the reply to a devices request.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openDevices(
  crypto: Pick<ProtocolCrypto, "aead">,
  pending: PendingExchange,
  body: Uint8Array,
): Promise<Devices> {
  return openExchangeReply(crypto, KIND, devicesSchema, pending, body);
}

/** `enc` and `plain` bind the signature to this one message, so that nobody can put it into another. */
function signedBytes(
  accountId: string,
  deviceId: string,
  action: DevicesAction,
  enc: Uint8Array,
  plain: Uint8Array,
): Uint8Array {
  const [name, ...fields] = actionParts(action);
  return transcript(LABELS.devicesSignature, accountId, deviceId, enc, plain, name, ...fields);
}

/** The action's name and its fields, in the order of the document's table. */
function actionParts(action: DevicesAction): [string, ...(Uint8Array | string)[]] {
  switch (action.action) {
    case "list":
      return [action.action];
    case "revoke":
      return [action.action, action.deviceId];
    case "invite":
      return [action.action, action.secretHash, action.use];
  }
}

function actionToWire(action: DevicesAction): object {
  return action.action === "invite"
    ? { ...action, secretHash: toBase64url(action.secretHash) }
    : action;
}
