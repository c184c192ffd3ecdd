import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBase64url } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setPin } from "../src/accounts/pin-state.ts";
import { runCli } from "../src/cli/program.ts";
import { startTps } from "../src/index.ts";
import { findLostPinKeys, replaceLostPinKeys } from "../src/keys/lost-pin-key.ts";
import { loadOutsideKeys } from "../src/keys/outside-keys.ts";
import { adoptPinKey, openPinKeys, readPinKeys } from "../src/keys/pin-keys.ts";
import { announcePinKey, readHolders, switchPinKey } from "../src/keys/rotate-pin-key.ts";
import { createVault, outsideKeyId } from "../src/keys/vault.ts";
import { LIMITS } from "../src/limits.ts";
import { systemPlatform } from "../src/platform.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { startVru } from "../src/vru/start.ts";
import { databaseUrl } from "./support/database.ts";
import { keyFileOf, paysWith, startProcess } from "./support/pin-keys.ts";
import { createWallet, PIN } from "./support/wallet.ts";
import { createWorld, random, type World } from "./support/world.ts";
import { admitVru } from "./vru/support/world.ts";

let world: World;
let dataDir: string;
beforeEach(async () => {
  world = await createWorld(systemPlatform.nowSeconds());
  dataDir = await mkdtemp(join(tmpdir(), "chit-pin-keys-"));
});
afterEach(async () => {
  await world.close();
  await rm(dataDir, { recursive: true, force: true });
});

const wrongKey = () => toBase64url(random(32));
const tpsWith = (environment: Record<string, string>) =>
  startTps({
    dataDir,
    databaseUrl: databaseUrl(world.databaseName),
    environment: { ...world.environment, ...environment },
    port: 0,
    logLevel: "silent",
  });
const vruWith = async (environment: Record<string, string>, database?: string) =>
  startVru({
    databaseUrl: database ?? (await admitVru(world.databaseName)),
    environment,
    webhookToken: "a secret of the carrier",
    port: 0,
    logLevel: "silent",
  });

describe("a process that starts", () => {
  test("with another PIN key than the database knows is told so: TPS and telephone service", async () => {
    const wrong = { CHIT_PIN_KEY: wrongKey() };
    for (const start of [() => tpsWith(wrong), () => vruWith(wrong)]) {
      await expect(start()).rejects.toMatchObject({
        code: "outside-key-missing",
        message: expect.stringMatching(/^The database knows the PIN key .* holds .* instead\./),
      });
    }
    const [tps, vru] = [await tpsWith({}), await vruWith(world.environment)];
    const kinds = (await readHolders(world.deps, world.database)).map(({ kind }) => kind);
    expect(kinds).toEqual(["tps", "vru"]);
    await vru.close();
    await tps.close();
    expect(await readHolders(world.deps, world.database)).toEqual([]);
  });

  test("needs the key that is announced, too", async () => {
    const fresh = random(32);
    await announcePinKey(world.deps, outsideKeyId(fresh));
    for (const start of [() => tpsWith({}), () => vruWith(world.environment)]) {
      await expect(start()).rejects.toMatchObject({ code: "outside-key-missing" });
    }
    const both = `${world.environment.CHIT_PIN_KEY},${toBase64url(fresh)}`;
    await (await vruWith({ CHIT_PIN_KEY: both })).close();
    await (await tpsWith({ CHIT_PIN_KEY: both })).close();
  });

  test("whose key file is gone makes no new one in its place", async () => {
    const { CHIT_MASTER_KEY } = world.environment;
    const options = { dataDir, databaseUrl: databaseUrl(world.databaseName), port: 0 };
    const start = () =>
      startTps({ ...options, environment: { CHIT_MASTER_KEY }, logLevel: "silent" });
    await expect(start()).rejects.toMatchObject({
      code: "outside-key-missing",
      message: expect.stringContaining("There is no"),
    });
    expect(await readdir(dataDir)).toEqual([]);
  });
});

