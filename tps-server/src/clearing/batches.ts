/**
 * Processing the batches that wait, the oldest first: their orders are executed one by one, then the result is signed and
 * stored. Wherever it is interrupted it goes on another time.
 */
import { createBatchResult, decodeBatch, type OrderResult } from "@chit/protocol";
import { newIdentifier } from "../identifiers.ts";
import { isUnavailable, one } from "../store/database.ts";
import { collectPayments } from "./collect.ts";
import type { ClearingDeps } from "./deps.ts";
import { executeOrder } from "./execute-order.ts";

/** A batch by its ids. */
interface BatchName {
  readonly merchantId: string;
  readonly batchId: string;
}

/**
 * Processes all batches that wait, on payments that it collects first. One that fails does not keep back the others.
 *
 * @param signal stops between two orders
 * @returns how many have their result now
 * @throws the first batch's error, when all have been tried
 */
export async function processBatches(deps: ClearingDeps, signal?: AbortSignal): Promise<number> {
  const waiting = await listWaiting(deps);
  if (waiting.length > 0) await collectPayments(deps, signal === undefined ? {} : { signal });
  const failures: unknown[] = [];
  let processed = 0;
  for (const batch of waiting) {
    if (signal?.aborted) break;
    try {
      if (await processBatch(deps, batch, signal)) processed += 1;
    } catch (error) {
      // With the database away, or busy with us, the next batch fares no better.
      if (isUnavailable(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return processed;
}

async function listWaiting({ database }: ClearingDeps): Promise<BatchName[]> {
  return database.query<{ merchantId: string; batchId: string }>(
    `select merchant_id as "merchantId", batch_id as "batchId" from batches
     where state = 'received' order by received_at, merchant_id, batch_id`,
  );
}

/** @returns false when it was stopped before the end */
async function processBatch(
  deps: ClearingDeps,
  batch: BatchName,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { merchantId, batchId } = batch;
  const row = one(
    await deps.database.query<{ document: string; order_ids: string[] }>(
      "select document, order_ids from batches where merchant_id = $1 and batch_id = $2",
      [merchantId, batchId],
    ),
  );
  if (row === undefined) throw new TypeError("The batch is gone.");
  const documents = decodeBatch(row.document).batch.orders;
  const results: OrderResult[] = [];
  const failures: unknown[] = [];
  for (const [index, orderId] of row.order_ids.entries()) {
    if (signal?.aborted) return false;
    try {
      results.push(await resultOf(deps, merchantId, orderId, documents[index]));
    } catch (error) {
      if (isUnavailable(error)) throw error;
      // The customers of the other orders have their money meanwhile.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  await storeResult(deps, batch, results);
  return true;
}

/** Executes an order, unless its id belongs to another document. */
async function resultOf(
  deps: ClearingDeps,
  merchantId: string,
  orderId: string,
  document: string | undefined,
): Promise<OrderResult> {
  const row = one(
    await deps.database.query<{ same: boolean }>(
      "select document = $3 as same from refund_orders where merchant_id = $1 and order_id = $2",
      [merchantId, orderId, document],
    ),
  );
  const outcome =
    row?.same === true
      ? await executeOrder(deps, { merchantId, orderId })
      : ({ outcome: "refused", reason: "order-conflict" } as const);
  switch (outcome.outcome) {
    case "executed":
      return { orderId, reason: null, ...outcome };
    case "refused":
      return { orderId, ...outcome, payments: 0, given: 0n };
  }
}

/** The first result stays, should two processes come to the end at once. */
async function storeResult(
  { database, keyRings, platform }: ClearingDeps,
  { merchantId, batchId }: BatchName,
  orders: readonly OrderResult[],
): Promise<void> {
  const ring = keyRings.current();
  const now = platform.nowSeconds();
  const result = await createBatchResult(ring.signer(now), {
    iss: ring.issuer.origin,
    jti: newIdentifier(platform),
    iat: now,
    merchantId,
    batchId,
    orders: [...orders],
  });
  await database.query(
    `update batches set state = 'processed', processed_at = $3, result = $4
     where merchant_id = $1 and batch_id = $2 and state = 'received'`,
    [merchantId, batchId, now, result],
  );
}
