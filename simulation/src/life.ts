/** One life of a wallet, from its start to its kill, on a disk that was there before and stays behind. */
import { createHash } from "node:crypto";
import {
  type CtsDeps,
  createWallet,
  goodsStore,
  idbStore,
  type Purchase,
  type Wallet,
} from "@chit/extension/core";
import { nodeCrypto, nodeGoodsCipher } from "@chit/protocol/node";
import { type Disk, deviceKeysOf, openDisk } from "./disk.ts";
import type { Effects, Owner } from "./effects.ts";
import type { Post } from "./post.ts";
import type { Time } from "./time.ts";

/** What a wallet lives in. */
export interface Surroundings {
  readonly effects: Effects;
  readonly time: Time;
  readonly post: Post;
}

export interface Life extends Owner {
  readonly deps: CtsDeps;
  readonly wallet: Wallet;
}

type Store = CtsDeps["store"];
type Method = (...input: unknown[]) => Promise<unknown>;

const forever = new Promise<never>(() => undefined);

/**
 * Starts the wallet; it goes on with whatever it finds on its disk.
 *
 * @param clock the computer's clock
 * @param changed told of every purchase that was changed on disk
 */
export async function startLife(
  { effects, time, post }: Surroundings,
  disk: Disk,
  clock: () => number,
  changed: (purchase: Purchase) => void,
): Promise<Life> {
  const databases = await openDisk(disk);
  const owner = {
    alive: true,
    kill() {
      owner.alive = false;
      effects.dropOf(owner);
      time.dropOf(owner);
      databases.wallet.close();
      databases.goods.close();
    },
  };

  /** Reads, and writes on which no payment hangs: done at once; a dead wallet hears nothing. */
  async function look<T>(act: () => Promise<T>): Promise<T> {
    if (!owner.alive) return forever;
    try {
      const result = await effects.track(act());
      return owner.alive ? result : forever;
    } catch (error) {
      if (!owner.alive) return forever;
      throw error;
    }
  }

  /** Every method of the disk as `look` does it. */
  function lookedAt(whole: Store): Store {
    const methods = Object.entries(whole).map(([name, method]: [string, Method]) => [
      name,
      (...input: unknown[]) => look(() => method(...input)),
    ]);
    return Object.fromEntries(methods);
  }

  /** A write on which a payment hangs: the course decides when, and whether the wallet lives to see it. */
  function write<T>(name: string, act: () => Promise<T>): Promise<T> {
    if (!owner.alive) return forever;
    return new Promise((resolve, reject) => {
      effects.add(owner, name, async (fate) => {
        if (fate === "killed-before") return owner.kill();
        const done = await act().then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
        if (fate === "killed-after") owner.kill();
        else done();
      });
    });
  }

  const store = idbStore(databases.wallet);
  const goods = goodsStore(databases.goods);
  const deps: CtsDeps = {
    store: {
      ...lookedAt(store),
      transact: (change) => write("commit", () => store.transact(change)),
    },
    goods: {
      progress: (...input) => look(() => goods.progress(...input)),
      append: (...input) => write("append goods", () => goods.append(...input)),
      markVerified: (...input) => write("verify goods", () => goods.markVerified(...input)),
      remove: (...input) => look(() => goods.remove(...input)),
      async *read(...input) {
        const runs = goods.read(...input)[Symbol.asyncIterator]();
        for (;;) {
          const { done, value } = await look(() => runs.next());
          if (done) return;
          yield value;
        }
      },
    },
    deviceKeys: deviceKeysOf(disk),
    // The noble suite draws its ephemeral keys where no seed reaches; both suites answer to the same vectors.
    crypto: nodeCrypto(disk.bytes),
    goodsCipher: nodeGoodsCipher,
    sha256: async (whole) => createHash("sha256").update(whole).digest(),
    fetch: (url, init) => (owner.alive ? post.send(owner, url, init) : forever),
    nowSeconds: clock,
    // An answer that never comes is a lost one: the course says so.
    timeout: () => new AbortController().signal,
    sleep: (seconds, signal) => (owner.alive ? time.sleep(owner, seconds, signal) : forever),
    changed: (purchase) => {
      if (purchase !== null) changed(purchase);
    },
  };
  const wallet = createWallet(deps);
  await wallet.runner.resumeAll();
  return Object.assign(owner, { deps, wallet });
}
