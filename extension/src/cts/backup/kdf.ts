/** From the passphrase to the keys of a backup file. Argon2id (RFC 9106), so that trying costs memory as well as time. */
import { LABELS, labelledKey, labelledMac, utf8 } from "@chit/protocol";
import { argon2idAsync } from "@noble/hashes/argon2.js";
import { canonicalPassphrase } from "./passphrase.ts";

/** Parameters of Argon2id as the file's header has them. */
export interface KdfParameters {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

/** RFC 9106, section 4, second recommended option; about 1.8 s in Chromium on the machine that built this. */
export const KDF_CHOICE = { memory: 65_536, passes: 3, lanes: 4 } as const;

/** So long at most does the work go on before the page may do something else, in milliseconds. */
const TURN_MS = 20;

/** Derives the file's secret, 32 bytes; `progress` gets shares from 0 to 1. The page stays alive meanwhile. */
export function deriveSecret(
  passphrase: string,
  { memory, passes, lanes, salt }: KdfParameters,
  progress: (share: number) => void,
): Promise<Uint8Array> {
  return argon2idAsync(utf8(canonicalPassphrase(passphrase)), salt, {
    m: memory,
    t: passes,
    p: lanes,
    dkLen: 32,
    asyncTick: TURN_MS,
    onProgress: progress,
  });
}

/** By this the passphrase is told to be right before anything else is opened; it also commits to the key. */
export function passphraseCheck(secret: Uint8Array, head: Uint8Array): Uint8Array {
  return labelledMac(secret, LABELS.backupCheck, head);
}

/** Key of the file's stream. It depends on every byte of the head, which so is authenticated with each chunk. */
export function streamKey(secret: Uint8Array, salt: Uint8Array, head: Uint8Array): Uint8Array {
  return labelledKey(secret, salt, 32, LABELS.backup, head);
}
