/** A merchant as the TPS meets it after the sale: it signs refund orders and batches, and verifies what it is told. */
import {
  type BatchResult,
  createBatch,
  createRefundOrder,
  type RefundOrder,
  verifyBatchResult,
} from "@chit/protocol";
import { type NodeSigner, nodeSigner } from "@chit/protocol/node";
import { processBatches } from "../../src/clearing/batches.ts";
import type { ClearingDeps } from "../../src/clearing/deps.ts";
import { receiveBatch } from "../../src/clearing/receive-batch.ts";
import { certifyMerchant, ISSUER, id, random, type World } from "./world.ts";

/** What a refund is to say at least. */
type Refund = Pick<RefundOrder, "transactionNumber"> & Partial<RefundOrder>;

export class Merchant {
  readonly world: World;
  readonly merchantId: string;
  readonly signer: NodeSigner;

  constructor(world: World, merchantId: string, signer: NodeSigner) {
    this.world = world;
    this.merchantId = merchantId;
    this.signer = signer;
  }

  /** All of the usual amount, unless told. */
  order(refund: Refund, signer = this.signer): Promise<string> {
    return createRefundOrder(signer, {
      iss: this.merchantId,
      aud: ISSUER,
      jti: id(),
      iat: this.world.now,
      refunded: refund.of ?? 12_500n,
      of: 12_500n,
      currency: "EUR",
      scale: 4,
      ...refund,
    });
  }

  batch(orders: string[], batchId = id(), signer = this.signer): Promise<string> {
    const { merchantId: iss, world } = this;
    return createBatch(signer, { iss, aud: ISSUER, jti: batchId, iat: world.now, orders });
  }

  /** Sends a batch, lets the TPS process what waits, and fetches the result. */
  async run(orders: string[], deps: ClearingDeps = this.world.deps): Promise<BatchResult> {
    const batchId = id();
    const document = await this.batch(orders, batchId);
    await receiveBatch(deps, document);
    await processBatches(deps);
    return this.read(await receiveBatch(deps, document));
  }

  /** Verifies a result. */
  read(state: Awaited<ReturnType<typeof receiveBatch>>): BatchResult {
    if (state.state !== "processed") throw new Error("The batch waits.");
    const { merchantId, world } = this;
    const { batchId, result } = state;
    return verifyBatchResult(world.deps.crypto, world.keyList(), result, { merchantId, batchId });
  }

  /** Refunds, each an order of its own in one batch. */
  async refund(...refunds: Refund[]): Promise<BatchResult["orders"]> {
    const orders = await Promise.all(refunds.map((refund) => this.order(refund)));
    return (await this.run(orders)).orders;
  }

  /** What the TPS owes this merchant. */
  async balance(): Promise<bigint> {
    const [row] = await this.world.database.query<{ balance: bigint }>(
      "select balance from merchant_accounts where merchant_id = $1",
      [this.merchantId],
    );
    return row?.balance ?? 0n;
  }
}

/** A certified merchant. */
export async function createMerchant(world: World): Promise<Merchant> {
  const signer = nodeSigner(random(32));
  const { merchantId } = await certifyMerchant(world.deps, signer);
  return new Merchant(world, merchantId, signer);
}

/** The balance of an account. */
export async function balanceOf(world: World, accountId: string): Promise<bigint> {
  const [row] = await world.database.query<{ balance: bigint }>(
    "select balance from accounts where account_id = $1",
    [accountId],
  );
  if (row === undefined) throw new Error("There is no such account.");
  return row.balance;
}
