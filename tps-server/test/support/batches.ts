/** Payments that gather into a batch while a test holds the ones before them. */
import { expect } from "vitest";
import { LIMITS } from "../../src/limits.ts";
import { createPaymentPipeline } from "../../src/payment/pipeline.ts";
import type { Database } from "../../src/store/database.ts";
import { gated } from "./gate.ts";
import { createWallet, type Wallet } from "./wallet.ts";
import type { World } from "./world.ts";

/** Wallets with money. */
export const makeWallets = (world: World, count: number): Promise<Wallet[]> =>
  Promise.all(Array.from({ length: count }, () => createWallet(world)));

/** A pipeline of the world's TPS on that database. */
export const pipelineOn = (world: World, database: Database) =>
  createPaymentPipeline(world.withDatabase(database));

/** Takes every place for batches with a payment of its own, so that what comes next gathers. */
export async function busy(world: World, database: Database = world.database) {
  const gate = gated(database);
  const pipeline = pipelineOn(world, gate);
  const wallets = await makeWallets(world, LIMITS.paymentBatches);
  const requests = await Promise.all(wallets.map((wallet) => wallet.request()));
  const first = requests.map(({ body }) => pipeline.pay(body));
  await expect.poll(() => gate.batches.length).toBe(LIMITS.paymentBatches);
  return { gate, pipeline, first: Promise.all(first) };
}

/** Sends a request and receives its reply. */
export async function paid(wallet: Wallet, pay: (body: Uint8Array) => Promise<Uint8Array>) {
  const request = await wallet.request();
  return wallet.receive(request, await pay(request.body));
}
