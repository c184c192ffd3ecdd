/**
 * Values sealed under keys that are kept outside of the database (AES-256-GCM): private keys, and modified
 * PINs. A copy of the database alone opens none of them. The associated data names the value's place, so that
 * nobody can move it to another account, device or key.
 */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { toBase64url, utf8 } from "@chit/protocol";
import { OperatorError } from "../errors.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A value as it is stored, and the id of the outside key that opens it. */
export interface SealedValue {
  readonly keyId: string;
  /** Nonce (12), ciphertext, tag (16). */
  readonly sealed: Uint8Array;
}

/** Seals under the newest of its keys; opens with any. */
export interface Vault {
  seal(value: Uint8Array, ...place: string[]): SealedValue;
  /** @throws {OperatorError} `outside-key-missing` when the key is not held or the value was changed or moved. */
  open(stored: SealedValue, ...place: string[]): Uint8Array;
}

/**
 * @param purpose what the vault is for; part of the associated data
 * @param keys 32 bytes each; the first one seals
 */
export function createVault(
  purpose: string,
  keys: readonly Uint8Array[],
  randomBytes: (length: number) => Uint8Array,
): Vault {
  const byId = new Map(keys.map((key) => [outsideKeyId(key), key]));
  const [current] = byId;
  if (current === undefined || keys.some((key) => key.length !== KEY_BYTES)) {
    throw new OperatorError("setting-invalid", `The ${purpose} key must have ${KEY_BYTES} bytes.`);
  }
  const aad = (place: string[]) => utf8(JSON.stringify([purpose, ...place]));
  return {
    seal(value, ...place) {
      const [keyId, key] = current;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad(place));
      const sealed = [nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()];
      return { keyId, sealed: Buffer.concat(sealed) };
    },
    open({ keyId, sealed }, ...place) {
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new OperatorError(
          "outside-key-missing",
          `The database holds values sealed under the ${purpose} key ${keyId}, which is not among the given ones. Restore the key file or variable that was in use.`,
        );
      }
      const end = sealed.length - TAG_BYTES;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        })
          .setAAD(aad(place))
          .setAuthTag(sealed.subarray(end));
        return Buffer.concat([
          decipher.update(sealed.subarray(NONCE_BYTES, end)),
          decipher.final(),
        ]);
      } catch (cause) {
        throw new OperatorError(
          "outside-key-missing",
          `A value sealed under the ${purpose} key ${keyId} does not open: it was changed or moved in the database.`,
          { cause },
        );
      }
    },
  };
}

function outsideKeyId(key: Uint8Array): string {
  const digest = createHash("sha256").update("chit outside key").update(key).digest();
  return toBase64url(digest.subarray(0, 12));
}
