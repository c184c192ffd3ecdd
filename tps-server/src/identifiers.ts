/** Fresh identifiers. */
import { toBase64url } from "@chit/protocol";
import type { Platform } from "./platform.ts";

/**
 * 16 random bytes as base64url: accounts, devices, payments, merchants, certificates, applications. None begins
 * with `-`: operators and merchants type them on command lines, where that would be an option.
 */
export function newIdentifier(platform: Pick<Platform, "randomBytes">): string {
  for (;;) {
    const identifier = toBase64url(platform.randomBytes(16));
    if (!identifier.startsWith("-")) return identifier;
  }
}

/** `length` random decimal digits, each value equally likely. */
export function randomDigits(platform: Pick<Platform, "randomBytes">, length: number): string {
  let digits = "";
  while (digits.length < length) {
    for (const byte of platform.randomBytes(length)) {
      // 250 is the largest multiple of 10 in a byte; the rest would favour small digits.
      if (byte < 250 && digits.length < length) digits += String(byte % 10);
    }
  }
  return digits;
}
