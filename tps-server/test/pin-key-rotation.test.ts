import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setPin } from "../src/accounts/pin-state.ts";
import { rotatePinKey } from "../src/keys/pin-key-rotation.ts";
import type { PinKeys } from "../src/keys/pin-keys.ts";
import { announcePinKey, dropPinKeys, switchPinKey } from "../src/keys/rotate-pin-key.ts";
import { createVault, outsideKeyId } from "../src/keys/vault.ts";
import { LIMITS } from "../src/limits.ts";
import type { Database } from "../src/store/database.ts";
import {
  addSealedPins,
  type KeyFile,
  keyFileOf,
  paysWith,
  rotationOf,
  sealedUnder,
  startProcess,
} from "./support/pin-keys.ts";
import { createWallet, PIN, recordOf, type Wallet } from "./support/wallet.ts";
import { createWorld, random, type World } from "./support/world.ts";

let world: World;
let file: KeyFile;
let tps: PinKeys;
let vru: PinKeys;
beforeEach(async () => {
  world = await createWorld();
  file = keyFileOf(world);
  tps = await startProcess(world, file, "tps");
  vru = await startProcess(world, file, "vru");
});
afterEach(() => world.close());

const idOf = (key: Uint8Array | undefined) => outsideKeyId(key ?? new Uint8Array());
/** All processes look, as they do every half minute. */
const look = () => Promise.all([tps.refresh(), vru.refresh()]);
const pay = async (wallet: Wallet) => {
  const request = await wallet.request({ amount: 10n });
  const reply = await wallet.send(request, paysWith(world, tps));
  return (await wallet.receive(request, reply)).outcome;
};
const telephone = async (wallet: Wallet) => {
  const set = await world.database.transaction((tx) => setPin(tx, vru.vault, wallet, PIN));
  wallet.adoptPin(set?.pinGeneration ?? 0);
};

// Whole rotations, some of them twenty times over.
describe("rotating the PIN key", { timeout: 90_000 }, () => {
  test("amid payments and telephone calls fails none of them, and leaves no PIN under the old key", async () => {
    const payers = await Promise.all(Array.from({ length: 4 }, () => createWallet(world)));
    const callers = await Promise.all([createWallet(world), createWallet(world)]);
    const [old] = file.keys;
    let rotating = true;
    let payments = 0;
    const seenKeys = new Set<string>();
    const watch = async () => {
      for (const key of Object.keys(await sealedUnder(world))) seenKeys.add(key);
    };
    const work = [
      ...payers.map(async (wallet) => {
        while (rotating) {
          expect(await pay(wallet)).toBe("paid");
          payments += 1;
        }
      }),
      ...callers.map(async (wallet) => {
        while (rotating) {
          await telephone(wallet);
          expect(await pay(wallet)).toBe("paid");
        }
      }),
    ];
    let turns = 0;
    const rotation = rotationOf(world, file, async () => {
      turns += 1;
      await watch();
      // One process hears of every change a turn later than the other.
      await (turns % 2 === 1 ? tps.refresh() : vru.refresh());
    });
    const result = await rotatePinKey(rotation).finally(() => {
      rotating = false;
    });
    await Promise.all(work);
    expect(file.keys).toHaveLength(1);
    const fresh = idOf(file.keys[0]);
    expect(result).toEqual({ kind: "rotated", keyId: fresh, dropped: [idOf(old)] });
    expect(await sealedUnder(world)).toEqual({ [fresh]: 6 });
    expect(seenKeys).toContain(idOf(old));
    expect(payments).toBeGreaterThan(4);
    for (const wallet of payers) {
      const { balance, count } = await recordOf(wallet);
      expect(balance).toBe(1_000_000n - 10n * BigInt(count));
      expect(await pay(wallet)).toBe("paid");
    }
  });

  test("seals in batches, tells how it goes, and leaves out what a payment has locked until the next pass", async () => {
    const wallet = await createWallet(world);
    await addSealedPins(world, tps, wallet, 230);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked = () => {};
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const blocking = world.database.transaction(async (tx) => {
      await tx.query("select 1 from devices where device_id = $1 for update", [wallet.deviceId]);
      locked();
      await held;
    });
    await isLocked;
    let waits = 0;
    const rotation = rotationOf(world, file, async () => {
      await look();
      waits += 1;
      if (waits === 4) release();
    });
    await rotatePinKey(rotation);
    await blocking;
    expect(rotation.said).toContain("100 PINs sealed anew.");
    expect(rotation.said).toContain("230 PINs sealed anew.");
    expect(rotation.said).toContainEqual(expect.stringMatching(/^1 PINs are still sealed under/));
    expect(await sealedUnder(world)).toEqual({ [idOf(file.keys[0])]: 231 });
    expect(await pay(wallet)).toBe("paid");
  });

  test("killed at any point is finished by the next run, and all goes on between", async () => {
    const wallet = await createWallet(world);
    const caller = await createWallet(world);
    let finished = 0;
    for (let steps = 0; finished === 0; steps++) {
      const dying = rotationOf({ ...world, deps: dyingAfter(steps) }, file, look);
      const outcome = await rotatePinKey(dying).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) finished = steps;
      else expect(outcome.message).toBe("killed");
      await look();
      expect(await pay(wallet)).toBe("paid");
      await telephone(caller);
      expect(await pay(caller)).toBe("paid");
      const begun = file.keys.length > 1;
      const before = idOf(file.keys[0]);
      const next = rotationOf(world, file, look);
      if (finished === 0) expect(await rotatePinKey(next)).toMatchObject({ kind: "rotated" });
      expect(file.keys).toHaveLength(1);
      expect(await sealedUnder(world)).toEqual({ [idOf(file.keys[0])]: 2 });
      // The key that an interrupted run had made is used, not another one made.
      if (begun) expect(idOf(file.keys[0])).toBe(before);
    }
    expect(finished).toBeGreaterThan(8);
  });

  /** A TPS whose process dies at its nth statement or transaction, before or after it. */
  function dyingAfter(steps: number): World["deps"] {
    let left = steps;
    const { database } = world;
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      if (left-- === 0) throw new Error("killed");
      const result = await work();
      if (left-- === 0) throw new Error("killed");
      return result;
    };
    let depth = 0;
    const dying: Database = {
      ...database,
      query: (statement, values) => step(() => database.query(statement, values)),
      // The outermost one only holds the lock that keeps two runs apart.
      transaction: (work) => {
        depth += 1;
        const run = () => database.transaction(work);
        return (depth === 1 ? run() : step(run)).finally(() => {
          depth -= 1;
        });
      },
    };
    return { ...world.deps, database: dying };
  }

  test("waits for every running process, names those behind, and not for one that is silent", async () => {
    const wallet = await createWallet(world);
    const behind = rotationOf(world, file);
    await expect(rotatePinKey(behind)).rejects.toMatchObject({
      code: "processes-behind",
      message: expect.stringMatching(/TPS on pay-tps.*telephone service on pay-vru/),
    });
    await tps.refresh();
    await expect(switchPinKey(world.deps)).rejects.toThrow(
      /^These do not hold the new PIN key yet: telephone service on pay-vru, process 1\./,
    );
    world.now += LIMITS.pinKeyHolderSeconds + 1;
    await tps.refresh();
    expect(await rotatePinKey(rotationOf(world, file, () => tps.refresh()))).toMatchObject({
      kind: "rotated",
    });
    // It comes back, and finds the new key in the file.
    await vru.refresh();
    await telephone(wallet);
    expect(await pay(wallet)).toBe("paid");
  });

  test("two runs at once: one works, the other is told so", async () => {
    const outcomes = await Promise.allSettled([
      rotatePinKey(rotationOf(world, file, look)),
      rotatePinKey(rotationOf(world, file, look)),
    ]);
    const codes = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value.kind : outcome.reason.code,
    );
    expect(codes.sort()).toEqual(["already-done", "rotated"]);
    expect(file.keys).toHaveLength(1);
  });

  test("with the keys in a variable tells the new value, and goes on when it was given", async () => {
    const wallet = await createWallet(world);
    const variable = { ...file, read: () => file.read(), replace: undefined };
    const first = await rotatePinKey(rotationOf(world, variable, look));
    if (first.kind !== "give-variable") throw new Error(first.kind);
    expect(first.keys).toHaveLength(2);
    expect(first.keys[1]).toEqual(file.keys[0]);
    expect(await sealedUnder(world)).toEqual({ [idOf(file.keys[0])]: 1 });
    file.keys = [...first.keys];
    const second = rotationOf(world, variable, look);
    expect(await rotatePinKey(second)).toMatchObject({ keyId: idOf(first.keys[0]) });
    expect(second.said.at(-1)).toMatch(/still holds older keys/);
    expect(await pay(wallet)).toBe("paid");
  });
});

