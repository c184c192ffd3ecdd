/** Public keys of Curve25519 from their raw bytes. */
import { createPublicKey, type KeyObject } from "node:crypto";

/**
 * The key object of raw public bytes. By way of JWK (RFC 8037): OpenSSL takes the bytes as they are, in half of the
 * time that its decoder needs for DER, and a payment needs two.
 *
 * @throws {Error} when these are not 32 bytes
 */
export function publicKeyFromRaw(curve: "Ed25519" | "X25519", raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: curve, x }, format: "jwk" });
}
