import { LIMITS, openPaymentResponse } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linkDevice, openAccount, revokeDevice } from "../src/accounts/accounts.ts";
import { activate, createWallet, recordOf, type Wallet, WRONG_PIN } from "./support/wallet.ts";
import { createWorld, id, random, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function lock(wallet: Wallet): Promise<void> {
  for (let i = 0; i < LIMITS.pinAttempts; i++) await wallet.pay({ pin: WRONG_PIN });
}

describe("a wrong PIN", () => {
  test("is counted, changes neither count nor modifier, and the right one pays afterwards", async () => {
    const wallet = await createWallet(world);
    expect(await wallet.pay({ pin: WRONG_PIN })).toMatchObject({
      outcome: "wrong-pin",
      attemptsLeft: 4,
    });
    expect(await recordOf(wallet)).toMatchObject({ failures: 1, count: 0, payments: 0 });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid", nextCount: 1 });
  });

  test("threat 6: sent again as the identical bytes counts once and gets the identical reply", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request({ pin: WRONG_PIN });
    const reply = await wallet.send(request);
    for (let i = 0; i < 10; i++) expect(await wallet.send(request)).toEqual(reply);
    expect(await recordOf(wallet)).toMatchObject({ failures: 1, refused: 1 });
  });

  test("locks the PIN at the fifth in a row, and then the right PIN does not help", async () => {
    const wallet = await createWallet(world);
    const left: unknown[] = [];
    for (let i = 0; i < 5; i++) left.push(await wallet.pay({ pin: WRONG_PIN }));
    expect(left).toMatchObject([
      { attemptsLeft: 4 },
      { attemptsLeft: 3 },
      { attemptsLeft: 2 },
      { attemptsLeft: 1 },
      { outcome: "pin-locked" },
    ]);
    expect(await recordOf(wallet)).toMatchObject({ failures: 5, pinState: "locked" });
    expect(await wallet.pay()).toMatchObject({ outcome: "pin-locked" });
    expect(await recordOf(wallet)).toMatchObject({ payments: 0, count: 0 });
  });

  test("of an earlier run is out of sequence after a payment: it is not counted again", async () => {
    const wallet = await createWallet(world);
    const wrong = await wallet.request({ pin: WRONG_PIN });
    await wallet.send(wrong);
    await wallet.pay();
    const again = await openPaymentResponse(world.deps.crypto, wrong, await wallet.send(wrong));
    expect(again.outcome).toBe("out-of-sequence");
    expect(await recordOf(wallet)).toMatchObject({ failures: 0 });
  });

  test("locks one device; another one of the same account pays on", async () => {
    const wallet = await createWallet(world);
    const second = await activate(world, await linkDevice(world.deps, wallet.accountId));
    await second.setPinByTelephone();
    second.adoptPin(1);
    await lock(wallet);
    expect(await second.pay({ amount: 1n })).toMatchObject({ outcome: "paid", balance: 999_999n });
  });
});

describe("a new PIN by telephone", () => {
  test("unlocks, and requests of the old generation are told so without being counted", async () => {
    const wallet = await createWallet(world);
    await lock(wallet);
    await wallet.setPinByTelephone("27182818");
    const told = await wallet.pay();
    expect(told).toMatchObject({ outcome: "pin-changed", pinGeneration: 2 });
    expect(await recordOf(wallet)).toMatchObject({ failures: 0, refused: 0, pinState: "active" });
    wallet.adoptPin(2, "27182818");
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });

  test("keeps the transaction count", async () => {
    const wallet = await createWallet(world);
    await wallet.pay();
    await wallet.setPinByTelephone("27182818");
    wallet.adoptPin(2, "27182818");
    expect(await wallet.pay()).toMatchObject({ outcome: "paid", nextCount: 2 });
  });

  test("is awaited before the first payment", async () => {
    const { activationLink } = await openAccount(world.deps);
    const wallet = await activate(world, activationLink);
    expect(await wallet.pay()).toMatchObject({ outcome: "awaiting-pin" });
  });
});

describe("a revoked device", () => {
  test("is told so, even with the right PIN, and pays nothing", async () => {
    const wallet = await createWallet(world);
    await revokeDevice(world.deps, wallet.accountId, wallet.deviceId);
    expect(await wallet.pay()).toMatchObject({ outcome: "device-revoked" });
    expect(await recordOf(wallet)).toMatchObject({ payments: 0, count: 0 });
  });
});