describe("the old key", () => {
  test("is not dropped while a PIN is sealed under it; the refusal says how many", async () => {
    const wallet = await createWallet(world);
    await createWallet(world);
    file.keys = [random(32), ...file.keys];
    await announcePinKey(world.deps, idOf(file.keys[0]));
    await look();
    await switchPinKey(world.deps);
    await look();
    // Payments seal under the new key; the other PIN stays under the old one. Both pay.
    expect(await pay(wallet)).toBe("paid");
    expect(Object.values(await sealedUnder(world)).sort()).toEqual([1, 1]);
    await expect(dropPinKeys(world.deps)).rejects.toMatchObject({
      code: "pin-key-in-use",
      message: expect.stringMatching(/^1 PINs are still sealed under /),
    });
    await expect(announcePinKey(world.deps, "another")).rejects.toMatchObject({
      code: "already-done",
    });
  });

  test("is not dropped while a process seals under it", async () => {
    file.keys = [random(32), ...file.keys];
    await announcePinKey(world.deps, idOf(file.keys[0]));
    await look();
    await switchPinKey(world.deps);
    await tps.refresh();
    await expect(dropPinKeys(world.deps)).rejects.toMatchObject({
      code: "processes-behind",
      message: expect.stringMatching(/still seal under the old PIN key: telephone service/),
    });
    await vru.refresh();
    expect(await dropPinKeys(world.deps)).toHaveLength(1);
  });

  test("once dropped takes no PIN: a process that slept through it fails, and changes nothing", async () => {
    const wallet = await createWallet(world);
    const asleep = createVault("pin", file.keys, random);
    await rotatePinKey(rotationOf(world, file, look));
    await expect(
      world.database.transaction((tx) => setPin(tx, asleep, wallet, "27182818")),
    ).rejects.toThrow(/pin_key/);
    expect(await pay(wallet)).toBe("paid");
  });

  test("stays while a stored PIN does not open; a new PIN by telephone makes the way free", async () => {
    const wallet = await createWallet(world);
    await createWallet(world);
    await world.database.query(
      "update devices set modified_pin = set_byte(modified_pin, 20, get_byte(modified_pin, 20) # 1) where device_id = $1",
      [wallet.deviceId],
    );
    await expect(rotatePinKey(rotationOf(world, file, look))).rejects.toMatchObject({
      code: "pin-damaged",
      message: expect.stringContaining(wallet.deviceId),
    });
    expect(file.keys).toHaveLength(2);
    await telephone(wallet);
    expect(await rotatePinKey(rotationOf(world, file, look))).toMatchObject({ kind: "rotated" });
    expect(await pay(wallet)).toBe("paid");
  });
});
