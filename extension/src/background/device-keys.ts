/**
 * The device's Ed25519 keys, made by WebCrypto as non-extractable and kept in IndexedDB as such: whoever
 * copies the wallet's records with a script has no key, and neither has the wallet's own code.
 */
import type { DeviceKeys } from "../cts/store.ts";
import type { WalletDatabase } from "./idb-store.ts";

export function deviceKeys(database: WalletDatabase, subtle: SubtleCrypto): DeviceKeys {
  return {
    async create(keyId) {
      const known = await database.get("deviceKeys", keyId);
      if (known !== undefined) return known.publicKey;
      const pair = (await subtle.generateKey({ name: "Ed25519" }, false, [
        "sign",
        "verify",
      ])) as CryptoKeyPair;
      const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
      const transaction = database.transaction("deviceKeys", "readwrite", {
        durability: "strict",
      });
      // Two windows may have asked at once: the first key stays.
      const first = await transaction.store.get(keyId);
      if (first === undefined) {
        await transaction.store.put({ keyId, privateKey: pair.privateKey, publicKey });
      }
      await transaction.done;
      return first?.publicKey ?? publicKey;
    },
    async sign(keyId, message) {
      const key = await database.get("deviceKeys", keyId);
      if (key === undefined) throw new Error(`The device key ${keyId} is gone.`);
      const bytes = Uint8Array.from(message);
      return new Uint8Array(await subtle.sign({ name: "Ed25519" }, key.privateKey, bytes));
    },
    async remove(keyId) {
      await database.delete("deviceKeys", keyId);
    },
  };
}
