/**
 * {@link ProtocolCrypto} for wallets, in browsers and in Node alike. AES-GCM and X25519 are WebCrypto's: in JavaScript the
 * padded initiation alone takes longer than the rest of its message. What is short stays in JavaScript (noble), where no
 * call crosses threads; and Ed25519 verification, which is synchronous.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { KDF_HKDF_SHA256 } from "@panva/hpke-noble";
import { AEAD_AES_128_GCM, CipherSuite, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";
import { concatBytes, equalBytes } from "../bytes.ts";
import type { ProtocolCrypto } from "../crypto.ts";

const SIGNATURE_BYTES = 64;

/**
 * The wallet's suite. HPKE's ephemeral keys come from the library's own generator; everything else from
 * `randomBytes`.
 */
export function nobleCrypto(randomBytes: (length: number) => Uint8Array): ProtocolCrypto {
  const suite: CipherSuite = new CipherSuite(
    KEM_DHKEM_X25519_HKDF_SHA256,
    KDF_HKDF_SHA256,
    AEAD_AES_128_GCM,
  );
  return {
    suite,
    async setUpRecipient(key, enc, info) {
      const context = await suite.SetupRecipient(key, enc, { info });
      return {
        open: (ciphertext, aad) => context.Open(ciphertext, aad),
        export: (exporterContext, length) => context.Export(exporterContext, length),
      };
    },
    aead: AEAD_AES_128_GCM(),
    randomBytes,
    verifyEd25519(publicKey, message, signature) {
      try {
        return fitsExactly(publicKey, message, signature);
      } catch {
        return false;
      }
    },
  };
}

/**
 * Whether `[S]B - [k]A` is `R` itself, to the byte. The library's own `verify` multiplies by the cofactor before it
 * compares, so that a signer could make signatures which it takes and OpenSSL refuses: a proof good for the wallet alone.
 * What is exact passes the library's comparison too, so this one computation is all.
 *
 * @throws for anything malformed: lengths, a key that is no canonical point, S beyond the order
 */
function fitsExactly(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const { Point } = ed25519;
  const r = signature.subarray(0, 32);
  const s = bytesToNumberLE(signature.subarray(32));
  // Without zip215: its encodings that RFC 8032 refuses, node:crypto refuses, so both must; and keys of small order.
  const a = Point.fromBytes(publicKey, false);
  if (a.isSmallOrder()) return false;
  const k = Point.Fn.create(bytesToNumberLE(sha512(concatBytes(r, publicKey, message))));
  const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
  return equalBytes(expected.toBytes(), r);
}
