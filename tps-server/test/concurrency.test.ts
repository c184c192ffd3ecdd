import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkDevice } from "../src/accounts/accounts.ts";
import { activate, createWallet, recordOf, WRONG_PIN } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const TIMES = 20;
const times = Array.from({ length: TIMES }, (_, index) => index);

describe("at once", () => {
  test("20 identical requests make one debit and get one reply", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const replies = await Promise.all(times.map(() => wallet.send(request)));
    expect(new Set(replies.map((reply) => Buffer.from(reply).toString("hex"))).size).toBe(1);
    expect(await recordOf(wallet)).toMatchObject({ payments: 1, count: 1, balance: 987_500n });
  });

  test("20 different requests at one count make one payment; the others are out of sequence", async () => {
    const wallet = await createWallet(world);
    const requests = await Promise.all(times.map(() => wallet.request()));
    const outcomes = await Promise.all(
      requests.map(async (request) => {
        const copy = wallet.clone();
        return (await copy.receive(request, await copy.send(request))).outcome;
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "paid")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "out-of-sequence")).toHaveLength(TIMES - 1);
    expect(await recordOf(wallet)).toMatchObject({ payments: 1, count: 1, balance: 987_500n });
  });

  test("threat 6: 20 identical wrong PINs count once", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request({ pin: WRONG_PIN });
    const replies = await Promise.all(times.map(() => wallet.send(request)));
    expect(new Set(replies.map((reply) => Buffer.from(reply).toString("hex"))).size).toBe(1);
    expect(await recordOf(wallet)).toMatchObject({ failures: 1, refused: 1 });
  });

  test("20 different wrong PINs lock after exactly 5", async () => {
    const wallet = await createWallet(world);
    const requests = await Promise.all(times.map(() => wallet.request({ pin: WRONG_PIN })));
    await Promise.all(requests.map((request) => wallet.send(request)));
    expect(await recordOf(wallet)).toMatchObject({ failures: 5, refused: 5, pinState: "locked" });
  });

  test("several devices spend one balance to the last unit, and never below", async () => {
    const first = await createWallet(world, 1_000n);
    const devices = [first];
    for (let i = 0; i < 3; i++) {
      const next = await activate(world, await linkDevice(world.deps, first.accountId));
      await next.setPinByTelephone();
      next.adoptPin(1);
      devices.push(next);
    }
    // 4 devices × 5 payments of 70: 14 fit into 1,000.
    const outcomes = await Promise.all(
      devices.map(async (device) => {
        const seen: string[] = [];
        for (let i = 0; i < 5; i++) seen.push((await device.pay({ amount: 70n })).outcome);
        return seen;
      }),
    );
    expect(outcomes.flat().filter((outcome) => outcome === "paid")).toHaveLength(14);
    expect(outcomes.flat().filter((outcome) => outcome === "denied")).toHaveLength(6);
    expect(await recordOf(first)).toMatchObject({ balance: 20n, payments: 20 });
  });
});
