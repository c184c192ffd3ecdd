/**
 * Step 6: the payment response (TPS → CTS), sealed under the secret exported from the request and padded to
 * 2,560 bytes, so that every outcome looks alike from outside.
 */
import * as v from "valibot";
import { toBase64url } from "./bytes.ts";
import type { ProtocolCrypto } from "./crypto.ts";
import { LABELS } from "./labels.ts";
import { LIMITS } from "./limits.ts";
import { amountToWire } from "./money.ts";
import { MODIFIER_BYTES } from "./pin.ts";
import { count, type OpenedRequest, type PreparedRequest } from "./request-for-payment.ts";
import {
  amount,
  bytes,
  header,
  jws,
  message,
  messageBytes,
  parseMessage,
  whole,
} from "./schema.ts";
import { openReply, pad, sealReply, unpad } from "./sealed-message.ts";
import { transcript } from "./transcript.ts";

const SEALED_BLOCK = 2_560;

/** Why an authenticated request was not paid. Told to the payer alone. */
export const DENIAL_REASONS = [
  /** The balance does not cover the amount. */
  "insufficient-funds",
  /** The account holder or the operator put a hold on the account. */
  "account-held",
  /** The TPS knows no such merchant. */
  "merchant-unknown",
  /** The merchant's certificate was revoked. */
  "merchant-revoked",
  /** The TPS keeps accounts in another currency or scale. */
  "currency-not-supported",
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

const authenticated = {
  /** The TPS's component of the PIN modifier. */
  component: bytes(MODIFIER_BYTES),
  nextCount: count,
  balance: amount,
};

const responseSchema = v.variant("outcome", [
  /** Paid. Modifier and count advance. */
  message({
    ...header("payment-response"),
    outcome: v.literal("paid"),
    ...authenticated,
    proof: jws,
  }),
  /** Authenticated, but not paid. Modifier and count advance all the same. */
  message({
    ...header("payment-response"),
    outcome: v.literal("denied"),
    ...authenticated,
    denial: jws,
    reason: v.picklist(DENIAL_REASONS),
  }),
  /** The device is known, the PIN was wrong; counted. Nothing advances. */
  message({
    ...header("payment-response"),
    outcome: v.literal("wrong-pin"),
    attemptsLeft: whole(1, LIMITS.pinAttempts),
  }),
  /** Too many wrong PINs: call the telephone service. */
  message({ ...header("payment-response"), outcome: v.literal("pin-locked") }),
  /** No PIN was set by telephone yet. */
  message({ ...header("payment-response"), outcome: v.literal("awaiting-pin") }),
  /** The PIN was set anew by telephone since: reset the modifier and ask for the new PIN. Not counted. */
  message({
    ...header("payment-response"),
    outcome: v.literal("pin-changed"),
    pinGeneration: count,
  }),
  /** Another count than the TPS's: the account may have been used elsewhere (drift). */
  message({ ...header("payment-response"), outcome: v.literal("out-of-sequence") }),
  /** This device was revoked. */
  message({ ...header("payment-response"), outcome: v.literal("device-revoked") }),
  /** To whoever did not show the device's signature, for whatever cause. */
  message({ ...header("payment-response"), outcome: v.literal("refused") }),
]);

/** A payment response, opened. */
export type PaymentResponse = v.InferOutput<typeof responseSchema>;

type WithoutHeader<T> = T extends unknown ? Omit<T, "v" | "type"> : never;
/** What the TPS decides: a response without its header. */
export type PaymentOutcome = WithoutHeader<PaymentResponse>;

/**
 * Step 6 at the TPS: the exact bytes of the reply.
 *
 * @param nonce 16 fresh random bytes
 */
export async function createPaymentResponse(
  crypto: Pick<ProtocolCrypto, "aead">,
  request: Pick<OpenedRequest, "requestHash" | "responseSecret" | "sealed">,
  outcome: PaymentOutcome,
  nonce: Uint8Array,
): Promise<Uint8Array> {
  const content = messageBytes({ v: 1, type: "payment-response", ...toWire(outcome) });
  return sealReply(
    crypto,
    request.responseSecret,
    request.sealed.enc,
    nonce,
    replyAad(request.requestHash),
    pad(content, SEALED_BLOCK),
  );
}

/**
 * Step 6 at the CTS. The proof or denial in it must be verified with `verifyVerdict` before it is believed:
 * whoever can read the wallet's disk also holds the response secret.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 */
export async function openPaymentResponse(
  crypto: Pick<ProtocolCrypto, "aead">,
  request: Pick<PreparedRequest, "requestHash" | "responseSecret" | "enc">,
  body: Uint8Array,
): Promise<PaymentResponse> {
  const aad = replyAad(request.requestHash);
  const padded = await openReply(crypto, request.responseSecret, request.enc, aad, body);
  return parseMessage(responseSchema, unpad(padded, SEALED_BLOCK));
}

function replyAad(requestHash: Uint8Array): Uint8Array {
  return transcript(LABELS.paymentResponse, requestHash);
}

function toWire(outcome: PaymentOutcome): object {
  if (outcome.outcome !== "paid" && outcome.outcome !== "denied") return outcome;
  return {
    ...outcome,
    component: toBase64url(outcome.component),
    balance: amountToWire(outcome.balance),
  };
}
