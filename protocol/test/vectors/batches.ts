/** Vectors of batches of refund orders: the batch, the answer while it waits, its result. */
import {
  createBatch,
  createBatchReceived,
  createBatchResult,
  createRefundOrder,
  DOCUMENT_TYPES,
} from "@chit/protocol";
import { NOW } from "../fixture.ts";
import { hex, type Json, refused, spoil, type VectorFile, writeMessage } from "./form.ts";
import { operate } from "./operations.ts";
import { type DocumentKind, documentFile } from "./signed.ts";
import { issuerContext, type Stage } from "./stage.ts";

const ISSUER = "https://tps.example";
const MOST_ORDERS = 500;

/** Refund orders of two transactions, of which one is that of the quote. */
function orders(stage: Stage): Promise<string[]> {
  const { merchantId, transactionNumber, currency, scale } = stage.world.quoteInput;
  const numbers = [transactionNumber, stage.id("another transaction")];
  return Promise.all(
    numbers.map((number, index) =>
      createRefundOrder(stage.world.merchantSigner, {
        iss: merchantId,
        aud: ISSUER,
        jti: stage.id(`refund order ${index} of the batch`),
        iat: NOW,
        transactionNumber: number,
        refunded: 45_000n,
        of: 135_000n,
        currency,
        scale,
      }),
    ),
  );
}

async function batchKind(stage: Stage): Promise<DocumentKind> {
  const { world } = stage;
  const [first = "", second = ""] = await orders(stage);
  const document = await createBatch(world.merchantSigner, {
    iss: world.quoteInput.merchantId,
    aud: ISSUER,
    jti: stage.id("batch"),
    iat: NOW,
    orders: [first, second],
  });
  return {
    type: DOCUMENT_TYPES.batch,
    describes:
      "Section 8: a batch, verified under the merchant's signing key; not the orders in it.",
    signer: world.merchantSigner,
    document,
    // A megabyte of nothing is no help to anybody.
    mostBytes: null,
    context: { signingKey: hex(world.merchantSigner.publicKey) },
    malformed: {
      "no orders": { orders: [] },
      "too many orders": { orders: Array(MOST_ORDERS + 1).fill(`A.A.${"A".repeat(86)}`) },
      "an order that is no JWS": { orders: [first, "order"] },
      "an order taken apart": { orders: [{ jws: first }] },
      "an audience with a path": { aud: `${ISSUER}/` },
      "an id of 15 bytes": { jti: stage.id("batch").slice(1) },
    },
    refused: {},
    contexts: {
      "another merchant's key": {
        context: { signingKey: hex(world.device.publicKey) },
        error: "signing-key-unknown",
      },
    },
  };
}

async function resultKind(stage: Stage): Promise<DocumentKind> {
  const { world } = stage;
  const { merchantId } = world.quoteInput;
  const batchId = stage.id("batch");
  const [executed, refusal] = [0, 1].map((index) =>
    stage.id(`refund order ${index} of the batch`),
  ) as [string, string];
  const document = await createBatchResult(world.tpsSigner, {
    iss: ISSUER,
    jti: stage.id("batch result"),
    iat: NOW,
    merchantId,
    batchId,
    orders: [
      { orderId: executed, outcome: "executed", reason: null, payments: 2, given: 90_000n },
      { orderId: refusal, outcome: "refused", reason: "no-payment", payments: 0, given: 0n },
    ],
  });
  const done = { orderId: executed, outcome: "executed", reason: null, payments: 1, given: "1" };
  const not = { orderId: refusal, outcome: "refused", reason: "currency", payments: 0, given: "0" };
  const order = (of: object, change: object) => ({ orders: [{ ...of, ...change }] });
  return {
    type: DOCUMENT_TYPES.batchResult,
    describes: "Section 8: the result of a batch, verified by the MTS for the batch that it sent.",
    signer: world.tpsSigner,
    document,
    mostBytes: 131_072,
    context: { ...issuerContext(stage), merchantId, batchId },
    malformed: {
      "no orders": { orders: [] },
      "another outcome": order(done, { outcome: "deferred" }),
      "executed with a reason": order(done, { reason: "currency" }),
      "executed with a negative amount": order(done, { given: "-1" }),
      "executed with an amount as a number": order(done, { given: 1 }),
      "executed on half a payment": order(done, { payments: 0.5 }),
      "refused without a reason": order(not, { reason: null }),
      "refused for another reason": order(not, { reason: "mood" }),
      "refused, and money given": order(not, { given: "1" }),
      "refused, and payments": order(not, { payments: 1 }),
      "an account in it": order(done, { accountId: stage.id("account") }),
    },
    refused: {
      "another issuer": { patch: { iss: "https://other.example" }, error: "transaction-mismatch" },
      "before its key's time": { patch: { iat: 1 }, error: "expired" },
      "another merchant": {
        patch: { merchantId: stage.id("another merchant") },
        error: "transaction-mismatch",
      },
      "another batch": {
        patch: { batchId: stage.id("another batch") },
        error: "transaction-mismatch",
      },
    },
    contexts: {},
  };
}

async function receivedFile(stage: Stage): Promise<VectorFile> {
  const kind = "batch-received";
  const body = createBatchReceived(stage.id("batch"));
  return {
    kind,
    describes: "Section 8: the answer while a batch waits; the result is the batch's id.",
    context: {},
    positive: [
      {
        name: "received",
        message: writeMessage(body),
        result: await operate(kind, stage.world.crypto, {}, body),
      },
    ],
    negative: refused(spoil(body)),
  };
}

export async function batchFiles(stage: Stage): Promise<Record<string, VectorFile | Json>> {
  return {
    batch: await documentFile(stage, "batch", await batchKind(stage)),
    "batch-received": await receivedFile(stage),
    "batch-result": await documentFile(stage, "batch-result", await resultKind(stage)),
  };
}
