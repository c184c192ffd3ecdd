/** What a receiver does with each kind of message: the operations that the vectors test. See README.md. */
import {
  activationSecretHash,
  asksForAdvice,
  ChitError,
  createPinTag,
  decodeForward,
  decodeProofReceipt,
  decodeRequestForPayment,
  decodeSendGoods,
  decryptGoods,
  deviceCheckNumber,
  fromBase64url,
  fromUtf8,
  isPayerKey,
  type KeyList,
  keyId,
  loyaltyPseudonym,
  modifyPin,
  type OpeningKey,
  openAccountRecords,
  openAccountRecordsRequest,
  openAccountStatus,
  openAccountStatusRequest,
  openActivation,
  openActivationResponse,
  openDevices,
  openDevicesRequest,
  openPaymentResponse,
  openRecoveryAcknowledgment,
  openRecoveryRequest,
  openRequestForPayment,
  openSessionInitiation,
  type PaidSubject,
  type ProtocolCrypto,
  parseActivationLink,
  parseAmount,
  parseDecimal,
  readBatchReceived,
  readReportPage,
  readReportsAnswer,
  requestHash,
  type Session,
  verifyAccountStatement,
  verifyApplication,
  verifyBatch,
  verifyBatchResult,
  verifyCertificate,
  verifyCheckpoint,
  verifyConsistency,
  verifyKeyList,
  verifyMerchantRequest,
  verifyMerchantStatement,
  verifyNotarization,
  verifyQuote,
  verifyQuoteAuthentication,
  verifyRefundOrder,
  verifySendGoods,
  verifySettlementReport,
  verifyShippingAdvice,
  verifyVerdict,
} from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { unpad } from "../../src/sealed-message.ts";
import { type Json, toJson, unhex } from "./form.ts";

/** A file's context, merged with the vector's own: flat, values as in the file. */
export type Context = Readonly<Record<string, Json>>;

const text = (context: Context, name: string): string => {
  const value = context[name];
  if (typeof value !== "string") throw new Error(`The context has no text ${name}.`);
  return value;
};
const number = (context: Context, name: string): number => {
  const value = context[name];
  if (typeof value !== "number") throw new Error(`The context has no number ${name}.`);
  return value;
};
const bytesOf = (context: Context, name: string) => unhex(text(context, name));

/** The key that a context names `privateKey` and `publicKey`, for either suite. */
async function openingKey(crypto: ProtocolCrypto, context: Context): Promise<OpeningKey> {
  const publicRaw = bytesOf(context, "publicKey");
  return {
    keyId: keyId(publicRaw, "X25519"),
    privateKey: await crypto.suite.DeserializePrivateKey(bytesOf(context, "privateKey"), true),
    publicKey: await crypto.suite.DeserializePublicKey(publicRaw),
  };
}

function keyList(crypto: ProtocolCrypto, context: Context): KeyList {
  const root = bytesOf(context, "rootKey");
  return verifyKeyList(crypto, root, text(context, "keyList"), number(context, "now"));
}

function subject(context: Context): PaidSubject {
  return {
    merchantId: text(context, "merchantId"),
    transactionNumber: text(context, "transactionNumber"),
    amount: parseAmount(text(context, "amount")),
    currency: text(context, "currency"),
    scale: number(context, "scale"),
    quoteHash: bytesOf(context, "quoteHash"),
  };
}

function session(context: Context): Session {
  return {
    key: {
      quoteAuthentication: bytesOf(context, "segmentQuoteAuthentication"),
      shippingAdvice: bytesOf(context, "segmentShippingAdvice"),
      sendGoods: bytesOf(context, "segmentSendGoods"),
      goods: bytesOf(context, "segmentGoods"),
      token: bytesOf(context, "segmentToken"),
    },
    sessionHash: bytesOf(context, "sessionHash"),
    sealedHash: bytesOf(context, "sealedHash"),
  };
}

const pending = (context: Context) => ({
  body: new TextEncoder().encode(text(context, "request")),
  enc: bytesOf(context, "enc"),
  responseSecret: bytesOf(context, "responseSecret"),
});

type Operation = (
  crypto: ProtocolCrypto,
  context: Context,
  message: Uint8Array,
) => unknown | Promise<unknown>;

const verdict =
  (kind: "proof" | "denial"): Operation =>
  (crypto, context, message) =>
    verifyVerdict(crypto, keyList(crypto, context), kind, fromUtf8(message), subject(context));

function expectGenuine(genuine: boolean, problem: string): void {
  if (!genuine) throw new ChitError("authentication-failed", problem);
}

