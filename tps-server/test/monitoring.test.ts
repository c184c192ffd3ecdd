/** What monitoring is told of the work apart from payments. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { readClearingState } from "../src/clearing/state.ts";
import { createMetrics, type Metrics } from "../src/http/metrics.ts";
import { rotateKey } from "../src/keys/rotate.ts";
import { LIMITS } from "../src/limits.ts";
import { readOperationsState } from "../src/operations-state.ts";
import { addPartitions } from "../src/partitions/partitions.ts";
import { cliOf } from "./support/cli.ts";
import { settleLater } from "./support/settlement.ts";
import { createWallet } from "./support/wallet.ts";
import { createWorld, random, type World } from "./support/world.ts";

let world: World;
let metrics: Metrics;
beforeEach(async () => {
  world = await createWorld();
  metrics = createMetrics();
  metrics.watchClearing(() => readClearingState(world.deps));
  metrics.watchOperations(() => readOperationsState(world.deps));
});
afterEach(() => world.close());

const cli = cliOf(
  () => world,
  () => ({
    platform: {
      nowSeconds: () => world.now,
      randomBytes: random,
      sleep: async () => undefined,
      every: () => () => undefined,
    },
  }),
);

/** The samples of one metric: its labels and its value. */
async function samples(name: string): Promise<string[]> {
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}
const value = async (name: string) => (await samples(name)).map((line) => line.split(" ")[1]);

test("what never happened is not exported: a time of 0 would be long ago", async () => {
  for (const name of ["chit_audit_sound", "chit_audit_ended_timestamp_seconds"]) {
    expect(await samples(name)).toEqual([]);
  }
  expect(await samples("chit_settlement_ended_timestamp_seconds")).toEqual([]);
});

test("an audit by the command tells when it was and whether the books were sound", async () => {
  const wallet = await createWallet(world);
  expect((await cli("audit")).code).toBe(0);
  expect(await samples("chit_audit_sound")).toEqual(["chit_audit_sound 1"]);
  expect(await value("chit_audit_ended_timestamp_seconds")).toEqual([String(world.now)]);
  await world.database.query("update accounts set balance = balance + 1 where account_id = $1", [
    wallet.accountId,
  ]);
  world.now += 60;
  const { code, said } = await cli("audit");
  expect([code, said]).toEqual([1, expect.stringContaining("books-differ")]);
  expect(await samples("chit_audit_sound")).toEqual(["chit_audit_sound 0"]);
  expect(await value("chit_audit_ended_timestamp_seconds")).toEqual([String(world.now)]);
});

test("a settlement tells when it ended", async () => {
  await settleLater(world);
  expect(await value("chit_settlement_ended_timestamp_seconds")).toEqual([String(world.now)]);
  expect(await value("chit_payments_held_back")).toEqual(["0"]);
});

test("of each purpose the key that ends last is told, and when the key list ends", async () => {
  const ends = async () =>
    Object.fromEntries(
      (await samples("chit_key_ends_timestamp_seconds")).map((line) => [
        /purpose="(\w+)"/.exec(line)?.[1],
        Number(line.split(" ")[1]) - world.now,
      ]),
    );
  const before = await ends();
  expect(before).toEqual({
    root: LIMITS.rootKeySeconds,
    signing: LIMITS.signingKeySeconds,
    sealing: LIMITS.sealingKeySeconds,
  });
  await rotateKey(world.deps, "sealing");
  expect(await ends()).toEqual({
    ...before,
    sealing: LIMITS.sealingKeySeconds + LIMITS.keyLeadSeconds,
  });
  expect(await value("chit_key_list_ends_timestamp_seconds")).toEqual([
    String(world.keyList().exp),
  ]);
});

test("how long payments have partitions in advance is told, also when it is over", async () => {
  const ahead = async () => Number((await value("chit_payments_partition_ahead_seconds"))[0]);
  await addPartitions(world.deps);
  const before = await ahead();
  expect(before).toBeGreaterThan(LIMITS.partitionsAhead * 28 * 86_400);
  world.now += 2 * before;
  expect(await ahead()).toBe(-before);
});

test("processes are counted by kind while they are heard of", async () => {
  const seen = (kind: string, holder: string) =>
    world.database.query(
      `insert into pin_key_holders (holder, kind, process, key_ids, seals_under, seen_at)
       values ($1, $2, $1, '{}', '', $3)`,
      [holder, kind, world.now],
    );
  await seen("tps", "a");
  await seen("tps", "b");
  await seen("vru", "c");
  const processes = () => samples("chit_processes");
  expect(await processes()).toEqual([
    'chit_processes{kind="tps"} 2',
    'chit_processes{kind="vru"} 1',
  ]);
  world.now += LIMITS.pinKeyHolderSeconds + 1;
  expect(await processes()).toEqual([
    'chit_processes{kind="tps"} 0',
    'chit_processes{kind="vru"} 0',
  ]);
});

test("while the database is away that is told, and the other figures stay as they were", async () => {
  expect(await value("chit_database_reachable")).toEqual(["1"]);
  const ends = await samples("chit_key_ends_timestamp_seconds");
  metrics.watchOperations(() => Promise.reject(new Error("No connection.")));
  expect(await value("chit_database_reachable")).toEqual(["0"]);
  expect(await samples("chit_key_ends_timestamp_seconds")).toEqual(ends);
});
