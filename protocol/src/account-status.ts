/**
 * Account status: a device asks for balance and state outside of any payment. It needs the device's
 * signature, no PIN, and changes nothing at the TPS; a replayed request tells its sender nothing, for the
 * reply is sealed to whoever made it.
 */
import * as v from "valibot";
import { toBase64url } from "./bytes.ts";
import type { OpeningKey, ProtocolCrypto } from "./crypto.ts";
import { LABELS } from "./labels.ts";
import { amountToWire } from "./money.ts";
import { count, type DeviceSign } from "./request-for-payment.ts";
import { amount, bytes, header, identifier, message } from "./schema.ts";
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

/** Where a TPS answers account status (POST), under the issuer's origin. */
export const ACCOUNT_STATUS_PATH = "/v1/account-status";

const KIND: ExchangeKind = {
  type: "account-status",
  request: LABELS.accountStatus,
  response: LABELS.accountStatusResponse,
};

const sealedSchema = message({
  accountId: identifier,
  deviceId: identifier,
  signature: bytes(64),
});

/** State of an account (holds) and of one device's PIN. */
export const ACCOUNT_STATES = ["active", "held"] as const;
export const PIN_STATES = ["awaiting-pin", "active", "locked"] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];
export type PinState = (typeof PIN_STATES)[number];

const statusSchema = v.variant("outcome", [
  message({
    ...header("account-status-response"),
    outcome: v.literal("status"),
    balance: amount,
    account: v.picklist(ACCOUNT_STATES),
    pin: v.picklist(["active", "locked"]),
    /** How often the PIN was set by telephone. A larger number than the wallet's resets its modifier to 0. */
    pinGeneration: count,
  }),
  /** The asking device has had no PIN yet: it came by a link that somebody may have found, and is told nothing. */
  message({ ...header("account-status-response"), outcome: v.literal("awaiting-pin") }),
  message({ ...header("account-status-response"), outcome: v.literal("device-revoked") }),
  /** To whoever did not show the device's signature. */
  message({ ...header("account-status-response"), outcome: v.literal("refused") }),
]);

/** The TPS's answer, opened. */
export type AccountStatus = v.InferOutput<typeof statusSchema>;
type WithoutHeader<T> = T extends unknown ? Omit<T, "v" | "type"> : never;
/** What the TPS answers: a status without its header. */
export type AccountStatusResult = WithoutHeader<AccountStatus>;

/** Account status at the CTS. */
export async function createAccountStatusRequest(
  crypto: ProtocolCrypto,
  tpsKey: SealingKey,
  subject: { readonly issuer: string; readonly accountId: string; readonly deviceId: string },
  sign: DeviceSign,
): Promise<PendingExchange> {
  const { issuer, accountId, deviceId } = subject;
  return createExchange(crypto, tpsKey, KIND, issuer, async (enc, plain) => ({
    accountId,
    deviceId,
    signature: toBase64url(await sign(signedBytes(accountId, deviceId, enc, plain))),
  }));
}

/**
 * Which issuer and key a status request is for.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeAccountStatusRequest(body: Uint8Array): DecodedExchange {
  return decodeExchange(KIND, body);
}

/** A status request as the TPS opens it; the signature is for the caller to verify under the device's key. */
export interface OpenedStatusRequest {
  readonly accountId: string;
  readonly deviceId: string;
  readonly signature: Uint8Array;
  readonly signedBytes: Uint8Array;
}

/**
 * Account status at the TPS.
 *
 * @returns the request and a function that seals its reply; `nonce` is 16 fresh random bytes
 * @throws {ChitError} `malformed-message`, `sealing-key-unknown`, `authentication-failed`
 */
export async function openAccountStatusRequest(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  body: Uint8Array,
): Promise<{
  request: OpenedStatusRequest;
  reply(result: AccountStatusResult, nonce: Uint8Array): Promise<Uint8Array>;
}> {
  const { decoded, content, reply } = await openExchange(crypto, key, KIND, sealedSchema, body);
  const { accountId, deviceId, signature } = content;
  const { enc, plain } = decoded.sealed;
  return {
    request: {
      accountId,
      deviceId,
      signature,
      signedBytes: signedBytes(accountId, deviceId, enc, plain),
    },
    reply: (result, nonce) => reply(toWire(result), nonce),
  };
}

/**
 * Reads the reply to a status request.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openAccountStatus(
  crypto: Pick<ProtocolCrypto, "aead">,
  pending: PendingExchange,
  body: Uint8Array,
): Promise<AccountStatus> {
  return openExchangeReply(crypto, KIND, statusSchema, pending, body);
}

function signedBytes(
  accountId: string,
  deviceId: string,
  enc: Uint8Array,
  plain: Uint8Array,
): Uint8Array {
  return transcript(LABELS.accountStatusSignature, accountId, deviceId, enc, plain);
}

function toWire(result: AccountStatusResult): object {
  return result.outcome === "status"
    ? { ...result, balance: amountToWire(result.balance) }
    : result;
}