/** Kind of a vector file → what is done with its messages. Each throws a ChitError or gives the result. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  base64url: (_, __, message) => fromBase64url(fromUtf8(message)),
  amount: (_, __, message) => parseAmount(fromUtf8(message)),
  decimal: (_, context, message) => parseDecimal(fromUtf8(message), number(context, "scale")),
  padding: (_, context, message) => unpad(message, number(context, "block")),
  pin: (_, context, message) => modifyPin(fromUtf8(message), bytesOf(context, "modifier")),
  loyalty: (_, context, message) =>
    loyaltyPseudonym(bytesOf(context, "secret"), fromUtf8(message), number(context, "epoch")),
  "key-list": (crypto, context, message) =>
    verifyKeyList(
      crypto,
      bytesOf(context, "rootKey"),
      fromUtf8(message),
      number(context, "now"),
      number(context, "known"),
    ),
  "merchant-certificate": (crypto, context, message) =>
    verifyCertificate(crypto, keyList(crypto, context), fromUtf8(message), number(context, "now")),
  "merchant-application": (crypto, _, message) => verifyApplication(crypto, fromUtf8(message)),
  "refund-order": (crypto, context, message) =>
    verifyRefundOrder(crypto, bytesOf(context, "signingKey"), fromUtf8(message)),
  batch: (crypto, context, message) =>
    verifyBatch(crypto, bytesOf(context, "signingKey"), fromUtf8(message)),
  "batch-received": (_, __, message) => readBatchReceived(message),
  "batch-result": (crypto, context, message) =>
    verifyBatchResult(crypto, keyList(crypto, context), fromUtf8(message), {
      merchantId: text(context, "merchantId"),
      batchId: text(context, "batchId"),
    }),
  "settlement-report": (crypto, context, message) =>
    verifySettlementReport(crypto, keyList(crypto, context), fromUtf8(message)),
  "settlement-report-page": (crypto, context, message) =>
    readReportPage(
      verifySettlementReport(crypto, keyList(crypto, context), text(context, "report")),
      number(context, "page"),
      message,
    ),
  "merchant-request": (crypto, context, message) =>
    verifyMerchantRequest(crypto, bytesOf(context, "signingKey"), fromUtf8(message), {
      issuer: text(context, "issuer"),
      now: number(context, "now"),
    }),
  "settlement-reports": (_, __, message) => readReportsAnswer(message),
  "proof-of-payment": verdict("proof"),
  "denial-of-payment": verdict("denial"),
  quote: (crypto, context, message) =>
    verifyQuote(
      crypto,
      keyList(crypto, context),
      message,
      text(context, "pageOrigin"),
      number(context, "now"),
    ),
  "session-initiation": async (crypto, context, message) =>
    openSessionInitiation(crypto, await openingKey(crypto, context), message),
  "quote-authentication": (_, context, message) =>
    verifyQuoteAuthentication(session(context), subject(context), message),
  "request-for-payment": async (crypto, context, message) => {
    const key = await openingKey(crypto, context);
    const opened = await openRequestForPayment(crypto, key, decodeRequestForPayment(message));
    const { order, payer, component, requestHash, responseSecret } = opened;
    const modifiedPin = bytesOf(context, "modifiedPin");
    const deviceKey = bytesOf(context, "deviceKey");
    return {
      order,
      payer,
      component,
      requestHash,
      responseSecret,
      pinTag: opened.pinTag,
      expectedPinTag: createPinTag(modifiedPin, opened.tagInput),
      signatureVerifies: crypto.verifyEd25519(deviceKey, opened.signedBytes, opened.signature),
    };
  },
  "payment-response": (crypto, context, message) => {
    const request = pending(context);
    return openPaymentResponse(
      crypto,
      { ...request, requestHash: requestHash(request.body) },
      message,
    );
  },
  "payer-link": (_, context, message) => {
    const key = fromUtf8(message);
    expectGenuine(isPayerKey(session(context), subject(context), key), "another link's key");
    return { key };
  },
  "advice-request": (_, context, message) => {
    const forwarded = decodeForward(message);
    const asks =
      forwarded.type === "proof-of-payment" &&
      asksForAdvice(session(context), subject(context), forwarded);
    expectGenuine(asks, "not the initiator's");
    return forwarded;
  },
  "proof-receipt": (_, __, message) => decodeProofReceipt(message),
  "forwarded-verdict": (_, __, message) => decodeForward(message),
  "shipping-advice": (_, context, message) =>
    verifyShippingAdvice(session(context), subject(context), message),
  "send-goods": (_, context, message) => {
    const received = decodeSendGoods(message);
    verifySendGoods(session(context).key, received);
    return received;
  },
  goods: async (_, context, message) => {
    const goods: Uint8Array[] = [];
    const about = { ...subject(context), goodsId: text(context, "goodsId") };
    async function* wire() {
      yield message;
    }
    const first = number(context, "firstChunk");
    for await (const chunk of decryptGoods(
      nodeGoodsCipher,
      session(context).key,
      about,
      wire(),
      first,
    )) {
      goods.push(chunk);
    }
    return Buffer.concat(goods);
  },
  "activation-link": (_, __, message) => {
    const link = parseActivationLink(fromUtf8(message));
    return { ...link, secretHash: activationSecretHash(link.secret) };
  },
  recovery: async (crypto, context, message) => {
    const opened = await openRecoveryRequest(crypto, await openingKey(crypto, context), message);
    const { merchantId, transactionNumber, wish, key, requestHash } = opened;
    return { merchantId, transactionNumber, wish, key, requestHash };
  },
  "recovery-acknowledgment": (crypto, context, message) =>
    openRecoveryAcknowledgment(crypto, pending(context), message),
  activation: async (crypto, context, message) => {
    const { activation } = await openActivation(crypto, await openingKey(crypto, context), message);
    return { ...activation, checkNumber: deviceCheckNumber(activation.deviceKey) };
  },
  "activation-response": (crypto, context, message) =>
    openActivationResponse(crypto, pending(context), message),
  "account-status": async (crypto, context, message) => {
    const key = await openingKey(crypto, context);
    const { request } = await openAccountStatusRequest(crypto, key, message);
    const { accountId, deviceId, signature, signedBytes } = request;
    const deviceKey = bytesOf(context, "deviceKey");
    return {
      accountId,
      deviceId,
      signatureVerifies: crypto.verifyEd25519(deviceKey, signedBytes, signature),
    };
  },
  "account-status-response": (crypto, context, message) =>
    openAccountStatus(crypto, pending(context), message),
  devices: async (crypto, context, message) => {
    const key = await openingKey(crypto, context);
    const { request } = await openDevicesRequest(crypto, key, message);
    const { accountId, deviceId, action, signature, signedBytes } = request;
    const deviceKey = bytesOf(context, "deviceKey");
    return {
      accountId,
      deviceId,
      action,
      signatureVerifies: crypto.verifyEd25519(deviceKey, signedBytes, signature),
    };
  },
  "devices-response": (crypto, context, message) => openDevices(crypto, pending(context), message),
  "account-records": async (crypto, context, message) => {
    const key = await openingKey(crypto, context);
    const { request } = await openAccountRecordsRequest(crypto, key, message);
    const { accountId, deviceId, wish, signature, signedBytes } = request;
    const deviceKey = bytesOf(context, "deviceKey");
    return {
      accountId,
      deviceId,
      wish,
      signatureVerifies: crypto.verifyEd25519(deviceKey, signedBytes, signature),
    };
  },
  "account-records-response": (crypto, context, message) =>
    openAccountRecords(crypto, pending(context), message),
  "account-statement": (crypto, context, message) => {
    const statement = verifyAccountStatement(crypto, keyList(crypto, context), fromUtf8(message), {
      accountId: text(context, "accountId"),
      month: text(context, "month"),
    });
    return { ...statement, merchants: Object.fromEntries(statement.merchants) };
  },
  "merchant-statement": (crypto, context, message) =>
    verifyMerchantStatement(crypto, keyList(crypto, context), fromUtf8(message), {
      merchantId: text(context, "merchantId"),
    }),
  checkpoint: (crypto, context, message) =>
    verifyCheckpoint(crypto, keyList(crypto, context), fromUtf8(message)),
  notarization: (crypto, context, message) => {
    const verified = verifyNotarization(crypto, bytesOf(context, "rootKey"), fromUtf8(message));
    const { payment, certificate, keyList: list, index, checkpoint } = verified;
    return { payment, merchant: certificate.name, operator: list.operator, index, checkpoint };
  },
  consistency: (_, context, message) => {
    const path = fromUtf8(message).split("\n").slice(0, -1);
    const claim = {
      oldSize: number(context, "oldSize"),
      oldRoot: bytesOf(context, "oldRoot"),
      newSize: number(context, "newSize"),
      newRoot: bytesOf(context, "newRoot"),
    };
    const hashes = path.map((line) => Uint8Array.from(Buffer.from(line, "base64")));
    if (verifyConsistency(claim, hashes)) return { consistent: true };
    throw new ChitError("authentication-failed", "The trees are not consistent.");
  },
};

/** Runs a kind's operation; the result as JSON. */
export async function operate(
  kind: string,
  crypto: ProtocolCrypto,
  context: Context,
  message: Uint8Array,
): Promise<Json> {
  const operation = OPERATIONS[kind];
  if (operation === undefined) throw new Error(`No operation for ${kind}.`);
  return toJson(await operation(crypto, context, message));
}
