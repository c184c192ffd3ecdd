/** Vectors of the devices exchange. */
import {
  activationSecretHash,
  createDevicesRequest,
  type Device,
  type Devices,
  type DevicesAction,
  decodeDevicesRequest,
  fromUtf8,
  LABELS,
  openDevicesRequest,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { openSealedMessage, pad, unpad } from "../../src/sealed-message.ts";
import { ISSUER, NOW } from "../fixture.ts";
import { BLOCK, type Exchange, replyFile, requestFile } from "./exchange.ts";
import { hex, type VectorFile, writeMessage } from "./form.ts";
import { operate } from "./operations.ts";
import { type Stage, sealRaw } from "./stage.ts";

const REPLY_BLOCK = 2048;

function deviceList(stage: Stage): Device[] {
  return [
    {
      deviceId: stage.id("device"),
      name: "Chromium on Linux",
      state: "active",
      pin: "active",
      activatedAt: NOW - 86_400,
      lastUsedAt: NOW - 60,
      checkNumber: "5776",
    },
    {
      deviceId: stage.id("another device"),
      name: "Laptop",
      state: "revoked",
      pin: "awaiting-pin",
      activatedAt: NOW - 3_600,
      lastUsedAt: null,
      checkNumber: "0042",
    },
  ];
}

function resultsOf(stage: Stage): readonly (readonly [string, Devices])[] {
  const devices = deviceList(stage);
  return [
    ["devices", { outcome: "devices", devices, inviteExpiresAt: null }],
    ["devices and an invitation", { outcome: "devices", devices, inviteExpiresAt: NOW + 86_400 }],
    ["too many invites", { outcome: "too-many-invites" }],
    ["invitation void", { outcome: "invitation-void" }],
    ["awaiting PIN", { outcome: "awaiting-pin" }],
    ["device revoked", { outcome: "device-revoked" }],
    ["refused", { outcome: "refused" }],
  ];
}

/** A request for each action, the list first. */
function actionsOf(stage: Stage): readonly (readonly [string, DevicesAction])[] {
  const secretHash = activationSecretHash(stage.bytes("activation secret", 16));
  return [
    ["list", { action: "list" }],
    ["revoke", { action: "revoke", deviceId: stage.id("another device") }],
    ["invite once", { action: "invite", secretHash, use: "once" }],
    ["invite for recovery", { action: "invite", secretHash, use: "recovery" }],
  ];
}

async function pendingFor(stage: Stage, name: string, action: DevicesAction) {
  const ikmE = stage.bytes(`ephemeral of devices ${name}`, 32);
  const subject = { issuer: ISSUER, accountId: stage.id("account"), deviceId: stage.id("device") };
  const { sign } = stage.world.device;
  const crypto = stage.cryptoWith(ikmE);
  const pending = await createDevicesRequest(crypto, stage.tpsKey, subject, action, sign);
  return { ikmE, pending };
}

/** The other actions: accepted, with what the receiver makes of them. */
async function otherActions(stage: Stage, context: Exchange["context"]) {
  const { world } = stage;
  const vectors: VectorFile["positive"][number][] = [];
  for (const [name, action] of actionsOf(stage).slice(1)) {
    const { ikmE, pending } = await pendingFor(stage, name, action);
    vectors.push({
      name,
      inputs: { ikmE: hex(ikmE), devicePrivateKey: hex(stage.privateKeys.device) },
      message: writeMessage(pending.body),
      result: await operate("devices", world.crypto, context, pending.body),
    });
  }
  return vectors;
}

/**
 * Requests that open, but whose signature was made for something else: their sender did not show the device's
 * signature, and `signatureVerifies` is false.
 */
async function forgeries(stage: Stage, context: Exchange["context"], list: Uint8Array) {
  const { world } = stage;
  const decoded = decodeDevicesRequest(list).sealed;
  const opened = await openSealedMessage(world.crypto, LABELS.devices, world.tpsKey, decoded);
  const content = JSON.parse(fromUtf8(unpad(opened.sealed, BLOCK))) as object;
  const other = stage.id("another device");
  const patches: readonly (readonly [string, object])[] = [
    ["the signature of another message", {}],
    ["signed for another action", { action: { action: "revoke", deviceId: other } }],
    ["signed for another device", { deviceId: other }],
    ["signed for another account", { accountId: other }],
  ];
  const vectors: VectorFile["positive"][number][] = [];
  for (const [name, patch] of patches) {
    const padded = pad(utf8(JSON.stringify({ ...content, ...patch })), BLOCK);
    const body = await sealRaw(stage, LABELS.devices, stage.tpsKey, decoded.plain, padded);
    const result = await operate("devices", world.crypto, context, body);
    vectors.push({ name, message: writeMessage(body), result });
  }
  return vectors;
}

/** `devices` and `devices-response`. */
export async function devicesFiles(stage: Stage): Promise<Record<string, VectorFile>> {
  const { world } = stage;
  const { ikmE, pending } = await pendingFor(stage, "list", { action: "list" });
  const opened = await openDevicesRequest(world.crypto, world.tpsKey, pending.body);
  const replies: [string, Uint8Array, Uint8Array][] = [];
  for (const [name, result] of resultsOf(stage)) {
    const nonce = stage.bytes(`nonce of ${name}`, 16);
    replies.push([name, nonce, await opened.reply(result, nonce)]);
  }
  const device = deviceList(stage)[0] as Device;
  const exchange: Exchange = {
    kind: "devices",
    purpose: LABELS.devices,
    response: LABELS.devicesResponse,
    pending,
    ikmE,
    context: {
      privateKey: hex(stage.privateKeys.tpsSealing),
      publicKey: hex(world.tpsKey.publicRaw),
      deviceKey: hex(world.device.publicKey),
    },
    replies,
    malformedSealed: {
      "another action": { action: { action: "restore", deviceId: device.deviceId } },
      "an action with another's field": { action: { action: "list", deviceId: device.deviceId } },
      "revokes nothing": { action: { action: "revoke" } },
      "a hash of 31 bytes": {
        action: { action: "invite", secretHash: toBase64url(new Uint8Array(31)), use: "once" },
      },
      "another use": {
        action: { action: "invite", secretHash: toBase64url(new Uint8Array(32)), use: "twice" },
      },
      "a signature of 63 bytes": { signature: "A".repeat(84) },
    },
    malformedReply: {
      "no devices": { devices: [] },
      "21 devices": { devices: Array.from({ length: 21 }, () => device) },
      "a device in another state": { devices: [{ ...device, state: "lost" }] },
      "a device with an unknown field": { devices: [{ ...device, count: 1 }] },
      "a name turned around": { devices: [{ ...device, name: "a\u202eb" }] },
      "a check number of 5 digits": { devices: [{ ...device, checkNumber: "57760" }] },
    },
    replyBlock: REPLY_BLOCK,
  };
  const requests = await requestFile(stage, exchange, []);
  const more = await otherActions(stage, exchange.context);
  const forged = await forgeries(stage, exchange.context, pending.body);
  return {
    devices: { ...requests, positive: [...requests.positive, ...more, ...forged] },
    "devices-response": await replyFile(stage, exchange),
  };
}
