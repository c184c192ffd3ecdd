/**
 * Taking a merchant's batch: it is verified as a whole, stored, and answered; `batches.ts` processes it later. A batch is
 * known by its id, and the identical bytes again only ask how far it is, whatever became of the key that signed it.
 */
import {
  type Batch,
  ChitError,
  decodeBatch,
  type OrderRefusal,
  type RefundOrder,
  verifyBatch,
  verifyRefundOrder,
} from "@chit/protocol";
import { HttpProblem } from "../http/problem.ts";
import { LIMITS } from "../limits.ts";
import { readSigningKeys } from "../merchants/signing-keys.ts";
import { one, type Queryable } from "../store/database.ts";
import type { ClearingDeps } from "./deps.ts";

/** How far a batch is; `result` is the signed document. */
export type BatchState =
  | { readonly state: "received"; readonly batchId: string }
  | { readonly state: "processed"; readonly batchId: string; readonly result: string };

/**
 * Takes a batch, or tells how far a known one is.
 *
 * @param document the exact JWS received
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `merchant-key-unknown`, `batch-invalid`, `batch-conflict`, `too-many-batches`
 */
export async function receiveBatch(deps: ClearingDeps, document: string): Promise<BatchState> {
  const { batch, kid } = decodeBatch(document);
  const known = await findBatch(deps.database, batch, document);
  if (known !== undefined) return known;
  const { issuer } = deps.keyRings.current();
  if (batch.aud !== issuer.origin) {
    throw new HttpProblem("issuer-mismatch", `Send this batch to ${batch.aud}.`);
  }
  const keys = await readSigningKeys(deps.database, batch.iss);
  const key = keys.get(kid);
  if (key === undefined) {
    throw new HttpProblem(
      "merchant-key-unknown",
      "Sign with the key of a certificate of this merchant that is not revoked.",
    );
  }
  verifyBatch(deps.crypto, key, document);
  return deps.database.transaction(async (tx) => {
    // One batch of a merchant at a time: the bound below holds, and order ids are taken once.
    await tx.query("select 1 from merchants where merchant_id = $1 for no key update", [batch.iss]);
    const meanwhile = await findBatch(tx, batch, document);
    if (meanwhile !== undefined) return meanwhile;
    await expectFewWaiting(tx, batch.iss);
    await storeBatch(deps, tx, batch, document, keys);
    return { state: "received", batchId: batch.jti };
  });
}

/** The batch of that id, if it is this document. */
async function findBatch(
  database: Queryable,
  { iss, jti: batchId }: Batch,
  document: string,
): Promise<BatchState | undefined> {
  const row = one(
    await database.query<{ document: string; result: string | null }>(
      "select document, result from batches where merchant_id = $1 and batch_id = $2",
      [iss, batchId],
    ),
  );
  if (row === undefined) return undefined;
  if (row.document !== document) {
    throw new HttpProblem("batch-conflict", "Give a new batch an id of its own.");
  }
  return row.result === null
    ? { state: "received", batchId }
    : { state: "processed", batchId, result: row.result };
}

async function expectFewWaiting(tx: Queryable, merchantId: string): Promise<void> {
  const row = one(
    await tx.query<{ waiting: bigint }>(
      "select count(*) as waiting from batches where merchant_id = $1 and state = 'received'",
      [merchantId],
    ),
  );
  if (Number(row?.waiting ?? 0n) >= LIMITS.batchesOfOneMerchant) {
    throw new HttpProblem(
      "too-many-batches",
      "Wait until the batches that were sent before are processed, then send this one.",
    );
  }
}

async function storeBatch(
  deps: ClearingDeps,
  tx: Queryable,
  batch: Batch,
  document: string,
  keys: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const { issuer } = deps.keyRings.current();
  const now = deps.platform.nowSeconds();
  await tx.query(
    `insert into batches (merchant_id, batch_id, document, order_ids, received_at)
     values ($1, $2, $3, '{}', $4)`,
    [batch.iss, batch.jti, document, now],
  );
  const orderIds = new Set<string>();
  for (let start = 0; start < batch.orders.length; start += LIMITS.ordersAtOnce) {
    const documents = batch.orders.slice(start, start + LIMITS.ordersAtOnce);
    const orders = documents.map((order, index) => {
      const verified = verifyOrder(deps, batch, order, keys, start + index + 1);
      if (orderIds.has(verified.jti)) throw invalid(start + index + 1, "Its id comes twice.");
      orderIds.add(verified.jti);
      return verified;
    });
    const refusals = orders.map((order): OrderRefusal | null =>
      order.currency === issuer.currency && order.scale === issuer.scale ? null : "currency",
    );
    // Between two portions the server answers payments: a whole batch's signatures take a tenth of a second.
    await storeOrders(tx, batch, { documents, orders, refusals }, now);
  }
  await tx.query("update batches set order_ids = $3 where merchant_id = $1 and batch_id = $2", [
    batch.iss,
    batch.jti,
    [...orderIds],
  ]);
}

interface Portion {
  readonly documents: readonly string[];
  readonly orders: readonly RefundOrder[];
  readonly refusals: readonly (OrderRefusal | null)[];
}

/** An order that another batch brought before stays as it is. */
async function storeOrders(
  tx: Queryable,
  { iss, jti }: Batch,
  { documents, orders, refusals }: Portion,
  now: number,
): Promise<void> {
  await tx.query(
    `insert into refund_orders (merchant_id, order_id, batch_id, transaction_number, refunded, of_amount, document,
                                outcome, reason, executed_at)
     select $1, order_id, $2, transaction_number, refunded, of_amount, document,
            case when reason is not null then 'refused' end, reason, case when reason is not null then $3::bigint end
     from unnest($4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])
       as o (order_id, transaction_number, refunded, of_amount, document, reason)
     on conflict (merchant_id, order_id) do nothing`,
    [
      iss,
      jti,
      now,
      orders.map((order) => order.jti),
      orders.map((order) => order.transactionNumber),
      orders.map((order) => order.refunded),
      orders.map((order) => order.of),
      documents,
      refusals,
    ],
  );
}

/** @param place of the order in the batch, counted from 1 */
function verifyOrder(
  { crypto }: Pick<ClearingDeps, "crypto">,
  batch: Batch,
  document: string,
  keys: ReadonlyMap<string, Uint8Array>,
  place: number,
): RefundOrder {
  const order = verifyUnderOne(crypto, document, [...keys.values()], place);
  if (order.iss !== batch.iss) throw invalid(place, "It names another merchant.");
  if (order.aud !== batch.aud) throw invalid(place, "It is meant for another issuer.");
  return order;
}

function verifyUnderOne(
  crypto: ClearingDeps["crypto"],
  document: string,
  keys: readonly Uint8Array[],
  place: number,
): RefundOrder {
  for (const key of keys) {
    try {
      return verifyRefundOrder(crypto, key, document);
    } catch (error) {
      if (!(error instanceof ChitError)) throw error;
      if (error.code !== "signing-key-unknown") throw invalid(place, error.message);
    }
  }
  throw invalid(place, "It is signed by a key that is not certified, or was revoked.");
}

function invalid(place: number, why: string): HttpProblem {
  return new HttpProblem(
    "batch-invalid",
    `Nothing of this batch was taken. Its order number ${place} does not verify: ${why} Leave it out.`,
  );
}
