/** The wallet's core as the extension puts it together, with Node's `fetch` and an IndexedDB in memory. */
import "fake-indexeddb/auto";
import { randomBytes, webcrypto } from "node:crypto";
import {
  type CtsDeps,
  createWallet,
  type DeviceKeys,
  goodsStore,
  idbStore,
  openGoodsDatabase,
  openWalletDatabase,
  type Purchase,
  type Wallet,
} from "@chit/extension/core";
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeGoodsCipher } from "@chit/protocol/node";

/** A wallet, and the surroundings of its core. */
export interface BenchWallet {
  readonly deps: CtsDeps;
  readonly wallet: Wallet;
  /** Resolves when a purchase is complete. @throws when it ends in any other way, or waits for a person */
  completed(purchaseId: string): Promise<Extract<Purchase, { state: "complete" }>>;
}

/** @param fetch where the wallet's requests go */
export async function openWallet(fetch: CtsDeps["fetch"]): Promise<BenchWallet> {
  const watchers = new Map<string, (purchase: Purchase) => void>();
  const deps: CtsDeps = {
    store: idbStore(await openWalletDatabase()),
    goods: goodsStore(await openGoodsDatabase()),
    deviceKeys: webKeys(),
    crypto: nobleCrypto((length) => Uint8Array.from(randomBytes(length))),
    goodsCipher: nodeGoodsCipher,
    sha256: async (whole) =>
      new Uint8Array(await webcrypto.subtle.digest("SHA-256", Uint8Array.from(whole))),
    fetch,
    nowSeconds: () => Math.floor(Date.now() / 1_000),
    timeout: (seconds) => AbortSignal.timeout(seconds * 1_000),
    sleep: () => Promise.reject(new Error("The wallet waits: something does not answer.")),
    changed: (purchase) => {
      if (purchase !== null) watchers.get(purchase.purchaseId)?.(purchase);
    },
  };
  return {
    deps,
    wallet: createWallet(deps),
    completed: (purchaseId) =>
      new Promise((resolve, reject) => {
        watchers.set(purchaseId, (purchase) => {
          const { state, waiting } = purchase;
          if (state === "complete") resolve(purchase);
          else if (state === "denied" || state === "failed" || waiting !== null) {
            reject(new Error(`The purchase is ${state}: ${JSON.stringify(waiting)}`));
          } else return;
          watchers.delete(purchaseId);
        });
      }),
  };
}

/** Device keys in WebCrypto, where the extension has them. */
function webKeys(): DeviceKeys {
  const { subtle } = webcrypto;
  const pairs = new Map<string, webcrypto.CryptoKeyPair>();
  const pairOf = async (keyId: string) => {
    const known = pairs.get(keyId);
    if (known !== undefined) return known;
    const made = await subtle.generateKey("Ed25519", false, ["sign"]);
    if (!("privateKey" in made)) throw new Error("Ed25519 keys come in pairs.");
    pairs.set(keyId, made);
    return made;
  };
  return {
    async create(keyId) {
      return new Uint8Array(await subtle.exportKey("raw", (await pairOf(keyId)).publicKey));
    },
    async sign(keyId, message) {
      const { privateKey } = await pairOf(keyId);
      return new Uint8Array(await subtle.sign("Ed25519", privateKey, Uint8Array.from(message)));
    },
    async remove(keyId) {
      pairs.delete(keyId);
    },
  };
}
