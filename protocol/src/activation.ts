/**
 * Activation of a device: a new wallet proves to the TPS that it holds the operator's activation secret and
 * tells its public key. It cannot pay before its owner has set a PIN by telephone (paper, introduction:
 * "analogous to having to contact a VRU … to activate a credit card").
 *
 * An activation link is `<issuer>/activate#<secret>.<root key>`: the secret (16 bytes) and the root public key
 * (32 bytes) as base64url. The part behind `#` never reaches a server.
 */
import * as v from "valibot";
import { toBase64url } from "./bytes.ts";
import type { OpeningKey, ProtocolCrypto } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import type { DeviceSign } from "./request-for-payment.ts";
import {
  bytes,
  displayText,
  header,
  identifier,
  message,
  parseValue,
  webOrigin,
} from "./schema.ts";
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
import { labelledHash, transcript } from "./transcript.ts";

/** Where a TPS takes activations (POST), under the issuer's origin. */
export const ACTIVATIONS_PATH = "/v1/activations";
/** The page that an activation link opens. */
export const ACTIVATION_PAGE_PATH = "/activate";
/** Relation type of the pointer by which the activation page calls the wallet. */
export const ACTIVATION_RELATION = "chit-activation";

const SECRET_BYTES = 16;

/** What an activation link says. */
export interface ActivationLink {
  readonly issuer: string;
  /** One-time secret, 16 bytes. */
  readonly secret: Uint8Array;
  /** The issuer's root key (Ed25519, 32 bytes), pinned from here on. */
  readonly rootKey: Uint8Array;
}

/** The text of an activation link. */
export function formatActivationLink(link: ActivationLink): string {
  const code = `${toBase64url(link.secret)}.${toBase64url(link.rootKey)}`;
  return `${link.issuer}${ACTIVATION_PAGE_PATH}#${code}`;
}

/**
 * Reads an activation link, as clicked or pasted; white space around it and line breaks in it are forgiven.
 *
 * @throws {ChitError} `malformed-message`
 */
export function parseActivationLink(text: string): ActivationLink {
  const compact = text.replace(/\s+/g, "");
  const [page, code, ...rest] = compact.split("#");
  const [secret, rootKey, ...more] = (code ?? "").split(".");
  const issuer = page?.endsWith(ACTIVATION_PAGE_PATH)
    ? page.slice(0, -ACTIVATION_PAGE_PATH.length)
    : undefined;
  if (issuer === undefined || rest.length > 0 || more.length > 0) {
    throw new ChitError(
      "malformed-message",
      "This is not an activation link. Copy the whole link.",
    );
  }
  return {
    issuer: parseValue(webOrigin, issuer),
    secret: parseValue(bytes(SECRET_BYTES), secret),
    rootKey: parseValue(bytes(32), rootKey),
  };
}

/**
 * The hash by which the TPS knows a link's secret (32 bytes): a wallet that invites another device registers it
 * and keeps the secret to itself. The secret has 128 random bits, so a plain hash hides it.
 */
export function activationSecretHash(secret: Uint8Array): Uint8Array {
  return labelledHash(LABELS.activationSecret, secret);
}

const KIND: ExchangeKind = {
  type: "activation",
  request: LABELS.activation,
  response: LABELS.activationResponse,
};

const sealedSchema = message({
  secret: bytes(SECRET_BYTES),
  /** The device's new Ed25519 public key. */
  deviceKey: bytes(32),
  /** What the owner will know it by: "Chromium on Linux". */
  deviceName: displayText(LIMITS.nameLength),
  /** Signature of the device key over issuer, secret and name: proof of possession. */
  signature: bytes(64),
});

/** An activation as the TPS opens it. */
export interface OpenedActivation {
  readonly secret: Uint8Array;
  readonly deviceKey: Uint8Array;
  readonly deviceName: string;
}

/** Activation at the CTS. */
export async function createActivation(
  crypto: ProtocolCrypto,
  tpsKey: SealingKey,
  link: Pick<ActivationLink, "issuer" | "secret">,
  device: { readonly publicKey: Uint8Array; readonly name: string; readonly sign: DeviceSign },
): Promise<PendingExchange> {
  return createExchange(crypto, tpsKey, KIND, link.issuer, async () => ({
    secret: toBase64url(link.secret),
    deviceKey: toBase64url(device.publicKey),
    deviceName: device.name,
    signature: toBase64url(await device.sign(possession(link.issuer, link.secret, device.name))),
  }));
}

/**
 * Which issuer and key an activation is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeActivation(body: Uint8Array): DecodedExchange {
  return decodeExchange(KIND, body);
}

/**
 * Activation at the TPS: opens it and checks the proof of possession.
 *
 * @returns the activation and a function that seals its reply; `nonce` is 16 fresh random bytes
 * @throws {ChitError} `malformed-message`, `sealing-key-unknown`, `authentication-failed`
 */
export async function openActivation(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  body: Uint8Array,
): Promise<{
  activation: OpenedActivation;
  reply(result: ActivationResult, nonce: Uint8Array): Promise<Uint8Array>;
}> {
  const { decoded, content, reply } = await openExchange(crypto, key, KIND, sealedSchema, body);
  const { secret, deviceKey, deviceName, signature } = content;
  if (!crypto.verifyEd25519(deviceKey, possession(decoded.issuer, secret, deviceName), signature)) {
    throw new ChitError("authentication-failed", "The device does not hold the key it names.");
  }
  return { activation: { secret, deviceKey, deviceName }, reply };
}

const resultSchema = v.variant("outcome", [
  message({
    ...header("activation-response"),
    outcome: v.literal("activated"),
    accountId: identifier,
    deviceId: identifier,
  }),
  /** The secret is good, but too many devices of the account already wait for a PIN. */
  message({ ...header("activation-response"), outcome: v.literal("too-many-devices") }),
  /** The secret is unknown, spent by another device, withdrawn, or out of date. */
  message({ ...header("activation-response"), outcome: v.literal("refused") }),
]);

/** The TPS's answer to an activation, without its header. */
export type ActivationResult =
  | { readonly outcome: "activated"; readonly accountId: string; readonly deviceId: string }
  | { readonly outcome: "too-many-devices" }
  | { readonly outcome: "refused" };

/**
 * Reads the reply to an activation.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openActivationResponse(
  crypto: Pick<ProtocolCrypto, "aead">,
  pending: PendingExchange,
  body: Uint8Array,
): Promise<ActivationResult> {
  return openExchangeReply(crypto, KIND, resultSchema, pending, body);
}

/**
 * The device's check number, 4 digits: the wallet shows it and the telephone tells it, so that the owner
 * notices when somebody else activated with the link.
 */
export function deviceCheckNumber(deviceKey: Uint8Array): string {
  const hash = labelledHash(LABELS.deviceCheckNumber, deviceKey);
  const value = new DataView(hash.buffer, hash.byteOffset).getUint32(0);
  return (value % 10_000).toString().padStart(4, "0");
}

function possession(issuer: string, secret: Uint8Array, deviceName: string): Uint8Array {
  return transcript(LABELS.activationPossession, issuer, secret, deviceName);
}
