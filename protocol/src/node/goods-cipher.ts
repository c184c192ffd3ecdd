import { createCipheriv, createDecipheriv } from "node:crypto";
import { concatBytes } from "../bytes.ts";
import { GOODS_TAG_BYTES, type GoodsCipher } from "../goods.ts";

/** {@link GoodsCipher} on node:crypto: AES-256-GCM, synchronous. */
export const nodeGoodsCipher: GoodsCipher = {
  seal(key, nonce, chunk) {
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    return concatBytes(cipher.update(chunk), cipher.final(), cipher.getAuthTag());
  },
  open(key, nonce, chunk) {
    const split = chunk.length - GOODS_TAG_BYTES;
    if (split < 0) throw new Error("The chunk is shorter than its tag.");
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAuthTag(chunk.subarray(split));
    return concatBytes(decipher.update(chunk.subarray(0, split)), decipher.final());
  },
};