describe("all processes seal under the key that the database says", () => {
  test("whatever order their keys are given in; the telephone service by its own rights", async () => {
    const file = keyFileOf(world);
    const wallet = await createWallet(world);
    const asVru: Database = openDatabase(await admitVru(world.databaseName), () => undefined);
    try {
      const [old = new Uint8Array()] = file.keys;
      const fresh = random(32);
      file.keys = [fresh, old];
      const tps = await startProcess(world, file, "tps");
      const vru = await startProcess(world, file, "vru", asVru);
      const telephone = () => asVru.transaction((tx) => setPin(tx, vru.vault, wallet, PIN));
      const sealsNow = async () => {
        await telephone();
        const [row] = await world.database.query<{ key: string }>(
          "select modified_pin_key_id as key from devices where device_id = $1",
          [wallet.deviceId],
        );
        return row?.key;
      };
      expect(await sealsNow()).toBe(outsideKeyId(old));
      await announcePinKey(world.deps, outsideKeyId(fresh));
      await Promise.all([tps.refresh(), vru.refresh()]);
      expect(await sealsNow()).toBe(outsideKeyId(old));
      await switchPinKey(world.deps);
      await vru.refresh();
      expect(await sealsNow()).toBe(outsideKeyId(fresh));
      // The TPS has not looked yet: it opens what the telephone service sealed.
      wallet.adoptPin(4);
      const request = await wallet.request();
      const reply = await wallet.send(request, paysWith(world, tps));
      expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
      await vru.leave();
    } finally {
      await asVru.close();
    }
  });

  test("and a running one goes on with what it has when its file is damaged or put back", async () => {
    const file = keyFileOf(world);
    const tps = await startProcess(world, file, "tps");
    const wallet = await createWallet(world);
    const { keys } = file;
    for (const damaged of [[random(32)], [random(32), random(32)]]) {
      file.keys = damaged;
      await tps.refresh();
      const request = await wallet.request();
      const reply = await wallet.send(request, paysWith(world, tps));
      expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
    }
    file.keys = keys;
    await tps.refresh();
    expect(tps.vault.keyIds()).toEqual(keys.map(outsideKeyId));
  });

  test("of a database from before keys were written down, the newest given one, if it opens the rest", async () => {
    await createWallet(world);
    const asBefore = "update pin_keys set state = 'retiring'";
    await world.database.query(asBefore);
    const held = keyFileOf(world).keys.map(outsideKeyId);
    const fresh = outsideKeyId(random(32));
    const load = async () => keyFileOf(world).keys;
    const holder = { kind: "vru", process: "x" } as const;
    await expect(openPinKeys(world.deps, load, holder)).rejects.toMatchObject({
      code: "not-initialised",
    });
    const adopt = (ids: string[]) =>
      world.database.transaction((tx) => adoptPinKey(tx, ids, world.now));
    await expect(adopt([fresh])).rejects.toMatchObject({ code: "outside-key-missing" });
    await adopt([fresh, ...held]);
    const states = (await readPinKeys(world.database)).map(({ keyId, state }) => [keyId, state]);
    expect(Object.fromEntries(states)).toEqual({ [fresh]: "sealing", [held[0] ?? ""]: "retiring" });
    await adopt([...held]);
    expect(await readPinKeys(world.database)).toHaveLength(2);
  });
});

