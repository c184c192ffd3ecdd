/** Payments that arrive together commit together, and none of them suffers from its neighbours. */
import { openPaymentResponse } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkDevice } from "../src/accounts/accounts.ts";
import { LIMITS } from "../src/limits.ts";
import { createPaymentPipeline } from "../src/payment/pipeline.ts";
import type { Database } from "../src/store/database.ts";
import { busy, makeWallets, paid, pipelineOn } from "./support/batches.ts";
import { gated } from "./support/gate.ts";
import { activate, createWallet, recordOf } from "./support/wallet.ts";
import { createWorld, id, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("a batch", () => {
  test("is what has gathered while the places are taken: one transaction, each paid once", async () => {
    const { gate, pipeline, first } = await busy(world);
    const wallets = await makeWallets(world, 7);
    const replies = wallets.map((wallet) => paid(wallet, pipeline.pay));
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 7);
    gate.open();
    for (const response of await Promise.all(replies)) expect(response.outcome).toBe("paid");
    await first;
    expect(gate.batches).toEqual([...Array(LIMITS.paymentBatches).fill(1), 7]);
    for (const wallet of wallets) {
      expect(await recordOf(wallet)).toMatchObject({ payments: 1, balance: 987_500n, count: 1 });
    }
    expect(pipeline.underWay()).toBe(0);
  });

  test("of one does not wait for another's commit that hangs", async () => {
    const gate = gated(world.database);
    const pipeline = pipelineOn(world, {
      ...world.database,
      transaction: (work) =>
        gate.batches.length === 0 ? gate.transaction(work) : world.database.transaction(work),
    });
    const [slow, lone] = await makeWallets(world, 2);
    if (slow === undefined || lone === undefined) throw new Error("There are no wallets.");
    const hanging = paid(slow, pipeline.pay);
    await expect.poll(() => gate.batches.length).toBe(1);
    expect(await paid(lone, pipeline.pay)).toMatchObject({ outcome: "paid" });
    expect(pipeline.underWay()).toBe(1);
    gate.open();
    expect(await hanging).toMatchObject({ outcome: "paid" });
  });

  test("holds one request of a device at most: the next is judged on what it left", async () => {
    const { gate, pipeline, first } = await busy(world);
    const wallet = await createWallet(world);
    const [one, other] = [await wallet.request(), await wallet.request()];
    const bodies = [one.body, other.body, one.body];
    const replies = bodies.map((body) => pipeline.pay(body));
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 3);
    gate.open();
    const [paidReply, late, again] = await Promise.all(replies);
    await first;
    if (paidReply === undefined || late === undefined) throw new Error("There is no reply.");
    expect(again).toEqual(paidReply);
    const { crypto } = world.deps;
    expect(await openPaymentResponse(crypto, other, late)).toMatchObject({
      outcome: "out-of-sequence",
    });
    expect(await wallet.receive(one, paidReply)).toMatchObject({ outcome: "paid" });
    expect(await recordOf(wallet)).toMatchObject({ payments: 1, count: 1, balance: 987_500n });
  });

  test("never spends one balance twice for two devices of an account", async () => {
    const { gate, pipeline, first } = await busy(world);
    const wallet = await createWallet(world, 20_000n);
    const second = await activate(world, await linkDevice(world.deps, wallet.accountId));
    await second.setPinByTelephone();
    second.adoptPin(1);
    const both = [wallet, second].map((device) => paid(device, pipeline.pay));
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 2);
    gate.open();
    expect(await Promise.all(both)).toMatchObject([
      { outcome: "paid", balance: 7_500n },
      { outcome: "denied", reason: "insufficient-funds", balance: 7_500n },
    ]);
    await first;
    expect(await recordOf(wallet)).toMatchObject({ balance: 7_500n, payments: 2 });
  });
});

