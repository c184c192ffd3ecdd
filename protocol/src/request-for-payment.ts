/**
 * Step 5: the request-for-payment (CTS → TPS). The plain part carries the merchant's side and suffices for a
 * proof; the sealed part carries the customer's side, padded to 768 bytes.
 */
import * as v from "valibot";
import { toBase64url, uint64 } from "./bytes.ts";
import { type OpeningKey, type ProtocolCrypto, SUITE } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { LABELS } from "./labels.ts";
import { amountToWire } from "./money.ts";
import { createPinTag, MODIFIER_BYTES, type PinTagInput } from "./pin.ts";
import {
  bytes,
  currency,
  header,
  identifier,
  message,
  messageBytes,
  parseMessage,
  positiveAmount,
  scale,
  thumbprint,
  webOrigin,
  whole,
} from "./schema.ts";
import {
  decodeSealedMessage,
  openSealedMessage,
  pad,
  RESPONSE_SECRET_BYTES,
  type SealedMessage,
  type SealingKey,
  startSealing,
  unpad,
} from "./sealed-message.ts";
import { labelledHash, transcript } from "./transcript.ts";

/** Where a TPS takes requests-for-payment (POST), under the issuer's origin. */
export const PAYMENTS_PATH = "/v1/payments";

const SEALED_BLOCK = 768;
const BINDING_BYTES = 32;

/** The sequence number of an account's device, and the number of times its PIN was set. */
export const count = whole(0, Number.MAX_SAFE_INTEGER);

const plainSchema = message({
  ...header("request-for-payment"),
  suite: v.literal(SUITE),
  keyId: thumbprint,
  /** The TPS that is asked. */
  issuer: webOrigin,
  merchantId: identifier,
  transactionNumber: identifier,
  amount: positiveAmount,
  currency,
  scale,
  quoteHash: bytes(32),
});

const sealedSchema = message({
  accountId: identifier,
  deviceId: identifier,
  /** Authenticated transactions of this device so far. */
  count,
  /** How often the PIN had been set by telephone when the wallet last heard of it. */
  pinGeneration: count,
  /** The CTS's component of the PIN modifier. */
  component: bytes(MODIFIER_BYTES),
  pinTag: bytes(32),
  signature: bytes(64),
});

/** The merchant's side of a request: what is to be paid, to whom, for which quote. */
export type PaymentOrder = Pick<
  v.InferOutput<typeof plainSchema>,
  "issuer" | "merchantId" | "transactionNumber" | "amount" | "currency" | "scale" | "quoteHash"
>;

/** The customer's side that identifies the payer and its place in the sequence. */
export interface Payer {
  readonly accountId: string;
  readonly deviceId: string;
  readonly count: number;
  readonly pinGeneration: number;
}