describe("a PIN key that is lost", () => {
  test("locks the PINs under it, which are set anew by telephone; money and devices stay", async () => {
    const wallets = [await createWallet(world), await createWallet(world)] as const;
    await wallets[0].pay();
    const fresh = random(32);
    const held = [outsideKeyId(fresh)];
    expect(await findLostPinKeys(world.deps, held)).toMatchObject({ pins: 2 });
    expect(await replaceLostPinKeys(world.deps, held)).toMatchObject({ pins: 2 });
    const pinVault = createVault("pin", [fresh], random);
    const deps = { ...world.deps, pinVault };
    for (const wallet of wallets) {
      const refused = await wallet.request();
      const locked = await wallet.receive(refused, await wallet.send(refused, deps));
      expect(locked.outcome).toBe("pin-locked");
      await world.database.transaction((tx) => setPin(tx, pinVault, wallet, PIN));
      wallet.adoptPin(2);
      const request = await wallet.request();
      const paid = await wallet.receive(request, await wallet.send(request, deps));
      expect(paid.outcome).toBe("paid");
    }
    await expect(replaceLostPinKeys(world.deps, held)).rejects.toMatchObject({
      code: "already-done",
    });
  });

  test("is not lost while a running process holds it", async () => {
    await startProcess(world, keyFileOf(world), "vru");
    const held = [outsideKeyId(random(32))];
    await expect(replaceLostPinKeys(world.deps, held)).rejects.toThrow(/is not lost: .*pay-vru/);
    world.now += LIMITS.pinKeyHolderSeconds + 1;
    expect(await replaceLostPinKeys(world.deps, held)).toMatchObject({ pins: 0 });
  });
});

describe("chit-tps pin-key", () => {
  const run = async (...args: string[]) => {
    const [out, said]: [string[], string[]] = [[], []];
    const code = await runCli(args, {
      // A running server looks more often than every half minute, so that the test does not wait.
      platform: { ...systemPlatform, sleep: () => systemPlatform.sleep(20) },
      environment: {
        DATABASE_URL: databaseUrl(world.databaseName),
        CHIT_DATA_DIR: dataDir,
        CHIT_MASTER_KEY: world.environment.CHIT_MASTER_KEY,
      },
      out: (text) => void out.push(text),
      say: (text) => void said.push(text),
      untilStopped: () => Promise.resolve(),
      onReplace: () => undefined,
      args,
    });
    return { code, out: out.join("\n"), said: said.join("\n") };
  };
  const keysInFile = async () => loadOutsideKeys("pin", dataDir, {});

  test("rotates the key of a running server, shows it, and finds its way when the file is lost", async () => {
    // The world's key was not used yet; this TPS has the one that it makes.
    await world.database.query("delete from pin_keys");
    const tps = await startTps({
      dataDir,
      databaseUrl: databaseUrl(world.databaseName),
      environment: { CHIT_MASTER_KEY: world.environment.CHIT_MASTER_KEY },
      port: 0,
      logLevel: "silent",
      chores: "by-hand",
      platform: { ...systemPlatform, every: (_, work) => systemPlatform.every(20, work) },
    });
    const [before] = await keysInFile();
    const rotated = await run("pin-key", "rotate", "--json");
    expect([rotated.code, JSON.parse(rotated.out).dropped]).toEqual([
      0,
      [outsideKeyId(before ?? random(32))],
    ]);
    const [after, ...more] = await keysInFile();
    expect(more).toEqual([]);
    const keyId = outsideKeyId(after ?? random(32));
    expect(JSON.parse(rotated.out).keyId).toBe(keyId);
    expect(rotated.said).toContain("The new PIN key is");
    expect(rotated.said + rotated.out).not.toContain(toBase64url(after ?? random(32)));
    const shown = JSON.parse((await run("pin-key", "show", "--json")).out);
    expect(shown.keys).toMatchObject([{ keyId, state: "sealing", pins: 0 }]);
    expect(shown.processes).toMatchObject([{ kind: "tps", sealsUnder: keyId }]);
    expect((await run("pin-key", "show")).out).toMatch(/^KEY +STATE +PINS\n/);
    await tps.close();

    await rm(join(dataDir, "secrets", "pin-key"));
    const locked = await run("account", "open");
    expect([locked.code, locked.said]).toEqual([1, expect.stringMatching(/outside-key-missing/)]);
    const asked = await run("pin-key", "lost");
    expect(asked.out).toMatch(/^0 PINs are sealed under .* with --lock-pins\.$/);
    expect((await run("account", "open")).code).toBe(1);
    expect((await run("pin-key", "lost", "--lock-pins")).out).toMatch(/^0 PINs are locked/);
    expect((await run("account", "open")).code).toBe(0);
    expect(await readFile(join(dataDir, "secrets", "pin-key"), "utf8")).toMatch(/^\S{43}\n$/);
  });
});
