/** Fresh identifiers. */
import { toBase64url } from "@chit/protocol";
import type { Platform } from "./platform.ts";

/** 16 random bytes as base64url: accounts, devices, payments, merchants, certificates, applications. */
export function newIdentifier(platform: Pick<Platform, "randomBytes">): string {
  return toBase64url(platform.randomBytes(16));
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
