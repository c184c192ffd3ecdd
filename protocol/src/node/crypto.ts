/** {@link ProtocolCrypto} from node:crypto: for servers. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { CipherSuite } from "hpke";
import type { ProtocolCrypto } from "../crypto.ts";
import { nodeAes128Gcm, nodeHpkeSuite } from "./hpke-suite.ts";

const ED25519_SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** The node:crypto suite. All randomness, ephemeral keys included, comes from `randomBytes`. */
export function nodeCrypto(randomBytes: (length: number) => Uint8Array): ProtocolCrypto {
  return {
    // The suite only ever meets keys that it made itself.
    suite: nodeHpkeSuite(randomBytes) as unknown as CipherSuite,
    aead: nodeAes128Gcm,
    randomBytes,
    verifyEd25519(publicKey, message, signature) {
      if (signature.length !== 64) return false;
      let key: KeyObject;
      try {
        key = createPublicKey({
          key: Buffer.concat([ED25519_SPKI_PREFIX, publicKey]),
          format: "der",
          type: "spki",
        });
      } catch {
        return false;
      }
      return verify(null, message, key, signature);
    },
  };
}
