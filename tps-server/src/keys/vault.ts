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

/** Seals under one of its keys; opens with any. */
export interface Vault {
  /** The ids of its keys, the one that seals first. */
  keyIds(): readonly string[];
  seal(value: Uint8Array, ...place: string[]): SealedValue;
  /** @throws {OperatorError} `outside-key-missing` when the key is not held or the value was changed or moved. */
  open(stored: SealedValue, ...place: string[]): Uint8Array;
}

/**
 * @param purpose what the vault is for; part of the associated data
 * @param keys 32 bytes each
 * @param sealUnder the id of the one that seals; the first one unless told
 * @throws {OperatorError} `setting-invalid`, `outside-key-missing`
 */
export function createVault(
  purpose: string,
  keys: readonly Uint8Array[],
  randomBytes: (length: number) => Uint8Array,
  sealUnder = keys[0] && outsideKeyId(keys[0]),
): Vault {
  if (sealUnder === undefined || keys.some((key) => key.length !== KEY_BYTES)) {
    throw new OperatorError("setting-invalid", `The ${purpose} key must have ${KEY_BYTES} bytes.`);
  }
  const byId = new Map(keys.map((key) => [outsideKeyId(key), key]));
  const current = byId.get(sealUnder);
  if (current === undefined) throw missingKey(purpose, sealUnder);
  const aad = (place: string[]) => utf8(JSON.stringify([purpose, ...place]));
  const keyIds = [sealUnder, ...[...byId.keys()].filter((keyId) => keyId !== sealUnder)];
  return {
    keyIds: () => keyIds,
    seal(value, ...place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", current, nonce).setAAD(aad(place));
      const sealed = [nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()];
      return { keyId: sealUnder, sealed: Buffer.concat(sealed) };
    },
    open({ keyId, sealed }, ...place) {
      const key = byId.get(keyId);
      if (key === undefined) throw missingKey(purpose, keyId);
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

function missingKey(purpose: string, keyId: string): OperatorError {
  return new OperatorError(
    "outside-key-missing",
    `The database holds values sealed under the ${purpose} key ${keyId}, which is not among the given ones. Restore the key file or variable that was in use.`,
  );
}

/** The fingerprint by which the database knows a key: 12 bytes of a hash, which tell nothing of it. */
export function outsideKeyId(key: Uint8Array): string {
  const digest = createHash("sha256").update("chit outside key").update(key).digest();
  return toBase64url(digest.subarray(0, 12));
}
