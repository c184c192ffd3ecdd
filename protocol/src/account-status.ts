/**
 * Account status: a device asks for balance and state outside of any payment. It needs the device's
 * signature, no PIN, and changes nothing at the TPS; a replayed request tells its sender nothing, for the
 * reply is sealed to whoever made it.
 */
import * as v from "valibot";
import type { PendingExchange } from "./activation.ts";
import { toBase64url } from "./bytes.ts";
import { type OpeningKey, type ProtocolCrypto, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { amountToWire } from "./money.ts";
import { count, type DeviceSign } from "./request-for-payment.ts";
import {
  amount,
  bytes,
  header,
  identifier,
  message,
  messageBytes,
  parseMessage,
  thumbprint,
  webOrigin,
} from "./schema.ts";
import {
  decodeSealedMessage,
  openReply,
  openSealedMessage,
  pad,
  RESPONSE_SECRET_BYTES,
  type SealedMessage,
  type SealingKey,
  sealReply,
  startSealing,
  unpad,
} from "./sealed-message.ts";
import { labelledHash, transcript } from "./transcript.ts";

/** Where a TPS answers account status (POST), under the issuer's origin. */
export const ACCOUNT_STATUS_PATH = "/v1/account-status";

const SEALED_BLOCK = 512;

const plainSchema = message({
  ...header("account-status"),
  suite: v.literal(SUITE),
  keyId: thumbprint,
  issuer: webOrigin,
});

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
    pin: v.picklist(PIN_STATES),
    /** How often the PIN was set by telephone. A larger number than the wallet's resets its modifier to 0. */
    pinGeneration: count,
  }),
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
  const plain = messageBytes({
    v: 1,
    type: "account-status",
    suite: SUITE,
    keyId: tpsKey.kid,
    issuer: subject.issuer,
  });
  const sealing = await startSealing(crypto, LABELS.accountStatus, tpsKey);
  const signature = await sign(
    signedBytes(subject.accountId, subject.deviceId, sealing.enc, plain),
  );
  const sealed = messageBytes({
    accountId: subject.accountId,
    deviceId: subject.deviceId,
    signature: toBase64url(signature),
  });
  const responseSecret = await sealing.export(LABELS.accountStatusResponse, RESPONSE_SECRET_BYTES);
  const body = await sealing.seal(plain, pad(sealed, SEALED_BLOCK));
  return { body, enc: sealing.enc, responseSecret };
}

/**
 * Which key a status request is sealed to.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeAccountStatusRequest(body: Uint8Array): {
  keyId: string;
  issuer: string;
  sealed: SealedMessage;
} {
  const sealed = decodeSealedMessage(body);
  const { keyId, issuer } = parseMessage(plainSchema, sealed.plain);
  return { keyId, issuer, sealed };
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
  const { keyId, sealed } = decodeAccountStatusRequest(body);
  if (keyId !== key.keyId) {
    throw new ChitError(
      "sealing-key-unknown",
      `The request is sealed to ${keyId}, not to ${key.keyId}.`,
    );
  }
  const opened = await openSealedMessage(crypto, LABELS.accountStatus, key, sealed);
  const content = parseMessage(sealedSchema, unpad(opened.sealed, SEALED_BLOCK));
  const { accountId, deviceId, signature } = content;
  const responseSecret = await opened.export(LABELS.accountStatusResponse, RESPONSE_SECRET_BYTES);
  return {
    request: {
      accountId,
      deviceId,
      signature,
      signedBytes: signedBytes(accountId, deviceId, sealed.enc, sealed.plain),
    },
    reply: (result, nonce) =>
      sealReply(
        crypto,
        responseSecret,
        sealed.enc,
        nonce,
        replyAad(body),
        pad(
          messageBytes({ v: 1, type: "account-status-response", ...toWire(result) }),
          SEALED_BLOCK,
        ),
      ),
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
  const aad = replyAad(pending.body);
  const padded = await openReply(crypto, pending.responseSecret, pending.enc, aad, body);
  return parseMessage(statusSchema, unpad(padded, SEALED_BLOCK));
}

function signedBytes(
  accountId: string,
  deviceId: string,
  enc: Uint8Array,
  plain: Uint8Array,
): Uint8Array {
  return transcript(LABELS.accountStatusSignature, accountId, deviceId, enc, plain);
}

function replyAad(body: Uint8Array): Uint8Array {
  return transcript(LABELS.accountStatusResponse, labelledHash(LABELS.accountStatus, body));
}

function toWire(result: AccountStatusResult): object {
  return result.outcome === "status"
    ? { ...result, balance: amountToWire(result.balance) }
    : result;
}
