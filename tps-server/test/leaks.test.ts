/** What a thief of the database, or of a key, can do with it. */
import { createDecipheriv, createHash, createHmac } from "node:crypto";
import {
  decodeRequestForPayment,
  fromBase64url,
  modifyPin,
  openRequestForPayment,
  utf8,
} from "@chit/protocol";
import { nodeOpeningKey } from "@chit/protocol/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPrivateKey, readKeys } from "../src/keys/key-store.ts";
import { rotatePinKey } from "../src/keys/pin-key-rotation.ts";
import { rotateKey } from "../src/keys/rotate.ts";
import { LIMITS } from "../src/limits.ts";
import { keyFileOf, rotationOf } from "./support/pin-keys.ts";
import { createWallet, PIN, type Wallet, WRONG_PIN } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

const DAY = 86_400;
let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

type Row = Readonly<Record<string, unknown>>;

/** Every row of every table, as whoever holds a dump has them. */
async function dump(): Promise<Map<string, Row[]>> {
  const tables = await world.database.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const rows = new Map<string, Row[]>();
  for (const { name } of tables)
    rows.set(name, await world.database.query(`select * from ${name}`));
  return rows;
}

/** Every value of a dump as bytes: as it is stored, and decoded where it is base64url. */
function valuesOf(rows: ReadonlyMap<string, readonly Row[]>): Uint8Array[] {
  const values = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array) => values.set(Buffer.from(bytes).toString("hex"), bytes);
  for (const value of [...rows.values()].flat().flatMap((row) => Object.values(row))) {
    if (value instanceof Uint8Array) add(value);
    if (typeof value !== "string") continue;
    add(utf8(value));
    for (const part of value.split(/[.$,\s"]/)) {
      if (/^[A-Za-z0-9_-]{16,}$/.test(part)) add(Buffer.from(part, "base64url"));
    }
  }
  return [...values.values()];
}

/** Everything of 32 bytes that might be an AES key: values, pieces of values, and hashes of them. */
function keysFrom(values: readonly Uint8Array[]): Uint8Array[] {
  return values.flatMap((value) => {
    const pieces = [];
    for (let at = 0; at + 32 <= value.length; at += 4) pieces.push(value.subarray(at, at + 32));
    return [...pieces, createHash("sha256").update(value).digest()];
  });
}

/** Opens a device's sealed PIN with each of the keys. @returns the modified PIN */
function openWithAny(device: Row, keys: readonly Uint8Array[]): Uint8Array | undefined {
  const { modified_pin: sealed, account_id, device_id } = device;
  if (!(sealed instanceof Uint8Array)) return undefined;
  const aad = utf8(JSON.stringify(["pin", account_id, device_id]));
  for (const key of keys) {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12))
      .setAAD(aad)
      .setAuthTag(sealed.subarray(-16));
    const opened = decipher.update(sealed.subarray(12, -16));
    try {
      decipher.final();
      return opened;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

describe("threat 12", () => {
  /** A database with all that life leaves in it. */
  async function liveOn(): Promise<Wallet> {
    const wallet = await createWallet(world);
    await wallet.pay({ pin: WRONG_PIN });
    await wallet.pay();
    await wallet.pay({ amount: 99_000_000n });
    await wallet.setPinByTelephone();
    wallet.adoptPin(2);
    await wallet.pay({ pin: WRONG_PIN });
    return wallet;
  }

  test("threat 12: a dump of the database opens no modified PIN by anything that is in it; with the outside key it does", async () => {
    const wallet = await liveOn();
    const rows = await dump();
    const device =
      rows.get("devices")?.find(({ device_id }) => device_id === wallet.deviceId) ?? {};
    const keys = keysFrom(valuesOf(rows));
    expect(keys.length).toBeGreaterThan(500);
    expect(openWithAny(device, keys)).toBeUndefined();
    const outside = fromBase64url(world.environment.CHIT_PIN_KEY);
    const opened = openWithAny(device, [...keys, outside]);
    expect(Uint8Array.from(opened ?? [])).toEqual(modifyPin(PIN, wallet.modifier));
  });

  test("threat 12: no value in a dump confirms a guess of the PIN: the attempt that the key makes succeed finds nothing without it", async () => {
    const wallet = await liveOn();
    const rows = await dump();
    const values = valuesOf(rows);
    const known = new Set(values.map((value) => Buffer.from(value).toString("hex")));
    /** Guesses that some value in the dump confirms, alone or with any other value of it. */
    const confirmed = (guesses: readonly string[], stored: ReadonlySet<string>) =>
      guesses.filter((guess) =>
        [modifyPin(guess, wallet.modifier), utf8(guess)].some((pin) =>
          derived(pin, values).some((value) => stored.has(Buffer.from(value).toString("hex"))),
        ),
      );
    const guesses = ["000000", WRONG_PIN, PIN, "999999"];
    expect(confirmed(guesses, known)).toEqual([]);
    // The attempt is no pretence: were a hash of the PIN stored, or a MAC under it, it would be found.
    const modified = modifyPin(PIN, wallet.modifier);
    const careless = [
      createHash("sha256").update(modified).digest(),
      createHmac("sha256", modified)
        .update(values[7] ?? "")
        .digest(),
    ];
    for (const value of careless) {
      expect(confirmed(guesses, new Set([...known, value.toString("hex")]))).toEqual([PIN]);
    }
    // And with the outside key each guess is told from the right one at once.
    const device =
      rows.get("devices")?.find(({ device_id }) => device_id === wallet.deviceId) ?? {};
    const outside = fromBase64url(world.environment.CHIT_PIN_KEY);
    const opened = Buffer.from(openWithAny(device, [outside]) ?? []);
    const right = guesses.filter((guess) => opened.equals(modifyPin(guess, wallet.modifier)));
    expect(right).toEqual([PIN]);
  });

  /** What a server might have stored of a PIN, alone and together with each value. */
  function derived(pin: Uint8Array, values: readonly Uint8Array[]): Uint8Array[] {
    const hash = (...parts: Uint8Array[]) => {
      const digest = createHash("sha256");
      for (const part of parts) digest.update(part);
      return digest.digest();
    };
    return [
      pin,
      hash(pin),
      ...values.flatMap((value) => [
        createHmac("sha256", pin).update(value).digest(),
        createHmac("sha256", value).update(pin).digest(),
        hash(pin, value),
        hash(value, pin),
      ]),
    ];
  }

  test("threat 12: once the key was rotated, the old one opens no PIN of a later dump", async () => {
    const wallet = await liveOn();
    const file = keyFileOf(world);
    const old = file.keys;
    expect(openWithAny(await deviceOf(wallet), old)).toBeDefined();
    await rotatePinKey(rotationOf(world, file));
    expect(openWithAny(await deviceOf(wallet), [...keysFrom(valuesOf(await dump())), ...old])).toBe(
      undefined,
    );
    expect(openWithAny(await deviceOf(wallet), file.keys)).toBeDefined();
  });

  async function deviceOf({ deviceId }: Wallet): Promise<Row> {
    return (await dump()).get("devices")?.find(({ device_id }) => device_id === deviceId) ?? {};
  }
});

describe("threat 13", () => {
  /** A thief with the whole database and the master key tries what he recorded on the wire. */
  async function opensWith(body: Uint8Array): Promise<boolean> {
    const { deps } = world;
    const keys = (await readKeys(world.database)).filter(({ purpose }) => purpose === "sealing");
    const request = decodeRequestForPayment(body);
    for (const key of keys) {
      const opening = await nodeOpeningKey(deps.crypto, openPrivateKey(deps, key));
      const opened = openRequestForPayment(deps.crypto, opening, request);
      if (await opened.then(() => true).catch(() => false)) return true;
    }
    return false;
  }

  test("threat 13: a sealing key that leaks opens what was sealed to it in its life; what its successor and its forgotten predecessor took stays shut", async () => {
    const wallet = await createWallet(world);
    const first = await wallet.request();
    await wallet.receive(first, await wallet.send(first));
    expect(await opensWith(first.body)).toBe(true);
    await rotateKey(world.deps, "sealing", 0);
    world.now += LIMITS.sealingKeySeconds + LIMITS.sealingDrainSeconds + DAY;
    await world.deps.keyRings.reload();
    const second = await wallet.request();
    expect(await opensWith(second.body)).toBe(true);
    // The first key was forgotten: nobody can take it from this server any more.
    expect(await opensWith(first.body)).toBe(false);
  });
});
