import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { createLog } from "../../src/http/log.ts";
import { LIMITS } from "../../src/limits.ts";
import { addPartitions, listPartitions } from "../../src/partitions/partitions.ts";
import { createPaymentPipeline } from "../../src/payment/pipeline.ts";
import { createWallet, recordOf, type Wallet } from "../support/wallet.ts";
import type { World } from "../support/world.ts";
import { createLateWorld, moneyOf, moveTo, partitionsOf, start } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await createLateWorld();
});
afterAll(() => world.close());

const names = async () => (await listPartitions(world.database)).map(({ name }) => name);

/** Takes the months ahead away, as if no chore had made them. */
async function forgetMonthsAhead(): Promise<void> {
  for (const { name, from } of await listPartitions(world.database)) {
    if ((from ?? 0) > world.now) await world.database.query(`drop table ${name}`);
  }
}

describe("months", () => {
  test("are without gaps, from the beginning to three months ahead; those without a server are one", async () => {
    const partitions = await listPartitions(world.database);
    expect(partitions[0]).toMatchObject({ name: "payments_earlier", from: null });
    for (const [index, { from }] of partitions.entries()) {
      if (index > 0) expect(from).toBe(partitions[index - 1]?.until);
    }
    expect(partitions.slice(-5)).toMatchObject([
      { until: start("2100-05") },
      { name: "payments_2100_05", from: start("2100-05"), until: start("2100-06") },
      { name: "payments_2100_06" },
      { name: "payments_2100_07" },
      { name: "payments_2100_08", until: start("2100-09") },
    ]);
  });

  test("are made once, however many servers make them", async () => {
    await forgetMonthsAhead();
    const made = await Promise.all(Array.from({ length: 4 }, () => addPartitions(world.deps)));
    expect(made.sort()).toEqual([0, 0, 0, LIMITS.partitionsAhead]);
    expect((await names()).slice(-1)).toEqual(["payments_2100_08"]);
  });

  test("are made while payments are being written, which do not wait", async () => {
    const wallet = await createWallet(world);
    await forgetMonthsAhead();
    await world.database.transaction(async (tx) => {
      await tx.query("lock table payments in row exclusive mode");
      expect(await addPartitions(world.deps)).toBe(LIMITS.partitionsAhead);
      expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
    });
  });
});

describe("when a month ends", () => {
  let wallet: Wallet;
  beforeAll(async () => {
    wallet = await createWallet(world);
    await moveTo(world, start("2100-06") - 1);
  });

  test("payments go into the next one's partition, and an old request is not paid again", async () => {
    const request = await wallet.request();
    const reply = await wallet.send(request);
    world.now += 1;
    // The reply was lost; the same bytes arrive in the new month.
    expect(await wallet.send(request)).toEqual(reply);
    expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
    expect(await partitionsOf(wallet)).toEqual(["payments_2100_05", "payments_2100_06"]);
    const before = await moneyOf(wallet);
    expect(await wallet.receive(request, await wallet.send(request))).toMatchObject({
      outcome: "out-of-sequence",
    });
    expect(await moneyOf(wallet)).toEqual(before);
  });

  test("a count that was used in the month before is not used again, whatever becomes of the device's row", async () => {
    await expect(
      world.database.query("update devices set count = 0 where account_id = $1", [
        wallet.accountId,
      ]),
    ).rejects.toThrow(/count only grows/);
  });

  test("the next one's partition is made by a payment, if by nobody else", async () => {
    await forgetMonthsAhead();
    await moveTo(world, start("2100-07") + 5);
    const others = await Promise.all([createWallet(world), createWallet(world)]);
    const pipelines = [wallet, ...others].map((payer) => ({
      payer,
      pipeline: createPaymentPipeline(world.deps),
    }));
    const outcomes = pipelines.map(async ({ payer, pipeline }) => {
      const request = await payer.request();
      return payer.receive(request, await pipeline.pay(request.body));
    });
    for (const { outcome } of await Promise.all(outcomes)) expect(outcome).toBe("paid");
    expect((await partitionsOf(wallet)).at(-1)).toBe("payments_2100_07");
    expect(await recordOf(wallet)).toMatchObject({ payments: 3, balance: 962_500n });
    expect((await names()).at(-1)).toBe("payments_2100_10");
  });

  test("a server is ready when payments of the month have their partition", async () => {
    await moveTo(world, start("2101-05"));
    const app = createApp(world.deps, createLog("error"));
    const { statusCode } = await app.inject({ method: "GET", url: "/ready" });
    await app.close();
    expect(statusCode).toBe(200);
    expect((await names()).slice(-5, -3)).toEqual(["payments_2100_11", "payments_2101_05"]);
  });

  test("the device remembers when it last paid, without looking for it in all months", async () => {
    const [row] = await world.database.query<{ at: bigint }>(
      "select last_paid_at as at from devices where account_id = $1",
      [wallet.accountId],
    );
    expect(Number(row?.at)).toBe(start("2100-07") + 5);
  });
});
