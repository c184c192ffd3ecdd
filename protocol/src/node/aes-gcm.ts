/** AES-128-GCM (RFC 5116) on node:crypto, synchronous; the tag stands behind the ciphertext. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { AEAD } from "hpke";
import { concatBytes } from "../bytes.ts";

const TAG_BYTES = 16;

/** Seals `plaintext` under a key of 16 bytes and a nonce of 12 that the key has never seen. */
function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv("aes-128-gcm", key, nonce).setAAD(aad);
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

/** Opens what {@link seal} sealed. @throws {Error} when it was changed, or the associated data is another */
export function open(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const split = ciphertext.length - TAG_BYTES;
  if (split < 0) throw new Error("The ciphertext is shorter than its tag.");
  const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(aad)
    .setAuthTag(ciphertext.subarray(split));
  return concatBytes(decipher.update(ciphertext.subarray(0, split)), decipher.final());
}

/** The same as `hpke` wants to see it. */
export const nodeAes128Gcm: AEAD = {
  id: 0x0001,
  type: "AEAD",
  name: "AES-128-GCM",
  Nk: 16,
  Nn: 12,
  Nt: TAG_BYTES,
  Seal: async (key, nonce, aad, plaintext) => seal(key, nonce, aad, plaintext),
  Open: async (key, nonce, aad, ciphertext) => open(key, nonce, aad, ciphertext),
};
