/** Several workers on one database: what each of them batches meets in PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRequest, processBatch } from "../src/payment/process.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { makeWallets, pipelineOn } from "./support/batches.ts";
import { databaseUrl } from "./support/database.ts";
import { recordOf } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("two workers on one database", () => {
  const workers: Database[] = [];
  beforeAll(async () => {
    // The planner would visit tables as small as these in one order, whatever the statement asks for.
    for (const setting of ["enable_hashjoin", "enable_mergejoin", "enable_seqscan"]) {
      await world.database.query(`alter database ${world.databaseName} set ${setting} = off`);
    }
    const url = databaseUrl(world.databaseName);
    for (let i = 0; i < 2; i++) workers.push(openDatabase(url, () => undefined));
  });
  afterAll(() => Promise.all(workers.map((worker) => worker.close())));

  test("with the same requests at once: one debit each, and one reply", async () => {
    const pipelines = workers.map((worker) => pipelineOn(world, worker));
    const wallets = await makeWallets(world, 6);
    for (let round = 0; round < 3; round++) {
      const requests = await Promise.all(wallets.map((wallet) => wallet.request()));
      const sent = pipelines.map((pipeline) =>
        Promise.all(requests.map(({ body }) => pipeline.pay(body))),
      );
      const [replies, others] = await Promise.all(sent);
      expect(others).toEqual(replies);
      for (const [index, wallet] of wallets.entries()) {
        const [request, reply] = [requests[index], replies?.[index]];
        if (request === undefined || reply === undefined) throw new Error("There is no reply.");
        expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
      }
    }
    for (const wallet of wallets) {
      expect(await recordOf(wallet)).toMatchObject({ payments: 3, balance: 962_500n });
    }
  });

  test.each(["wait", "skip"] as const)(
    "with the same accounts in opposite orders, where one is locked (%s): no deadlock",
    async (patience) => {
      const wallets = await makeWallets(world, 5);
      const requests = await Promise.all(
        wallets.map(async (wallet) => openRequest(world.deps, (await wallet.request()).body)),
      );
      const release = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const middle = wallets.map(({ accountId }) => accountId).sort()[2];
      const holding = world.database.transaction(async (tx) => {
        await tx.query("select 1 from accounts where account_id = $1 for update", [middle]);
        locked.resolve();
        await release.promise;
      });
      await locked.promise;
      const orders = [requests, requests.toReversed()];
      const batches = Promise.all(
        workers.map((worker, index) =>
          processBatch(world.withDatabase(worker), orders[index] ?? [], patience),
        ),
      );
      if (patience === "wait") await expect.poll(waitingForLocks).toBe(2);
      else await batches;
      release.resolve();
      const [forward, backward] = await batches;
      await holding;
      const replies = (processed = forward) =>
        processed?.map((one) => (one.kind === "answered" ? one.reply : one.kind));
      if (patience === "wait") expect(replies(backward?.toReversed())).toEqual(replies());
      const records = await Promise.all(wallets.map(recordOf));
      expect(records.map(({ payments }) => payments).toSorted()).toEqual(
        patience === "wait" ? [1, 1, 1, 1, 1] : [0, 1, 1, 1, 1],
      );
    },
  );

  async function waitingForLocks(): Promise<number> {
    const rows = await world.database.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like '%no key update%'`,
    );
    return rows.length;
  }
});
