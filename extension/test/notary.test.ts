/** A purchase is notarized; the operator is held to the log that it showed before. */
import { logEntry, parseTilePath, verifyNotarization } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WalletError } from "../src/cts/errors.ts";
import { createNotary, type Notary } from "../src/cts/notary.ts";
import { TestLog } from "./support/log.ts";
import {
  createWorld,
  type Life,
  offered,
  pay,
  reached,
  type World,
  withAccount,
} from "./support/world.ts";

let world: World;
let life: Life;
let log: TestLog;
let notary: Notary;
let purchaseId: string;
let proof: string;

beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
  const purchase = await offered(world, life);
  await pay(life, purchase);
  ({ purchaseId, proof } = await reached(life, purchase, "complete"));
  log = new TestLog(world.tps);
  notary = createNotary(life.deps);
});
afterEach(() => world.stop());

const { stringify } = JSON;
const known = () => life.deps.store.log(world.tps.server.origin);
const verify = (text: string) =>
  verifyNotarization(world.tps.crypto, world.tps.root.publicKey, text);

async function notarized(): Promise<{ filename: string; text: string }> {
  const result = await notary.notarize(purchaseId);
  if (result.outcome !== "notarized") throw new Error(stringify(result));
  return result;
}

async function alarm(): Promise<{ reason: string; text: string }> {
  const result = await notary.notarize(purchaseId);
  if (result.outcome !== "alarm") throw new Error(stringify(result));
  return result;
}

const code = (error: unknown) => (error instanceof WalletError ? error.code : String(error));
const refusal = () => notary.notarize(purchaseId).then(stringify, code);

describe("notarizing", () => {
  test("gives a file that verifies off line, over the borders of tiles", async () => {
    log.fill(255);
    log.entries.push(logEntry(proof));
    log.fill(300);
    await log.publish(world.clock.now);
    const { filename, text } = await notarized();
    expect(filename).toMatch(/^payment-2027-01-15-[\w-]{8}\.tlog-proof$/);
    expect(verify(text)).toMatchObject({
      index: 255,
      checkpoint: { size: 556, at: world.clock.now },
      certificate: { name: "Paper & Ink" },
    });
    expect((await known())?.checkpoint).toContain("\n556\n");
  });

  test("asks the log for public addresses alone: entry, checkpoint, tiles", async () => {
    log.entries.push(logEntry(proof));
    log.fill(2);
    await log.publish(world.clock.now);
    const before = world.tps.server.received.length;
    await notarized();
    const asked = world.tps.server.received.slice(before);
    for (const { method, path, headers, body } of asked) {
      expect([method, body.length]).toEqual(["GET", 0]);
      expect(path).toMatch(/^\/(\.well-known\/chit\/keys|log\/[\w./-]+)$/);
      const { cookie, authorization, referer } = headers;
      expect([cookie, authorization, referer]).toEqual([undefined, undefined, undefined]);
    }
    const [account] = await life.deps.store.accounts();
    const told = stringify(asked.map(({ path, headers }) => [path, headers]));
    for (const secret of [account?.accountId, account?.deviceId])
      expect(told).not.toContain(secret);
  });

  test("says when to come back where the log does not have the payment yet", async () => {
    log.fill(3);
    await log.publish(world.clock.now);
    expect(await notary.notarize(purchaseId)).toEqual({ outcome: "awaited", seconds: 90 });
    log.entries.push(logEntry(proof));
    await log.publish(world.clock.now + 60);
    expect(verify((await notarized()).text).index).toBe(3);
  });

  test("is for payments that were made", async () => {
    const unpaid = await offered(world, life, world.mts.offer());
    const notarize = notary.notarize(unpaid.purchaseId);
    expect(await notarize.catch(code)).toBe("wrong-state");
    expect(await notary.notarize(world.tps.id()).catch(code)).toBe("unknown-purchase");
  });
});

