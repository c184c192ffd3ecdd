/** {@link ProtocolCrypto} from the noble libraries: for wallets, in browsers and in Node alike. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { AEAD_AES_128_GCM, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "@panva/hpke-noble";
import { CipherSuite } from "hpke";
import type { ProtocolCrypto } from "../crypto.ts";

/**
 * The noble suite. HPKE's ephemeral keys come from the library's own generator; everything else from
 * `randomBytes`.
 */
export function nobleCrypto(randomBytes: (length: number) => Uint8Array): ProtocolCrypto {
  return {
    suite: new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM),
    aead: AEAD_AES_128_GCM(),
    randomBytes,
    verifyEd25519(publicKey, message, signature) {
      try {
        // zip215 accepts encodings that RFC 8032 refuses; node:crypto refuses them, so both must.
        return ed25519.verify(signature, message, publicKey, { zip215: false });
      } catch {
        return false;
      }
    },
  };
}
