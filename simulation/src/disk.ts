/** A computer's disk: the wallet's IndexedDB, in memory, and its device keys. It outlives the wallet, and can be copied. */
import "fake-indexeddb/auto";
import { type DeviceKeys, openGoodsDatabase, openWalletDatabase } from "@chit/extension/core";
import { nodeSigner } from "@chit/protocol/node";
import { IDBFactory } from "fake-indexeddb";
import type { Bytes } from "./chance.ts";

export interface Disk {
  readonly name: string;
  readonly factory: IDBFactory;
  /** Private device keys by name. (The browser's cannot be read, but they are copied with its profile.) */
  readonly keys: Map<string, Uint8Array>;
  readonly bytes: Bytes;
}

export function createDisk(name: string, bytes: Bytes): Disk {
  return { name, factory: new IDBFactory(), keys: new Map(), bytes };
}

/** Opens the databases of a disk, as the wallet does when it starts. */
export async function openDisk({ factory }: Disk) {
  // The wallet's code opens what is there globally, at once when it is called.
  globalThis.indexedDB = factory;
  const opening = [openWalletDatabase(), openGoodsDatabase()] as const;
  const [wallet, goods] = await Promise.all(opening);
  return { wallet, goods };
}

/** A copy, as of this moment. */
export async function copyDisk(disk: Disk, name: string, bytes: Bytes): Promise<Disk> {
  const copy: Disk = { ...createDisk(name, bytes), keys: new Map(disk.keys) };
  const from = await openDisk(disk);
  const to = await openDisk(copy);
  for (const part of ["wallet", "goods"] as const) {
    // Any record of any store: the types of the wallet's own schema say nothing here.
    const [source, target] = [from[part], to[part]] as unknown as [RawDatabase, RawDatabase];
    for (const store of source.objectStoreNames) {
      const [keys, values] = [await source.getAllKeys(store), await source.getAll(store)];
      const inside = source.transaction(store).store.keyPath !== null;
      for (const [index, value] of values.entries()) {
        await target.put(store, value, ...(inside ? [] : [keys[index]]));
      }
    }
    from[part].close();
    to[part].close();
  }
  return copy;
}

interface RawDatabase {
  readonly objectStoreNames: Iterable<string>;
  transaction(store: string): { store: { keyPath: unknown } };
  getAllKeys(store: string): Promise<unknown[]>;
  getAll(store: string): Promise<unknown[]>;
  put(store: string, value: unknown, key?: unknown): Promise<unknown>;
}

/** The device keys of a disk. */
export function deviceKeysOf({ keys, bytes }: Disk): DeviceKeys {
  const signerOf = (keyId: string) => {
    const seed = keys.get(keyId);
    if (seed === undefined) throw new Error(`The device key ${keyId} is gone.`);
    return nodeSigner(seed);
  };
  return {
    async create(keyId) {
      if (!keys.has(keyId)) keys.set(keyId, bytes(32));
      return signerOf(keyId).publicKey;
    },
    sign: async (keyId, message) => signerOf(keyId).sign(message),
    async remove(keyId) {
      keys.delete(keyId);
    },
  };
}
