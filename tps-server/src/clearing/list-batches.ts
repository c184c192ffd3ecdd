/** What the operator sees of merchants' batches. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Queryable } from "../store/database.ts";

/** A batch in a list. Times in seconds, amounts in smallest units. */
export interface BatchOverview {
  readonly batchId: string;
  readonly merchantId: string;
  readonly merchant: string;
  readonly state: "received" | "processed";
  readonly receivedAt: number;
  readonly processedAt: number | null;
  readonly orders: number;
}

/** One of its refund orders. */
export interface OrderOverview {
  readonly orderId: string;
  readonly transactionNumber: string;
  /** Of `of`, `refunded` is given back by now. */
  readonly refunded: bigint;
  readonly of: bigint;
  /** Null: not executed yet. */
  readonly outcome: "executed" | "refused" | null;
  readonly reason: string | null;
  readonly payments: number;
  readonly given: bigint;
}

/** A batch with its orders. */
export interface BatchDetails extends Omit<BatchOverview, "orders"> {
  readonly orders: readonly OrderOverview[];
}

interface BatchRow {
  batch_id: string;
  merchant_id: string;
  name: string;
  state: BatchOverview["state"];
  received_at: bigint;
  processed_at: bigint | null;
  order_ids: string[];
}

const BATCHES = `select b.batch_id, b.merchant_id, m.name, b.state, b.received_at, b.processed_at, b.order_ids
                 from batches b join merchants m on m.merchant_id = b.merchant_id`;

/** Batches that wait, or all of them: the latest first, as many as one listing shows. */
export async function listBatches(
  { database }: Pick<TpsDeps, "database">,
  { all }: { readonly all: boolean },
): Promise<BatchOverview[]> {
  const rows = await database.query<BatchRow>(
    `${BATCHES} where $1 or b.state = 'received' order by b.received_at desc, b.batch_id limit $2`,
    [all, LIMITS.batchesListed],
  );
  return rows.map((row) => ({ ...overviewOf(row), orders: row.order_ids.length }));
}

/**
 * A batch with what became of its orders. Ids are the merchants' own: should two merchants use the same, both batches.
 *
 * @throws {OperatorError} `batch-unknown`
 */
export async function showBatch(
  { database }: Pick<TpsDeps, "database">,
  batchId: string,
): Promise<BatchDetails[]> {
  const rows = await database.query<BatchRow>(
    `${BATCHES} where b.batch_id = $1 order by b.received_at, b.merchant_id`,
    [batchId],
  );
  if (rows.length === 0) {
    throw new OperatorError(
      "batch-unknown",
      `There is no batch ${batchId}. "batch list --all" shows them.`,
    );
  }
  return Promise.all(
    rows.map(async (row) => ({ ...overviewOf(row), orders: await listOrders(database, row) })),
  );
}

function overviewOf(row: BatchRow): Omit<BatchOverview, "orders"> {
  return {
    batchId: row.batch_id,
    merchantId: row.merchant_id,
    merchant: row.name,
    state: row.state,
    receivedAt: Number(row.received_at),
    processedAt: row.processed_at === null ? null : Number(row.processed_at),
  };
}

/** In the order of the batch; those that another batch brought before as well. */
async function listOrders(database: Queryable, batch: BatchRow): Promise<OrderOverview[]> {
  const rows = await database.query<{
    order_id: string;
    transaction_number: string;
    refunded: bigint;
    of_amount: bigint;
    outcome: OrderOverview["outcome"];
    reason: string | null;
    payments: number;
    given: bigint;
  }>(
    `select o.order_id, o.transaction_number, o.refunded, o.of_amount, o.outcome, o.reason, o.payments, o.given
     from unnest($2::text[]) with ordinality as b (order_id, place)
     join refund_orders o on o.merchant_id = $1 and o.order_id = b.order_id
     order by b.place`,
    [batch.merchant_id, batch.order_ids],
  );
  return rows.map(({ order_id: orderId, transaction_number: transactionNumber, ...row }) => ({
    orderId,
    transactionNumber,
    refunded: row.refunded,
    of: row.of_amount,
    outcome: row.outcome,
    reason: row.reason,
    payments: row.payments,
    given: row.given,
  }));
}
