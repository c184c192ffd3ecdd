/** The master key is replaced as docs/OPERATING.md says, and the old one opens nothing of the new database. */
import { toBase64url } from "@chit/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadKeyRing } from "../src/keys/key-ring.ts";
import { readKeys } from "../src/keys/key-store.ts";
import { resealKeys } from "../src/keys/reseal-keys.ts";
import { createVault } from "../src/keys/vault.ts";
import { cliOf } from "./support/cli.ts";
import { createWorld, random, type World } from "./support/world.ts";

let world: World;
let masterKeys: string;
const cli = cliOf(
  () => world,
  () => ({ environment: { CHIT_MASTER_KEY: masterKeys } }),
);
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const vaultOf = (...keys: Uint8Array[]) => createVault("master", keys, random);

describe("keys reseal", () => {
  test("seals every private key under the newest master key: the older one is needed no more", async () => {
    const newer = random(32);
    masterKeys = `${toBase64url(newer)},${world.environment.CHIT_MASTER_KEY}`;
    const before = await loadKeyRing(world.deps);
    const { code, out } = await cli("keys", "reseal", "--json");
    const { resealed, masterKey } = JSON.parse(out);
    const keys = await readKeys(world.database);
    expect([code, resealed]).toEqual([0, keys.length]);
    expect(keys.map(({ purpose }) => purpose)).toEqual(expect.arrayContaining(["root", "signing"]));
    expect(new Set(keys.map(({ sealedUnder }) => sealedUnder))).toEqual(new Set([masterKey]));
    const after = await loadKeyRing({ ...world.deps, masterVault: vaultOf(newer) });
    expect([after.rootKey, after.keyList.document]).toEqual([
      before.rootKey,
      before.keyList.document,
    ]);
    await expect(loadKeyRing(world.deps)).rejects.toMatchObject({ code: "outside-key-missing" });
    const again = JSON.parse((await cli("keys", "reseal", "--json")).out);
    expect(again).toEqual({ masterKey, resealed: 0 });
    const log = await world.database.query(
      "select subject from operator_log where action = 'keys reseal'",
    );
    expect(log).toEqual([{ subject: masterKey }]);
  });

  test("changes nothing when a key is under a master key that is not given", async () => {
    const before = await readKeys(world.database);
    const alone = { ...world.deps, masterVault: vaultOf(random(32)) };
    await expect(resealKeys(alone)).rejects.toMatchObject({ code: "outside-key-missing" });
    expect(await readKeys(world.database)).toEqual(before);
  });
});
