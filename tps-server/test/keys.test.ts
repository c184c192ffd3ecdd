import { LIMITS as PROTOCOL_LIMITS, readVerdict, verifyKeyList } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initialiseIssuer } from "../src/issuer/issuer.ts";
import { loadKeyRing } from "../src/keys/key-ring.ts";
import { rotateKey } from "../src/keys/rotate.ts";
import { createVault } from "../src/keys/vault.ts";
import { LIMITS } from "../src/limits.ts";
import { createWallet } from "./support/wallet.ts";
import { createWorld, ISSUER, random, type World } from "./support/world.ts";

const DAY = 86_400;
let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

/** What a running server does now and then. */
const maintain = () => world.deps.keyRings.reload();

describe("the key list", () => {
  test("is signed by the root key and keeps its sequence while nothing changes", async () => {
    const first = world.keyList();
    expect(first).toMatchObject({
      iss: ISSUER,
      operator: "Example Pay",
      currency: "EUR",
      scale: 4,
    });
    await maintain();
    expect(world.keyList()).toEqual(first);
  });

  test("is signed again, with a larger sequence, when half of its life is over", async () => {
    const first = world.keyList();
    world.now += LIMITS.keyListSeconds / 2 + 1;
    await maintain();
    const second = world.keyList();
    expect(second.sequence).toBe(first.sequence + 1);
    expect(second.exp).toBeGreaterThan(first.exp);
  });

  test("carries a new name and telephone number of the operator; origin and currency stay", async () => {
    const settings = {
      origin: ISSUER,
      operator: "Renamed Pay",
      telephone: "+49 30 999",
      currency: "EUR",
      scale: 4,
    };
    await initialiseIssuer(world.deps, settings);
    await maintain();
    expect(world.keyList()).toMatchObject({ operator: "Renamed Pay", telephone: "+49 30 999" });
    const other = { ...settings, currency: "USD" };
    await expect(initialiseIssuer(world.deps, other)).rejects.toMatchObject({
      code: "already-initialised",
    });
  });
});

describe("rotating the sealing key", () => {
  test("announces the new key a day ahead; requests sealed to the old one are answered mid-flight", async () => {
    const wallet = await createWallet(world);
    const before = world.keyList();
    const pending = await wallet.request();
    const { keyId } = await rotateKey(world.deps, "sealing");
    await maintain();
    const announced = world.keyList();
    expect(announced.sequence).toBe(before.sequence + 1);
    expect(announced.sealingKeys.map((key) => key.kid)).toContain(keyId);
    // Not yet in use: a wallet still seals to the old one.
    expect(await wallet.receive(pending, await wallet.send(pending))).toMatchObject({
      outcome: "paid",
    });
    const old = await wallet.request();
    world.now += DAY + 1;
    const fresh = await wallet.request();
    expect(JSON.parse(Buffer.from(fresh.body).toString()).plain).toBeDefined();
    const plain = Buffer.from(JSON.parse(Buffer.from(fresh.body).toString()).plain, "base64url");
    expect(JSON.parse(plain.toString()).keyId).toBe(keyId);
    expect(await wallet.receive(old, await wallet.send(old))).toMatchObject({ outcome: "paid" });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });

  test("a retry under the old key gets the reply that was stored before", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const reply = await wallet.send(request);
    await rotateKey(world.deps, "sealing", 0);
    world.now += 3 * DAY;
    await maintain();
    expect(await wallet.send(request)).toEqual(reply);
  });

  test("forgets the old key when it has drained: its requests are then unknown", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    await rotateKey(world.deps, "sealing", 0);
    world.now += LIMITS.sealingKeySeconds + LIMITS.sealingDrainSeconds + DAY;
    await maintain();
    await expect(wallet.send(request)).rejects.toMatchObject({ code: "sealing-key-unknown" });
    const [row] = await world.database.query<{ keys: bigint }>(
      "select count(*) as keys from keys where purpose = 'sealing' and opens_until < $1",
      [world.now],
    );
    expect(row?.keys).toBe(0n);
  });

  test("and what was answered under it is answered again, by the bytes alone", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const reply = await wallet.send(request);
    const unheard = await wallet.clone().request();
    await rotateKey(world.deps, "sealing", 0);
    world.now += LIMITS.sealingKeySeconds + LIMITS.sealingDrainSeconds + DAY;
    await maintain();
    expect(await wallet.send(request)).toEqual(reply);
    expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
    await expect(wallet.send(unheard)).rejects.toMatchObject({ code: "sealing-key-unknown" });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid", nextCount: 2 });
    // As under a key that opens, it is the last reply that is kept.
    await expect(wallet.send(request)).rejects.toMatchObject({ code: "sealing-key-unknown" });
  });

  test("is noticed by a running server when the first request sealed to it arrives", async () => {
    const wallet = await createWallet(world);
    const { keyId } = await rotateKey(world.deps, "sealing", 0);
    const list = (await loadKeyRing(world.deps)).keyList.document;
    const { rootKey } = world.deps.keyRings.current();
    const published = verifyKeyList(world.deps.crypto, rootKey, list, world.now);
    const tpsKey = published.sealingKeys.find((key) => key.kid === keyId);
    if (tpsKey === undefined) throw new Error("The new key is not listed.");
    world.now += LIMITS.keyReloadSeconds;
    expect(await wallet.pay({ tpsKey })).toMatchObject({ outcome: "paid" });
  });

  test("happens by itself before the key ends", async () => {
    const before = world.keyList().sealingKeys.map((key) => key.kid);
    world.now += LIMITS.sealingKeySeconds - LIMITS.keyRenewalSeconds + 1;
    await maintain();
    const after = world.keyList().sealingKeys.map((key) => key.kid);
    expect(after).toHaveLength(before.length + 1);
    const wallet = await createWallet(world);
    world.now += LIMITS.keyRenewalSeconds + 1;
    await maintain();
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });
});

