/**
 * A wallet, a TPS and a shop that speak HTTP with each other, on one clock that the test holds. The wallet runs
 * on the real IndexedDB code (an IndexedDB in memory) and can be killed at any of its effects.
 */
import "fake-indexeddb/auto";
import { createHash } from "node:crypto";
import { nobleCrypto } from "@chit/protocol/noble";
import { IDBFactory } from "fake-indexeddb";
import { expect, vi } from "vitest";
import { deviceKeys } from "../../src/background/device-keys.ts";
import { webGoodsCipher } from "../../src/background/goods-cipher.ts";
import { goodsStore } from "../../src/background/goods-store.ts";
import { idbStore, openWalletDatabase } from "../../src/background/idb-store.ts";
import { activate, refreshStatus } from "../../src/cts/account.ts";
import type { CtsDeps } from "../../src/cts/deps.ts";
import type { Account, Purchase, PurchaseStateName } from "../../src/cts/records.ts";
import { rememberingStore } from "../../src/cts/remembering-store.ts";
import { createWallet, type Wallet } from "../../src/cts/wallet.ts";
import { openGoodsDatabase } from "../../src/goods-copy.ts";
import { TestMts } from "./mts.ts";
import { TestTps } from "./tps.ts";

export const PIN = "314159";

/** A stream of bytes that a seed determines. */
export function seededBytes(seed: string): (length: number) => Uint8Array<ArrayBuffer> {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 32) {
      const block = createHash("sha256").update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, Math.min(32, length - offset)), offset);
    }
    return bytes;
  };
}

/** One life of the wallet, from start to kill. */
export interface Life {
  readonly deps: CtsDeps;
  readonly wallet: Wallet;
  /** Names of the effects so far, in order. */
  readonly effects: string[];
  readonly alive: () => boolean;
  kill(): void;
}

/** Where to kill: the `at`th effect, before it is done or after (its result never arrives). */
export interface KillPoint {
  readonly at: number;
  readonly when: "before" | "after";
}

export interface World {
  readonly tps: TestTps;
  readonly mts: TestMts;
  readonly clock: { now: number };
  /** While true, pauses of the wallet last until it is poked. */
  hold: { pauses: boolean };
  /** Starts the wallet on its disk, as it is; kills the life before. */
  start(killPoint?: KillPoint): Promise<Life>;
  stop(): Promise<void>;
}

const forever = new Promise<never>(() => undefined);

export async function createWorld(seed = "world"): Promise<World> {
  globalThis.indexedDB = new IDBFactory();
  const clock = { now: 1_800_000_000 };
  const hold = { pauses: false };
  const random = seededBytes(seed);
  const tps = new TestTps(random, () => clock.now);
  await tps.start();
  const mts = new TestMts(random, () => clock.now, tps);
  await mts.start();
  let current: Life | null = null;
  return {
    tps,
    mts,
    clock,
    hold,
    async start(killPoint) {
      current?.kill();
      current = await startLife(clock, hold, seededBytes(`${seed}/wallet`), killPoint);
      return current;
    },
    async stop() {
      current?.kill();
      await tps.server.stop();
      await mts.server.stop();
    },
  };
}

async function startLife(
  clock: { now: number },
  hold: { pauses: boolean },
  random: (length: number) => Uint8Array<ArrayBuffer>,
  killPoint?: KillPoint,
): Promise<Life> {
  const database = await openWalletDatabase();
  const goodsDatabase = await openGoodsDatabase();
  const effects: string[] = [];
  let alive = true;

  /** An effect that a kill may come before or after; a dead wallet does and hears nothing. */
  async function effect<T>(name: string, act: () => Promise<T>): Promise<T> {
    if (!alive) return forever;
    const number = effects.push(name);
    const hit = killPoint?.at === number;
    if (hit && killPoint.when === "before") {
      alive = false;
      return forever;
    }
    const result = await act().catch((error: unknown) => (alive ? Promise.reject(error) : forever));
    if (hit) alive = false;
    return alive ? result : forever;
  }

  const store = rememberingStore(idbStore(database));
  const goods = goodsStore(goodsDatabase);
  const deps: CtsDeps = {
    store: {
      ...store,
      transact: (change) => effect("commit", () => store.transact(change)),
      purchase: (id) => (alive ? store.purchase(id) : forever),
    },
    goods: {
      ...goods,
      append: (...input) => effect("append goods", () => goods.append(...input)),
      markVerified: (...input) => effect("verify goods", () => goods.markVerified(...input)),
    },
    deviceKeys: deviceKeys(database, crypto.subtle),
    crypto: nobleCrypto((length) => crypto.getRandomValues(random(length))),
    goodsCipher: webGoodsCipher(crypto.subtle),
    sha256: async (whole) => createHash("sha256").update(whole).digest(),
    fetch: (url, init) => effect(`fetch ${new URL(url).pathname}`, () => fetch(url, init)),
    timeout: () => new AbortController().signal,
    nowSeconds: () => clock.now,
    async sleep(seconds, signal) {
      if (!alive) return forever;
      while (hold.pauses && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 2));
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (!signal.aborted) clock.now += Math.ceil(seconds);
    },
    changed: () => undefined,
  };
  const wallet = createWallet(deps);
  await wallet.runner.resumeAll();
  await wallet.refunds.resumeAll();
  return {
    deps,
    wallet,
    effects,
    alive: () => alive,
    kill() {
      alive = false;
      database.close();
      goodsDatabase.close();
    },
  };
}

/** A wallet with an activated account whose PIN is {@link PIN}. */
export async function withAccount(world: World, life: Life): Promise<Account> {
  const { accountKey } = await activate(life.deps, world.tps.link, "Chromium on Linux");
  world.tps.setPin(PIN);
  return refreshStatus(life.deps, accountKey);
}

/** A shop's page points at a quote; the wallet takes it. */
export async function offered(world: World, life: Life, quoteUrl = world.mts.offer()) {
  const pageOrigin = world.mts.server.origin;
  const taken = await life.wallet.takeQuote({ quoteUrl, pageOrigin, tabId: 1 });
  if (taken.kind !== "offered") throw new Error(JSON.stringify(taken));
  return taken.purchase;
}

/** Presses Pay. */
export async function pay(
  life: Life,
  purchase: Purchase,
  pin = PIN,
  recognise = false,
): Promise<void> {
  const [account] = await life.deps.store.accounts();
  if (account === undefined) throw new Error("No account.");
  await life.wallet.pay({
    purchaseId: purchase.purchaseId,
    accountKey: account.accountKey,
    pin,
    address: null,
    recognise,
  });
}

/** The purchase once it is in this state (and waits for `waiting`, if that is given). */
export function reached<S extends PurchaseStateName>(
  life: Life,
  { purchaseId }: { purchaseId: string },
  state: S,
  waiting?: string,
): Promise<Extract<Purchase, { state: S }>> {
  return vi.waitFor(
    async () => {
      const purchase = await life.deps.store.purchase(purchaseId);
      const found = { state: purchase?.state, waiting: purchase?.waiting?.code };
      expect(found).toEqual({ state, waiting: waiting ?? found.waiting });
      return purchase as Extract<Purchase, { state: S }>;
    },
    { timeout: 15_000, interval: 3 },
  );
}

export async function accountOf(life: Life): Promise<Account> {
  const [account] = await life.deps.store.accounts();
  if (account === undefined) throw new Error("No account.");
  return account;
}
