/** {@link ProtocolCrypto} from node:crypto: for servers. */
import { type KeyObject, verify } from "node:crypto";
import type { CipherSuite } from "hpke";
import type { ProtocolCrypto } from "../crypto.ts";
import { nodeAes128Gcm } from "./aes-gcm.ts";
import { setUpRecipient } from "./hpke-recipient.ts";
import { nodeHpkeSuite } from "./hpke-suite.ts";
import { publicKeyFromRaw } from "./public-key.ts";

/** The node:crypto suite. All randomness, ephemeral keys included, comes from `randomBytes`. */
export function nodeCrypto(randomBytes: (length: number) => Uint8Array): ProtocolCrypto {
  return {
    // The suite only ever meets keys that it made itself.
    suite: nodeHpkeSuite(randomBytes) as unknown as CipherSuite,
    setUpRecipient,
    aead: nodeAes128Gcm,
    randomBytes,
    verifyEd25519(publicKey, message, signature) {
      if (signature.length !== 64 || !isSoundPublicKey(publicKey)) return false;
      let key: KeyObject;
      try {
        key = publicKeyFromRaw("Ed25519", publicKey);
      } catch {
        return false;
      }
      return verify(null, message, key, signature);
    },
  };
}

/**
 * The same verification on the threads of Node's pool: for many signatures at once, in a process that has other things to
 * answer meanwhile.
 */
export function verifyEd25519InPool(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== 64 || !isSoundPublicKey(publicKey)) return Promise.resolve(false);
  return new Promise((resolve) => {
    try {
      const key = publicKeyFromRaw("Ed25519", publicKey);
      verify(null, message, key, signature, (error, sound) => resolve(error === null && sound));
    } catch {
      resolve(false);
    }
  });
}

/** y of the points of small order, the sign of x masked out. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/**
 * Whether an Ed25519 public key is canonical and not of small order. Under the others signatures of anything
 * can be made without a private key; OpenSSL before 3.5 (Node 22) does not refuse them by itself.
 */
export function isSoundPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  const y = Buffer.from(publicKey);
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31);
  // p = 2^255 - 19: least significant byte 0xed, then 0xff, 0x7f at the end.
  const reduced =
    y.readUInt8(0) < 0xed || y.readUInt8(31) !== 0x7f || y.subarray(1, 31).some((b) => b !== 0xff);
  return reduced && !SMALL_ORDER.has(y.toString("hex"));
}