describe("a copied disk", () => {
  test("threat 8: drifts: the second spender is told, nothing is debited by the stale request", async () => {
    const honest = await createWallet(world);
    const thief = honest.clone();
    expect(await thief.pay({ amount: 10n })).toMatchObject({ outcome: "paid" });
    expect(await honest.pay({ amount: 10n })).toMatchObject({ outcome: "out-of-sequence" });
    expect(await recordOf(honest)).toMatchObject({ payments: 1, balance: 999_990n });
  });

  test("threat 9: without the PIN is no oracle: a stale count or generation gets one answer for every guess", async () => {
    const wallet = await createWallet(world);
    await wallet.pay();
    const guess = async (changes: object) => {
      const outcomes: string[] = [];
      for (const pin of [wallet.pin, WRONG_PIN]) {
        outcomes.push((await wallet.clone().pay({ ...changes, pin })).outcome);
      }
      return outcomes;
    };
    expect(await guess({ count: 0 })).toEqual(["out-of-sequence", "out-of-sequence"]);
    expect(await guess({ count: 2 })).toEqual(["out-of-sequence", "out-of-sequence"]);
    expect(await guess({ pinGeneration: 0 })).toEqual(["pin-changed", "pin-changed"]);
    await lock(wallet);
    expect(await guess({})).toEqual(["pin-locked", "pin-locked"]);
    expect(await recordOf(wallet)).toMatchObject({ failures: 5, payments: 1 });
  });
});

describe("an outsider, who has no key of the device", () => {
  const stranger = nodeSigner(random(32));

  test("threat 11: cannot count a wrong PIN, let alone lock", async () => {
    const wallet = await createWallet(world);
    for (let i = 0; i < 20; i++) {
      const response = await wallet.pay({ pin: WRONG_PIN, signer: stranger });
      expect(response).toEqual({ v: 1, type: "payment-response", outcome: "refused" });
    }
    expect(await recordOf(wallet)).toMatchObject({ failures: 0, refused: 0, pinState: "active" });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });

  test("sees one answer of one size, whatever the state: unknown, stale, wrong PIN, locked, revoked", async () => {
    const wallet = await createWallet(world);
    const locked = await createWallet(world);
    await lock(locked);
    const revoked = await createWallet(world);
    await revokeDevice(world.deps, revoked.accountId, revoked.deviceId);
    const { activationLink } = await openAccount(world.deps);
    const awaiting = await activate(world, activationLink);
    const wrong = { pin: WRONG_PIN, signer: stranger };
    const requests = [
      await wallet.request(wrong),
      await wallet.request({ ...wrong, accountId: id() }),
      await wallet.request({ ...wrong, deviceId: id() }),
      await wallet.request({ ...wrong, count: 99 }),
      await wallet.request({ ...wrong, pinGeneration: 7 }),
      await locked.request(wrong),
      await revoked.request(wrong),
      await awaiting.request(wrong),
    ];
    const sizes = new Set<number>();
    for (const request of requests) {
      const reply = await wallet.send(request);
      sizes.add(reply.length);
      const response = await openPaymentResponse(world.deps.crypto, request, reply);
      expect(response.outcome).toBe("refused");
    }
    // A paid reply has the same size, too.
    const paid = await wallet.request();
    sizes.add((await wallet.send(paid)).length);
    expect(sizes.size).toBe(1);
  });
});

describe("a request for", () => {
  test("another issuer is not opened", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request({ issuer: "https://other.example" });
    await expect(wallet.send(request)).rejects.toMatchObject({ code: "issuer-mismatch" });
  });

  test("a sealing key that this TPS does not hold is not opened", async () => {
    const wallet = await createWallet(world);
    const { nodeOpeningKey } = await import("@chit/protocol/node");
    const foreign = await nodeOpeningKey(world.deps.crypto, random(32));
    const tpsKey = { kid: foreign.keyId, publicKey: foreign.publicRaw };
    const request = await wallet.request({ tpsKey });
    await expect(wallet.send(request)).rejects.toMatchObject({ code: "sealing-key-unknown" });
  });
});
