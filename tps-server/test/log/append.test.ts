import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rotateKey } from "../../src/keys/rotate.ts";
import { appendToLog } from "../../src/log/append.ts";
import type { Database, Queryable } from "../../src/store/database.ts";
import { createWallet, type Wallet } from "../support/wallet.ts";
import { createWorld, type World } from "../support/world.ts";
import {
  append,
  check,
  entries,
  entryOf,
  logOn,
  payAndCollect,
  payInBulk,
  published,
  type SignedTexts,
} from "./support.ts";

let world: World;
let wallet: Wallet;
beforeEach(async () => {
  world = await createWorld();
  wallet = await createWallet(world);
});
afterEach(() => world.close());

class Killed extends Error {}

/** Dies before the n-th statement of all transactions together: in the middle of one, or between two. */
function dyingAt(database: Database, fatal: number): Database {
  let statement = 0;
  return {
    ...database,
    transaction: (work) =>
      database.transaction((tx) => {
        const dying: Queryable = {
          async query(sql, values) {
            statement += 1;
            if (statement === fatal) throw new Killed();
            return tx.query(sql, values);
          },
        };
        return work(dying);
      }),
  };
}

/** Sizes with the roots that were ever signed for them. */
function rootsSigned(signed: SignedTexts): Map<string, Set<string>> {
  const roots = new Map<string, Set<string>>();
  for (const text of signed) {
    const [, size = "", root = ""] = text.split("\n");
    roots.set(size, (roots.get(size) ?? new Set()).add(root));
  }
  return roots;
}

describe("proofs are appended", () => {
  test("each once, denials never; the empty log has a checkpoint too", async () => {
    expect(await append(world)).toEqual({ appended: 0, size: 0 });
    expect(await published(world)).toMatchObject({ origin: "tps.example/log", size: 0 });
    const first = await payAndCollect(wallet, 3);
    expect(await wallet.pay({ amount: 2_000_000n })).toMatchObject({ outcome: "denied" });
    expect(await append(world)).toEqual({ appended: 3, size: 3 });
    world.now += 60;
    const second = await payAndCollect(wallet, 2);
    expect(await append(world)).toEqual({ appended: 2, size: 5 });
    expect(await append(world)).toEqual({ appended: 0, size: 5 });
    const all = await entries(world);
    expect(all.slice(0, 3)).toEqual(first.map(entryOf).sort());
    expect(all.slice(3)).toEqual(second.map(entryOf).sort());
    expect(await published(world)).toMatchObject({ size: 5, at: world.now });
    expect(await check(world)).toMatchObject({ size: 5, checkpoints: 3, awaiting: 0, faults: [] });
  });

  test("over the borders of tiles and batches", async () => {
    await payAndCollect(wallet, 1);
    for (const [more, size] of [
      [254, 255],
      [1, 256],
      [1, 257],
      [1_100, 1_357],
    ] as const) {
      if (size > 255 || more === 254) await payInBulk(wallet, more);
      expect(await append(world)).toMatchObject({ size });
    }
    expect(await check(world)).toMatchObject({ size: 1_357, awaiting: 0, faults: [] });
  });

  test("once, when several append at the same time", async () => {
    await payAndCollect(wallet, 1);
    await payInBulk(wallet, 40);
    const signed: SignedTexts = [];
    const logs = [1, 2, 3].map(() => appendToLog(logOn(world, world.database, signed)));
    const results = await Promise.all(logs);
    expect(results.reduce((sum, { appended }) => sum + appended, 0)).toBe(41);
    expect(new Set(await entries(world)).size).toBe(41);
    for (const roots of rootsSigned(signed).values()) expect(roots.size).toBe(1);
    expect(await check(world)).toMatchObject({ size: 41, faults: [] });
  });

  test("by the key that is in force: a key list with the old one as well verifies all of it", async () => {
    await payAndCollect(wallet, 1);
    await append(world);
    const before = await published(world);
    await rotateKey(world.deps, "signing", 0);
    await world.deps.keyRings.reload();
    world.now += 1;
    await payAndCollect(wallet, 1);
    await append(world);
    const after = await published(world);
    const keyIds = (note: string) => note.match(/ [\w+/]{6}/g);
    expect(keyIds(after.note)).not.toEqual(keyIds(before.note));
    expect(await check(world, before.note)).toMatchObject({ faults: [] });
  });
});