describe("rotating the signing key", () => {
  test("signs with the new key from its time on; proofs of the old one verify under the new list", async () => {
    const wallet = await createWallet(world);
    const first = await wallet.pay();
    if (first.outcome !== "paid") throw new Error(first.outcome);
    const { keyId } = await rotateKey(world.deps, "signing");
    await maintain();
    world.now += DAY;
    const second = await wallet.pay();
    if (second.outcome !== "paid") throw new Error(second.outcome);
    const kid = (jws: string) =>
      JSON.parse(Buffer.from(jws.split(".")[0] ?? "", "base64url").toString()).kid;
    expect(kid(second.proof)).toBe(keyId);
    expect(kid(first.proof)).not.toBe(keyId);
    for (const proof of [first.proof, second.proof]) {
      expect(readVerdict(world.deps.crypto, world.keyList(), "proof", proof)).toMatchObject({
        iss: ISSUER,
      });
    }
  });

  test("keeps old keys listed, up to what a list may hold, and then refuses", async () => {
    for (let listed = 1; listed < PROTOCOL_LIMITS.keys; listed++) {
      await rotateKey(world.deps, "signing", 0);
    }
    await maintain();
    expect(world.keyList().signingKeys).toHaveLength(PROTOCOL_LIMITS.keys);
    await expect(rotateKey(world.deps, "signing", 0)).rejects.toMatchObject({
      code: "already-done",
    });
  });
});

describe("keys outside of the database", () => {
  test("are needed to read any private key", async () => {
    const masterVault = createVault("master", [random(32)], random);
    await expect(loadKeyRing({ ...world.deps, masterVault })).rejects.toMatchObject({
      code: "outside-key-missing",
    });
  });

  test("may be changed: the newest seals, the older ones still open", () => {
    const [older, newer] = [random(32), random(32)];
    const before = createVault("pin", [older], random);
    const after = createVault("pin", [newer, older], random);
    const value = random(32);
    const stored = before.seal(value, "account", "device");
    expect(Uint8Array.from(after.open(stored, "account", "device"))).toEqual(value);
    expect(after.seal(value, "account", "device").keyId).not.toBe(stored.keyId);
  });

  test("bind a value to its place: moved to another account or device it does not open", () => {
    const vault = createVault("pin", [random(32)], random);
    const stored = vault.seal(random(32), "account", "device");
    for (const place of [
      ["other", "device"],
      ["account", "other"],
      ["accountdevice", ""],
    ]) {
      expect(() => vault.open(stored, ...place)).toThrow(/does not open/);
    }
    const changed = { ...stored, sealed: Uint8Array.from(stored.sealed) };
    changed.sealed[20] = (changed.sealed[20] ?? 0) ^ 1;
    expect(() => vault.open(changed, "account", "device")).toThrow(/does not open/);
  });
});
