/** `#hashes` on node:crypto, a tenth of the time: for servers. `noble/hashes.ts` is the same for browsers. */
import { createHmac, hash, hkdfSync } from "node:crypto";

/** SHA-256 (FIPS 180-4); 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return plain(hash("sha256", data, "buffer"));
}

/** HMAC-SHA256 (RFC 2104); 32 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return plain(createHmac("sha256", key).update(data).digest());
}

/** HKDF-SHA256 (RFC 5869), extract and expand; `length` bytes. */
export function hkdfSha256(
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", ikm, salt, info, length));
}

/** Not a Buffer: its `slice`, `toString` and equality are others. */
function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