describe("killed at any statement", () => {
  test("an append goes on where it was, and one size never gets two roots", async () => {
    const signed: SignedTexts = [];
    const proofs: string[] = [];
    let survived = false;
    for (let fatal = 1; !survived; fatal++) {
      proofs.push(...(await payAndCollect(wallet, 1)));
      const dying = dyingAt(world.database, fatal);
      await appendToLog(logOn(world, dying, signed)).then(
        () => {
          survived = true;
        },
        (error: unknown) => expect(error).toBeInstanceOf(Killed),
      );
      // What comes meanwhile is not to change what a killed append has signed already.
      proofs.push(...(await payAndCollect(wallet, 1)));
      await appendToLog(logOn(world, world.database, signed));
    }
    expect(proofs.length).toBeGreaterThan(30);
    expect((await entries(world)).sort()).toEqual(proofs.map(entryOf).sort());
    const roots = rootsSigned(signed);
    expect(roots.size).toBeGreaterThan(10);
    for (const [size, ofSize] of roots) expect([size, ofSize.size]).toEqual([size, 1]);
    // Whatever was signed was on disk before, so that it cannot have been another state.
    const stored = await world.database.query<{ state: string }>(
      "select size || ' ' || encode(root, 'base64') as state from log_checkpoints",
    );
    const states = new Set(stored.map(({ state }) => state));
    for (const [size, [root]] of roots) expect(states).toContain(`${size} ${root}`);
    expect(await check(world)).toMatchObject({ size: proofs.length, faults: [] });
  });
});

describe("a stored tree that is not what was signed", () => {
  /** As somebody does who can write to the database. */
  const tamper = async (statement: string) => {
    await world.database.transaction(async (tx) => {
      await tx.query("set local session_replication_role = replica");
      await tx.query(statement);
    });
  };

  test.each([
    ["an entry", "update log_entries set entry = sha256(entry) where entry_index = 256"],
    ["a node", "update log_nodes set hash = sha256(hash)"],
    ["a root", "update log_checkpoints set root = sha256(root) where size = 257"],
    ["entries taken away", "delete from log_entries where entry_index >= 255"],
  ])("%s: nothing more is signed", async (_what, statement) => {
    await payAndCollect(wallet, 1);
    await payInBulk(wallet, 256);
    await append(world);
    await tamper(statement);
    const signed: SignedTexts = [];
    await payAndCollect(wallet, 1);
    const log = logOn(world, world.database, signed);
    await expect(appendToLog(log)).rejects.toMatchObject({ code: "log-damaged" });
    expect(signed).toEqual([]);
    expect(await published(world)).toMatchObject({ size: 257 });
    expect((await check(world)).faults).not.toEqual([]);
  });

  test.each([
    "update log_entries set entry = sha256(entry)",
    "delete from log_entries",
    "update log_nodes set hash = sha256(hash)",
    "delete from log_checkpoints",
    "update log_checkpoints set note = 'another'",
    "update log_checkpoints set root = sha256(root)",
  ])("the database itself refuses: %s", async (statement) => {
    await payAndCollect(wallet, 1);
    await payInBulk(wallet, 255);
    await append(world);
    await expect(world.database.query(statement)).rejects.toThrow("append-only");
  });

  test("the check tells what is wrong: an exchanged proof, a checkpoint of another log", async () => {
    await payAndCollect(wallet, 2);
    await append(world);
    const { note } = await published(world);
    expect(await check(world, note)).toMatchObject({ faults: [] });
    const forged = note.replace("\n2\n", "\n1\n");
    expect((await check(world, forged)).faults.join()).toContain("does not verify");
    await tamper("update payments set document = 'another proof' where count = 0");
    expect((await check(world)).faults.join()).toContain("is not the hash of its payment's proof");
  });

  test("a database restored from before a checkpoint that was published is told by it", async () => {
    await payAndCollect(wallet, 2);
    await append(world);
    const { note } = await published(world);
    await tamper("delete from log_checkpoints where size > 0");
    await tamper("delete from log_entries");
    await tamper("delete from merchant_payments");
    await tamper("delete from payments");
    await payAndCollect(wallet, 2);
    await append(world);
    expect((await check(world)).faults).toEqual([]);
    expect((await check(world, note)).faults.join()).toContain("the checkpoint from elsewhere");
  });
});
