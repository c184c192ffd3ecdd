/** What is in a backup of a real wallet, and what is not. */
import {
  activationSecretHash,
  concatBytes,
  DEVICES_PATH,
  modifyPin,
  toBase64url,
} from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWalletDatabase } from "../../src/background/idb-store.ts";
import { inspectBackup } from "../../src/cts/backup/apply.ts";
import { prepareBackup } from "../../src/cts/backup/collect.ts";
import { readFrames } from "../../src/cts/backup/frames.ts";
import { readHead } from "../../src/cts/backup/head.ts";
import { recoveryLink, unconnectedAccounts } from "../../src/cts/former-accounts.ts";
import { backUp, bought, newComputer, openFile, restoreInto, underWay } from "../support/backup.ts";
import {
  accountOf,
  createWorld,
  type Life,
  PIN,
  seededBytes,
  type World,
  withAccount,
} from "../support/world.ts";

const random = seededBytes("contents");

let world: World;
let life: Life;
beforeEach(async () => {
  world = await createWorld();
  life = await world.start();
  await withAccount(world, life);
});
afterEach(() => world.stop());

/** Names and bytes of everything in a file. */
async function plaintextOf(file: Uint8Array): Promise<{ names: Set<string>; text: string }> {
  const chunks: Uint8Array[] = [];
  const opened = await openFile(file, {
    async open(...input) {
      const clear = await nodeGoodsCipher.open(...input);
      chunks.push(clear);
      return clear;
    },
  });
  await inspectBackup(opened);
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    for (const [name, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) names.add(name);
      walk(inner);
    }
  };
  async function* clear() {
    yield concatBytes(...chunks);
  }
  for await (const { kind, content } of readFrames(clear())) {
    if (kind === "record") walk(JSON.parse(Buffer.from(content).toString()));
  }
  return { names, text: Buffer.concat(chunks).toString("latin1") };
}

test("threat 25: in the opened file is no PIN, modifier, count, component or device key, by name or by value", async () => {
  await bought(world, life);
  const { request } = await underWay(world, life);
  const account = await accountOf(life);
  const { names, text } = await plaintextOf(await backUp(life));
  // The comparison below means something: session keys and the response secret are there.
  expect(text).toContain(toBase64url(request.responseSecret));
  expect([...names]).toEqual(expect.arrayContaining(["token", "proof", "recoverySecret"]));
  const forbidden =
    /^pin|Pin|[mM]odif|(^c|C)ount$|[cC]omponent|[gG]eneration|^device(?!Name$)|[cC]ondition|drift/;
  expect([...names].filter((name) => forbidden.test(name))).toEqual([]);
  if (!("component" in request)) throw new Error("The wallet's own request has a component.");
  const secrets = {
    modifier: account.modifier,
    nextModified: modifyPin(PIN, account.modifier),
    component: request.component,
    deviceKey: account.deviceKey,
  };
  expect(account.modifier.some((byte) => byte !== 0)).toBe(true);
  for (const [name, secret] of Object.entries(secrets)) {
    expect(text.includes(toBase64url(secret)), name).toBe(false);
    expect(text.includes(Buffer.from(secret).toString("latin1")), name).toBe(false);
  }
  expect(text.includes(PIN)).toBe(false);
  expect(text.includes(account.deviceId)).toBe(false);
});

test("nothing of the file can be read without the passphrase, not even how much of what is in it", async () => {
  await bought(world, life);
  const file = await backUp(life);
  const head = Buffer.from(file.subarray(0, readHead(file).length)).toString("latin1");
  expect(head).toMatch(/^chit-backup\n.{4}\{"v":1,"type":"backup","kdf":\{[^{}]*\}\}/s);
  expect(Buffer.from(file).includes(Buffer.from("Example Pay"))).toBe(false);
});

