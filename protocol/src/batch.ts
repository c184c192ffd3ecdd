/**
 * Batches (paper, section 3): the MTS sends its refund orders to the TPS many at a time, apart from any sale, and gets
 * one signed result. A batch is known by its id: the same bytes again are the same batch, however often they come.
 */
import * as v from "valibot";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, decodeDocument, signDocument, verifyDocument } from "./jws.ts";
import { type KeyList, verifyIssued } from "./key-list.ts";
import { LIMITS } from "./limits.ts";
import { amountToWire } from "./money.ts";
import {
  amount,
  header,
  identifier,
  jws,
  message,
  messageBytes,
  parseMessage,
  time,
  webOrigin,
  whole,
} from "./schema.ts";

/** Where a TPS takes batches (POST of the JWS), under the issuer's origin. */
export const BATCHES_PATH = "/v1/batches";

const batchSchema = message({
  v: v.literal(1),
  /** The merchant id. */
  iss: identifier,
  /** The issuer: the web origin of the TPS that it is meant for. */
  aud: webOrigin,
  /** The batch id. */
  jti: identifier,
  iat: time,
  /** Refund orders, each a document of its own. */
  orders: v.pipe(v.array(jws), v.minLength(1), v.maxLength(LIMITS.batchOrders)),
});

/** A batch of refund orders; the orders in it are not verified yet. `iat` in seconds. */
export type Batch = v.InferOutput<typeof batchSchema>;

/**
 * Signs a batch with the merchant's certified signing key. `jti` is 16 random bytes as base64url.
 *
 * @throws {ChitError} `message-too-large` when the orders are too long together: send fewer at a time
 */
export async function createBatch(signer: Signer, batch: Omit<Batch, "v">): Promise<string> {
  const document = await signDocument(signer, DOCUMENT_TYPES.batch, { v: 1, ...batch });
  if (document.length > LIMITS.batchBytes) {
    throw new ChitError(
      "message-too-large",
      `A batch has at most ${LIMITS.batchBytes} bytes. Put fewer orders into it.`,
    );
  }
  return document;
}

/**
 * What a batch says and the id of the key that signed it; nothing is verified yet.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`
 */
export function decodeBatch(document: string): { batch: Batch; kid: string } {
  const type = DOCUMENT_TYPES.batch;
  const { kid, payload } = decodeDocument(document, type, batchSchema, LIMITS.batchBytes);
  return { batch: payload, kid };
}

/**
 * Verifies a batch under the merchant's signing key (32 bytes), but not the orders in it.
 *
 * @throws {ChitError} as `verifyDocument` does
 */
export function verifyBatch(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  publicKey: Uint8Array,
  document: string,
): Batch {
  const type = DOCUMENT_TYPES.batch;
  return verifyDocument(crypto, publicKey, document, type, batchSchema, LIMITS.batchBytes);
}

const receivedSchema = message({ ...header("batch-received"), batchId: identifier });

/** The answer while a batch waits to be processed. */
export function createBatchReceived(batchId: string): Uint8Array {
  return messageBytes({ v: 1, type: "batch-received", batchId });
}

/**
 * Reads the answer while a batch waits. @returns the batch's id
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function readBatchReceived(body: Uint8Array): string {
  return parseMessage(receivedSchema, body).batchId;
}

/**
 * Why a refund order did not execute. `no-payment`: the TPS knows no payment of that number yet. `currency`: the order is
 * in another currency or scale than the issuer's. `order-conflict`: another order came before under the same id.
 */
export const ORDER_REFUSALS = ["no-payment", "currency", "order-conflict"] as const;

/** One of {@link ORDER_REFUSALS}. */
export type OrderRefusal = (typeof ORDER_REFUSALS)[number];

const orderResultSchema = v.variant("outcome", [
  message({
    orderId: identifier,
    outcome: v.literal("executed"),
    reason: v.null(),
    /** Payments of that number which now stand where the order wants them. */
    payments: whole(0, Number.MAX_SAFE_INTEGER),
    /** What this order gave back, all payments together; 0 when others had given it before. */
    given: amount,
  }),
  message({
    orderId: identifier,
    outcome: v.literal("refused"),
    reason: v.picklist(ORDER_REFUSALS),
    payments: v.literal(0),
    given: v.pipe(amount, v.maxValue(0n, "A refused order gives nothing.")),
  }),
]);

/** What became of one order. Amounts in smallest units. */
export type OrderResult = v.InferOutput<typeof orderResultSchema>;

const resultSchema = message({
  v: v.literal(1),
  /** The issuer's web origin. */
  iss: webOrigin,
  jti: identifier,
  iat: time,
  merchantId: identifier,
  batchId: identifier,
  /** In the order of the batch. */
  orders: v.pipe(v.array(orderResultSchema), v.minLength(1), v.maxLength(LIMITS.batchOrders)),
});

/** A verified result of a batch. `iat` in seconds. */
export type BatchResult = v.InferOutput<typeof resultSchema>;

/** Signs the result of a batch under one of the TPS's signing keys. */
export async function createBatchResult(
  signer: Signer,
  { orders, ...result }: Omit<BatchResult, "v">,
): Promise<string> {
  const wire = orders.map((order) => ({ ...order, given: amountToWire(order.given) }));
  return signDocument(signer, DOCUMENT_TYPES.batchResult, { v: 1, ...result, orders: wire });
}

/**
 * Verifies a result under the issuer's key list, and that it is for exactly this batch of this merchant.
 *
 * @throws {ChitError} as `verifyIssued` does; `transaction-mismatch`
 */
export function verifyBatchResult(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  document: string,
  expected: Pick<BatchResult, "merchantId" | "batchId">,
): BatchResult {
  const type = DOCUMENT_TYPES.batchResult;
  const result = verifyIssued(crypto, list, document, type, resultSchema, LIMITS.batchResultBytes);
  if (result.merchantId !== expected.merchantId || result.batchId !== expected.batchId) {
    throw new ChitError("transaction-mismatch", "The result is for another batch.");
  }
  return result;
}
