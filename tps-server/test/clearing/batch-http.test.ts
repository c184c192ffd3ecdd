/** Batches by HTTP, at a server that does its chores, as merchants meet it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BATCHES_PATH,
  LIMITS as PROTOCOL_LIMITS,
  readBatchReceived,
  readProblem,
} from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningTps, startTps } from "../../src/index.ts";
import { LIMITS } from "../../src/limits.ts";
import { systemPlatform } from "../../src/platform.ts";
import { databaseUrl } from "../support/database.ts";
import { balanceOf, createMerchant, type Merchant } from "../support/merchant.ts";
import { createWallet } from "../support/wallet.ts";
import { createWorld, id, type World } from "../support/world.ts";

let world: World;
let dataDir: string;
let tps: RunningTps;
let shop: Merchant;
beforeAll(async () => {
  world = await createWorld();
  shop = await createMerchant(world);
  dataDir = await mkdtemp(join(tmpdir(), "chit-batches-"));
  tps = await startTps({
    dataDir,
    port: 0,
    metricsPort: 0,
    databaseUrl: databaseUrl(world.databaseName),
    environment: world.environment,
    platform: { ...systemPlatform, nowSeconds: () => world.now },
    chores: "by-hand",
    logLevel: "silent",
  });
});
afterAll(async () => {
  await tps.close();
  await rm(dataDir, { recursive: true, force: true });
  await world.close();
});

const post = (body: string | Buffer) =>
  fetch(`${tps.address}${BATCHES_PATH}`, { method: "POST", body });
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const problemOf = async (response: Response) => ({
  status: response.status,
  code: readProblem(await bytesOf(response))?.code,
});

describe("POST /v1/batches", () => {
  test("answers 202 until the batch is processed, then 200 with the signed result, always the same", async () => {
    const wallet = await createWallet(world);
    const transactionNumber = id();
    await wallet.pay({ merchantId: shop.merchantId, transactionNumber });
    const batchId = id();
    const document = await shop.batch([await shop.order({ transactionNumber })], batchId);
    for (let times = 0; times < 2; times++) {
      const received = await post(document);
      expect(received.status).toBe(202);
      expect(received.headers.get("content-type")).toBe("application/json");
      expect(readBatchReceived(await bytesOf(received))).toBe(batchId);
    }
    world.now += 60;
    const metrics = async () => (await fetch(`${tps.metricsAddress}/metrics`)).text();
    expect(await metrics()).toMatch(/^chit_batches_waiting 1$/m);
    expect(await metrics()).toMatch(/^chit_batch_oldest_seconds 60$/m);
    await tps.runChores();
    expect(await metrics()).toMatch(/^chit_batches_waiting 0$/m);
    expect(await metrics()).toMatch(
      new RegExp(`^chit_chore_ended_timestamp_seconds\\{chore="batches"\\} ${world.now}$`, "m"),
    );
    const processed = await post(document);
    expect(processed.status).toBe(200);
    expect(processed.headers.get("content-type")).toBe("application/jwt");
    const result = await processed.text();
    expect(await (await post(document)).text()).toBe(result);
    expect(shop.read({ state: "processed", batchId, result }).orders).toMatchObject([
      { outcome: "executed", payments: 1, given: 12_500n },
    ]);
    expect(await balanceOf(world, wallet.accountId)).toBe(1_000_000n);
  });

  test("takes a batch of as many orders as the protocol allows, and no larger body", async () => {
    const orders = await Promise.all(
      Array.from({ length: PROTOCOL_LIMITS.batchOrders }, () =>
        shop.order({ transactionNumber: id() }),
      ),
    );
    const batchId = id();
    const document = await shop.batch(orders, batchId);
    expect((await post(document)).status).toBe(202);
    await tps.runChores();
    const result = await (await post(document)).text();
    expect(result.length).toBeLessThan(PROTOCOL_LIMITS.batchResultBytes);
    expect(shop.read({ state: "processed", batchId, result }).orders).toHaveLength(orders.length);
    const tooLarge = Buffer.alloc(PROTOCOL_LIMITS.batchBytes + 1, "a");
    expect(await problemOf(await post(tooLarge))).toEqual({
      status: 413,
      code: "message-too-large",
    });
  }, 120_000);

  test("says what is wrong by stable codes", async () => {
    expect(await problemOf(await post("nonsense"))).toEqual({
      status: 400,
      code: "malformed-message",
    });
    const wrong = await shop.batch([
      await shop.batch([await shop.order({ transactionNumber: id() })]),
    ]);
    expect(await problemOf(await post(wrong))).toEqual({ status: 422, code: "batch-invalid" });
    const orders = [await shop.order({ transactionNumber: id() })];
    for (let waiting = 0; waiting < LIMITS.batchesOfOneMerchant; waiting++) {
      expect(
        (await post(await shop.batch([await shop.order({ transactionNumber: id() })]))).status,
      ).toBe(202);
    }
    const tooMany = await post(await shop.batch(orders));
    expect(tooMany.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await problemOf(tooMany)).toEqual({ status: 429, code: "too-many-batches" });
    await tps.runChores();
    expect((await post(await shop.batch(orders))).status).toBe(202);
  });

  test("takes a few at once and asks others to come again", async () => {
    const documents = await Promise.all(
      Array.from({ length: LIMITS.batchesAtOnce + 1 }, async () =>
        shop.batch([await shop.order({ transactionNumber: id() })]),
      ),
    );
    // While another transaction has the merchant's row, batches under way stay so.
    const { promise: end, resolve: letGo } = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holder = world.database.transaction(async (tx) => {
      await tx.query("select 1 from merchants where merchant_id = $1 for update", [
        shop.merchantId,
      ]);
      locked.resolve();
      await end;
    });
    await locked.promise;
    const answers = documents.map(post);
    const first = await Promise.race(answers);
    expect(first.headers.get("retry-after")).toBe("1");
    expect(await problemOf(first)).toEqual({ status: 503, code: "unavailable" });
    letGo();
    await holder;
    const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(LIMITS.batchesAtOnce).fill(202), 503]);
  });
});