describe("in a batch with others", () => {
  test("a row that cannot be written fails its own request alone", async () => {
    const { gate, pipeline, first } = await busy(world);
    const [poisoned, ...neighbours] = await makeWallets(world, 5);
    if (poisoned === undefined) throw new Error("There are no wallets.");
    await poisoned.pay();
    // Somebody tampered with the ledger: the payment of the next count is there already.
    await world.database.query(
      "update payments set count = count + 1 where account_id = $1 and device_id = $2",
      [poisoned.accountId, poisoned.deviceId],
    );
    const request = await poisoned.request();
    const failing = pipeline.pay(request.body).catch((error: unknown) => error);
    const others = neighbours.map((wallet) => paid(wallet, pipeline.pay));
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 5);
    gate.open();
    for (const response of await Promise.all(others)) expect(response.outcome).toBe("paid");
    expect(await failing).toMatchObject({ code: "23505" });
    await first;
    expect(await recordOf(poisoned)).toMatchObject({ payments: 1, balance: 987_500n });
    for (const wallet of neighbours) expect(await recordOf(wallet)).toMatchObject({ payments: 1 });
    expect(gate.batches).toEqual([...Array(LIMITS.paymentBatches).fill(1), 5, 1, 1, 1, 1, 1]);
  });

  test("a value that does not open fails its own request, and the others share the transaction", async () => {
    const { gate, pipeline, first } = await busy(world);
    const [poisoned, ...neighbours] = await makeWallets(world, 3);
    if (poisoned === undefined) throw new Error("There are no wallets.");
    await world.database.query(
      "update devices set modified_pin = set_byte(modified_pin, 20, get_byte(modified_pin, 20) # 1) where account_id = $1",
      [poisoned.accountId],
    );
    const failing = pipeline.pay((await poisoned.request()).body).catch((error: unknown) => error);
    const others = neighbours.map((wallet) => paid(wallet, pipeline.pay));
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 3);
    gate.open();
    expect(await failing).toMatchObject({ code: "outside-key-missing" });
    for (const response of await Promise.all(others)) expect(response.outcome).toBe("paid");
    await first;
    expect(gate.batches).toEqual([...Array(LIMITS.paymentBatches).fill(1), 3]);
  });

  test("an account that somebody else has locked waits alone; an unknown one is refused", async () => {
    const { gate, pipeline, first } = await busy(world);
    const [held, stranger, ...neighbours] = await makeWallets(world, 4);
    if (held === undefined || stranger === undefined) throw new Error("There are no wallets.");
    const release = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = world.database.transaction(async (tx) => {
      await tx.query("select 1 from accounts where account_id = $1 for update", [held.accountId]);
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const waiting = paid(held, pipeline.pay);
    const unknown = await stranger.request({ deviceId: id() });
    const refused = pipeline.pay(unknown.body);
    const others = neighbours.map((wallet) => paid(wallet, pipeline.pay));
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 4);
    gate.open();
    for (const response of await Promise.all(others)) expect(response.outcome).toBe("paid");
    expect(await openPaymentResponse(world.deps.crypto, unknown, await refused)).toMatchObject({
      outcome: "refused",
    });
    await first;
    expect(pipeline.underWay()).toBe(1);
    release.resolve();
    await holding;
    expect(await waiting).toMatchObject({ outcome: "paid" });
  });

  test("one account's crowd stands behind the others, and has a bound", async () => {
    const { gate, pipeline, first } = await busy(world);
    const [crowd, other] = await makeWallets(world, 2);
    if (crowd === undefined || other === undefined) throw new Error("There are no wallets.");
    const [request, another] = await Promise.all([crowd.request(), other.request()]);
    const answered: string[] = [];
    const take = (name: string, body: Uint8Array) =>
      pipeline.pay(body).then(
        () => answered.push(name),
        (error: { code: string }) => answered.push(error.code),
      );
    // One is ready, the bound waits behind it, the rest is sent away.
    const bound = LIMITS.paymentsOfOneAccount + 1;
    const many = Array.from({ length: bound + 3 }, () => take("crowd", request.body));
    await expect.poll(() => answered).toEqual(Array(3).fill("unavailable"));
    const last = take("other", another.body);
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + bound + 1);
    gate.open();
    await Promise.all([first, last, ...many]);
    // It overtakes all but the one that was ready, and shares that one's transaction.
    expect(answered.indexOf("other")).toBeLessThanOrEqual(4);
    expect(gate.batches[LIMITS.paymentBatches]).toBe(2);
    expect(await recordOf(crowd)).toMatchObject({ payments: 1, count: 1 });
  });
});

describe("killed under the commit of a batch", () => {
  /** Sends four requests that commit together, in a transaction that `kill` ends its own way. */
  async function batchKilledBy(kill: (transaction: Database["transaction"]) => Database) {
    let together = false;
    const dying: Database = {
      ...world.database,
      transaction: (work) =>
        (together ? kill(world.database.transaction) : world.database).transaction(work),
    };
    const { gate, pipeline, first } = await busy(world, dying);
    const wallets = await makeWallets(world, 4);
    const requests = await Promise.all(wallets.map((wallet) => wallet.request()));
    const outcomes = requests.map(({ body }) =>
      pipeline.pay(body).then(
        () => "paid",
        () => "failed",
      ),
    );
    await expect.poll(pipeline.underWay).toBe(LIMITS.paymentBatches + 4);
    // Those that are in their commit already are let through.
    together = true;
    gate.open();
    await first;
    expect(await Promise.all(outcomes)).toEqual(["failed", "failed", "failed", "failed"]);
    const records = await Promise.all(wallets.map(recordOf));
    for (const [index, wallet] of wallets.entries()) {
      const request = requests[index];
      if (request === undefined) throw new Error("There is no request.");
      const reply = await createPaymentPipeline(world.deps).pay(request.body);
      expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid", nextCount: 1 });
      expect(await recordOf(wallet)).toMatchObject({ payments: 1, balance: 987_500n });
    }
    return records;
  }

  test("it has happened to none, and each pays once when it is sent again", async () => {
    const records = await batchKilledBy((transaction) => ({
      ...world.database,
      transaction: (work) =>
        transaction(async (tx) => {
          const result = await work(tx);
          await tx.query("select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
          return result;
        }),
    }));
    for (const record of records) expect(record).toMatchObject({ payments: 0, count: 0 });
  });

  test("or just after it, each gets its stored reply", async () => {
    const records = await batchKilledBy((transaction) => ({
      ...world.database,
      async transaction(work) {
        await transaction(work);
        throw Object.assign(new Error("The process ends."), { code: "ECONNRESET" });
      },
    }));
    for (const record of records) expect(record).toMatchObject({ payments: 1, count: 1 });
  });
});

test("more than the process can keep is sent away before it is looked at", async () => {
  const pipeline = createPaymentPipeline(world.deps);
  const garbage = Uint8Array.of(1);
  const sent = Array.from({ length: LIMITS.paymentsUnderWay + 1 }, () =>
    pipeline.pay(garbage).catch((error: { code: string }) => error.code),
  );
  const codes = await Promise.all(sent);
  expect(codes.filter((code) => code === "malformed-message")).toHaveLength(
    LIMITS.paymentsUnderWay,
  );
  expect(codes.at(-1)).toBe("unavailable");
  expect(pipeline.underWay()).toBe(0);
});