/** Signs with the device's key; it may be asynchronous (WebCrypto). */
export type DeviceSign = (message: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** What the wallet commits to disk before it sends: nothing in it tests a guessed PIN. */
export interface PreparedRequest {
  readonly body: Uint8Array;
  readonly requestHash: Uint8Array;
  readonly enc: Uint8Array;
  /** Exported for the reply, 16 bytes; one-way from the request's keys. */
  readonly responseSecret: Uint8Array;
  readonly component: Uint8Array;
}

/**
 * Step 5 at the CTS.
 *
 * @param modifiedPin 32 bytes, see `modifyPin`
 */
export async function createRequestForPayment(
  crypto: ProtocolCrypto,
  tpsKey: SealingKey,
  order: PaymentOrder,
  payer: Payer,
  modifiedPin: Uint8Array,
  sign: DeviceSign,
): Promise<PreparedRequest> {
  const plain = messageBytes({
    v: 1,
    type: "request-for-payment",
    suite: SUITE,
    keyId: tpsKey.kid,
    issuer: order.issuer,
    merchantId: order.merchantId,
    transactionNumber: order.transactionNumber,
    amount: amountToWire(order.amount),
    currency: order.currency,
    scale: order.scale,
    quoteHash: toBase64url(order.quoteHash),
  });
  const component = crypto.randomBytes(MODIFIER_BYTES);
  const sealing = await startSealing(crypto, LABELS.requestForPayment, tpsKey);
  const binding = await sealing.export(LABELS.pinTagBinding, BINDING_BYTES);
  const responseSecret = await sealing.export(LABELS.paymentResponse, RESPONSE_SECRET_BYTES);
  const pinTag = createPinTag(modifiedPin, { ...payer, binding, component, plain });
  const signature = await sign(signedBytes(payer, component, plain));
  const sealed = messageBytes({
    accountId: payer.accountId,
    deviceId: payer.deviceId,
    count: payer.count,
    pinGeneration: payer.pinGeneration,
    component: toBase64url(component),
    pinTag: toBase64url(pinTag),
    signature: toBase64url(signature),
  });
  const body = await sealing.seal(plain, pad(sealed, SEALED_BLOCK));
  return { body, requestHash: requestHash(body), enc: sealing.enc, responseSecret, component };
}

/** Hash of a request's exact bytes: what "the identical request" means. */
export function requestHash(body: Uint8Array): Uint8Array {
  return labelledHash(LABELS.requestForPayment, body);
}

/** A request whose plain part was read. It suffices to prepare the proof and the denial. */
export interface DecodedRequest {
  readonly keyId: string;
  readonly order: PaymentOrder;
  readonly requestHash: Uint8Array;
  readonly sealed: SealedMessage;
}

/**
 * Step 5 at the TPS, first half: reads the plain part.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function decodeRequestForPayment(body: Uint8Array): DecodedRequest {
  const sealed = decodeSealedMessage(body);
  return { ...readPlainPart(sealed.plain), requestHash: requestHash(body), sealed };
}

/**
 * What the plain part of a request says: of a stored one, when the device's signature over it is verified again.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function readPlainPart(plain: Uint8Array): Pick<DecodedRequest, "keyId" | "order"> {
  const { keyId, issuer, merchantId, transactionNumber, amount, currency, scale, quoteHash } =
    parseMessage(plainSchema, plain);
  return {
    keyId,
    order: { issuer, merchantId, transactionNumber, amount, currency, scale, quoteHash },
  };
}

/** An opened request: everything that the judgement needs. */
export interface OpenedRequest extends DecodedRequest {
  readonly payer: Payer;
  readonly component: Uint8Array;
  readonly pinTag: Uint8Array;
  readonly tagInput: PinTagInput;
  /** The device's Ed25519 signature and what it signs; kept for non-repudiation. */
  readonly signature: Uint8Array;
  readonly signedBytes: Uint8Array;
  readonly responseSecret: Uint8Array;
}

/**
 * Step 5 at the TPS, second half: opens the sealed part. Neither tag nor signature are checked here.
 *
 * @throws {ChitError} `sealing-key-unknown`, `authentication-failed`, `malformed-message`
 */
export async function openRequestForPayment(
  crypto: ProtocolCrypto,
  key: OpeningKey,
  request: DecodedRequest,
): Promise<OpenedRequest> {
  if (request.keyId !== key.keyId) {
    throw new ChitError(
      "sealing-key-unknown",
      `The request is sealed to ${request.keyId}, not to ${key.keyId}.`,
    );
  }
  const opened = await openSealedMessage(crypto, LABELS.requestForPayment, key, request.sealed);
  const customer = parseMessage(sealedSchema, unpad(opened.sealed, SEALED_BLOCK));
  const { accountId, deviceId, count, pinGeneration, component, pinTag, signature } = customer;
  const payer = { accountId, deviceId, count, pinGeneration };
  const { plain } = request.sealed;
  return {
    ...request,
    payer,
    component,
    pinTag,
    tagInput: {
      ...payer,
      binding: await opened.export(LABELS.pinTagBinding, BINDING_BYTES),
      component,
      plain,
    },
    signature,
    signedBytes: signedBytes(payer, component, plain),
    responseSecret: await opened.export(LABELS.paymentResponse, RESPONSE_SECRET_BYTES),
  };
}

/**
 * What the device signs: everything but the PIN tag, so that a stored signature tests no guessed PIN. The
 * TPS keeps payer, component and plain part to verify it again before settlement.
 */
export function signedBytes(payer: Payer, component: Uint8Array, plain: Uint8Array): Uint8Array {
  return transcript(
    LABELS.deviceSignature,
    payer.accountId,
    payer.deviceId,
    uint64(payer.count),
    uint64(payer.pinGeneration),
    component,
    plain,
  );
}