describe("what does not verify", () => {
  beforeEach(async () => {
    log.entries.push(logEntry(proof));
    log.fill(299);
    await log.publish(world.clock.now);
  });
  const flip = (bytes: Uint8Array) =>
    Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));

  test.each([
    ["tiles that are not the log's", flip],
    ["tiles of another length", (bytes: Uint8Array) => bytes.slice(32)],
    ["no tiles", () => new Uint8Array()],
  ])("%s: nothing is saved, and no alarm is raised", async (_what, spoil) => {
    log.spoil = (bytes, path) => (parseTilePath(path.slice(5))?.index === 0 ? spoil(bytes) : bytes);
    expect(await refusal()).toBe("log-unreadable");
    log.spoil = (bytes) => bytes;
    await notarized();
    log.fill(300);
    await log.publish(world.clock.now);
    log.spoil = spoil;
    expect(await refusal()).toBe("log-unreadable");
    expect((await known())?.contradictions).toEqual([]);
  });

  test("a checkpoint by a key that is not the operator's, or from the future", async () => {
    const { signer } = world.tps;
    world.tps.signer = nodeSigner(new Uint8Array(32).fill(3));
    await log.publish(world.clock.now);
    world.tps.signer = signer;
    expect(await refusal()).toBe("log-unreadable");
    await log.publish(world.clock.now + 301);
    expect(await refusal()).toBe("log-unreadable");
    expect(await known()).toBeUndefined();
  });

  test("an operator that cannot be reached is told as such", async () => {
    world.tps.server.fault = () => "down";
    expect(await refusal()).toBe("issuer-unreachable");
  });
});

describe("a log that is not what it was", () => {
  let first: string;
  beforeEach(async () => {
    log.entries.push(logEntry(proof));
    log.fill(4);
    first = await log.publish(world.clock.now);
    await notarized();
  });

  test("going on is fine, however far, and what is known goes on with it", async () => {
    for (const more of [0, 1, 3, 300]) {
      log.fill(more);
      await log.publish(world.clock.now);
      await notarized();
      expect((await known())?.checkpoint).toContain(`\n${log.entries.length}\n`);
    }
    expect((await known())?.contradictions).toEqual([]);
  });

  test.each([
    ["an entry exchanged, none more", 0],
    ["an entry exchanged, one more", 1],
    ["an entry exchanged, many more", 300],
  ])("%s: a fork, told and kept as evidence", async (_what, more) => {
    log.entries[2] = logEntry("another proof");
    log.fill(more);
    const shown = await log.publish(world.clock.now + 1);
    const { reason, text } = await alarm();
    expect(reason).toBe("forked");
    expect(text).toContain(first);
    expect(text).toContain(shown);
    expect(await known()).toMatchObject({
      checkpoint: first,
      contradictions: [{ known: first, shown, seenAt: world.clock.now }],
    });
    // It is told again, and kept once.
    await alarm();
    expect((await known())?.contradictions).toHaveLength(1);
  });

  test("a fork beside a power of two is one as well", async () => {
    log.fill(3);
    await log.publish(world.clock.now);
    await notarized();
    log.entries[7] = logEntry("another proof");
    log.fill(8);
    await log.publish(world.clock.now);
    expect((await alarm()).reason).toBe("forked");
  });

  test("entries taken away: shrunk, unless a cache was behind for a moment", async () => {
    const all = [...log.entries];
    log.entries.length = 3;
    const shown = await log.publish(world.clock.now);
    expect((await alarm()).reason).toBe("shrunk");
    expect((await known())?.contradictions).toMatchObject([{ known: first, shown }]);
    const { sleep } = life.deps;
    const patient = createNotary({
      ...life.deps,
      sleep: async (seconds, signal) => {
        log.entries.splice(0, 3, ...all);
        await log.publish(world.clock.now);
        await sleep(seconds, signal);
      },
    });
    expect((await patient.notarize(purchaseId)).outcome).toBe("notarized");
  });

  test("the evidence outlives the wallet, and is not without end", async () => {
    for (let other = 0; other < 15; other++) {
      log.entries[2] = logEntry(`proof ${other}`);
      await log.publish(world.clock.now);
      await alarm();
    }
    life = await world.start();
    notary = createNotary(life.deps);
    expect((await known())?.contradictions).toHaveLength(10);
    expect((await alarm()).reason).toBe("forked");
  });

  test("two at once are held against each other", async () => {
    const again = [notary.notarize(purchaseId), notary.notarize(purchaseId)];
    const outcomes = (await Promise.all(again)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["notarized", "notarized"]);
  });
});

test("a purchase whose account is gone is notarized under another account of the operator", async () => {
  log.entries.push(logEntry(proof));
  await log.publish(world.clock.now);
  const [account] = await life.deps.store.accounts();
  if (account === undefined) throw new Error("No account.");
  await life.deps.store.transact((tx) => tx.putAccount({ ...account, accountKey: world.tps.id() }));
  await life.deps.store.removeAccount(account.accountKey);
  expect(verify((await notarized()).text).index).toBe(0);
  for (const { accountKey } of await life.deps.store.accounts()) {
    await life.deps.store.removeAccount(accountKey);
  }
  expect(await refusal()).toBe("unknown-account");
});
