/**
 * Telephone passcodes: 8 random digits, stored hashed with Argon2id (RFC 9106) as a PHC string. Digits are few,
 * so the hash also takes a good while and much memory; the telephone unit caps the attempts.
 */
import { argon2, timingSafeEqual } from "node:crypto";
import type { Platform } from "../platform.ts";

/** OWASP's first recommendation for Argon2id. Memory in KiB. */
const COST = { memory: 47_104, passes: 1, parallelism: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const PHC =
  /^\$argon2id\$v=19\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Hashes a passcode under a fresh salt. */
export async function hashPasscode(
  platform: Pick<Platform, "randomBytes">,
  passcode: string,
): Promise<string> {
  const salt = platform.randomBytes(SALT_BYTES);
  const tag = await derive(passcode, salt, COST, TAG_BYTES);
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toPhc(salt)}$${toPhc(tag)}`;
}

/** Whether `passcode` is the one that was hashed; false as well for a hash that cannot be read. */
export async function verifyPasscode(passcode: string, hash: string): Promise<boolean> {
  const match = PHC.exec(hash);
  if (match === null) return false;
  const [, memory, passes, parallelism, salt = "", expected = ""] = match;
  const cost = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  const tag = Buffer.from(expected, "base64");
  return timingSafeEqual(
    await derive(passcode, Buffer.from(salt, "base64"), cost, tag.length),
    tag,
  );
}

/** A hash that no passcode fits, to spend the same time on a telephone id that does not exist. */
export const NO_PASSCODE_HASH = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${"A".repeat(22)}$${"A".repeat(43)}`;

function derive(
  passcode: string,
  salt: Uint8Array,
  cost: Cost,
  tagLength: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2("argon2id", { message: passcode, nonce: salt, tagLength, ...cost }, (error, tag) => {
      if (error === null) resolve(tag);
      else reject(error);
    });
  });
}

/** PHC strings use standard base64 without padding. */
function toPhc(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