test("goods come with the file when they are wanted, and are the same bytes", async () => {
  world.mts.goods = random(2_500_000);
  const purchase = await bought(world, life);
  const goodsId = purchase.advice.goods[0]?.goodsId ?? "";
  const [small, large] = [await backUp(life), await backUp(life, true)];
  expect(large.length - small.length).toBeGreaterThan(2_500_000);
  const next = await newComputer(world);
  // A copy that an earlier try left behind is no hindrance.
  const subject = { purchaseId: purchase.purchaseId, goodsId, mediaType: "text/plain" };
  await next.deps.goods.append(subject, 0, random(65_536));
  expect(await restoreInto(next, large)).toMatchObject({ purchases: 1, goods: 1 });
  const runs: Uint8Array[] = [];
  for await (const run of next.deps.goods.read(purchase.purchaseId, goodsId)) runs.push(run);
  expect(concatBytes(...runs)).toEqual(world.mts.goods);
  const { verified } = await next.deps.goods.progress(purchase.purchaseId, goodsId);
  expect(verified).toBe(true);
});

test("an operator that does not answer, or knows no recovery, is no hindrance: the backup says so", async () => {
  world.tps.server.fault = ({ path }) => (path === DEVICES_PATH ? "lose" : undefined);
  await bought(world, life);
  const prepared = await prepareBackup(life.deps);
  expect(prepared.withoutRecovery).toEqual(["Example Pay"]);
  const file = await backUp(life);
  const next = await newComputer(world);
  await restoreInto(next, file);
  const [former] = await unconnectedAccounts(next.deps);
  expect(former).toMatchObject({ recoverySecret: null, facts: { operator: "Example Pay" } });
  await expect(recoveryLink(next.deps, former?.accountKey ?? "")).rejects.toMatchObject({
    code: "no-recovery",
  });
});

test("a secret that the operator withdrew gives way to another one, which is in the next backup", async () => {
  const secretIn = async (file: Uint8Array) => {
    await restoreInto(await newComputer(world), file);
    const [former] = await unconnectedAccounts((await world.start()).deps);
    return former?.recoverySecret ?? new Uint8Array();
  };
  const before = await backUp(life);
  expect((await prepareBackup(life.deps)).withoutRecovery).toEqual([]);
  expect(world.tps.invited).toHaveLength(1);
  world.tps.withdrawn = 1;
  const after = await backUp(life);
  expect((await accountOf(life)).recovery?.registered).toBe(true);
  expect(world.tps.invited).toHaveLength(2);
  const [withdrawn, fresh] = [await secretIn(before), await secretIn(after)];
  expect(world.tps.invited.map(toBase64url)).toEqual(
    [withdrawn, fresh].map((secret) => toBase64url(activationSecretHash(secret))),
  );
});

test("a record that came before accounts had a recovery secret is read, and the store of version 1 is brought up", async () => {
  const account = await accountOf(life);
  const { recovery: _, ...older } = account;
  globalThis.indexedDB = new IDBFactory();
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open("chit-wallet", 1);
    opening.onupgradeneeded = () => {
      const stores = { accounts: "accountKey", refusals: "refusalId", addresses: "addressId" };
      for (const [name, keyPath] of Object.entries(stores)) {
        opening.result.createObjectStore(name, { keyPath });
      }
      const purchases = opening.result.createObjectStore("purchases", { keyPath: "purchaseId" });
      for (const index of ["state", "quoteUrl", "createdAt"]) purchases.createIndex(index, index);
      opening.result.createObjectStore("settings");
      opening.result.createObjectStore("deviceKeys", { keyPath: "keyId" });
      opening.transaction?.objectStore("accounts").put(older);
    };
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
    opening.onerror = () => reject(opening.error);
  });
  const next = await world.start();
  expect(await next.deps.store.accounts()).toEqual([{ ...account, recovery: null }]);
  expect(await next.deps.store.formerAccounts()).toEqual([]);
  (await openWalletDatabase()).close();
});
