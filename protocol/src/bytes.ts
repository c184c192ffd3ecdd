/** Byte strings: encoding, joining and comparing. Nothing here knows of the protocol. */
import { concatBytes } from "@noble/hashes/utils.js";
import { base64url } from "@scure/base";
import { ChitError } from "./errors.ts";

export { concatBytes };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * The text of UTF-8 `bytes`.
 *
 * @throws {ChitError} `malformed-message` when the bytes are no valid UTF-8.
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ChitError("malformed-message", "The bytes are not valid UTF-8.", { cause });
  }
}

/** Whether `a` and `b` are the same, in a time that depends on their lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** `value` as 4 bytes, the most significant first. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** `value` (a safe integer ≥ 0) as 8 bytes, the most significant first. */
export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64url(bytes: Uint8Array): string {
  const text = base64url.encode(bytes);
  return bytes.length % 3 === 0 ? text : text.slice(0, text.indexOf("=", text.length - 2));
}

/**
 * Decodes base64url without padding. Strict: one byte string has one text, so that a changed bit in the
 * unused tail of the last character is noticed.
 *
 * @throws {ChitError} `malformed-message` for any other character, padding or non-zero tail bits.
 */
export function fromBase64url(text: string): Uint8Array {
  try {
    // The padded form is what platforms decode by themselves, many times faster than a program.
    if (text.endsWith("=")) throw new Error("There is padding.");
    return base64url.decode(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  } catch (cause) {
    throw new ChitError("malformed-message", "The text is not base64url without padding.", {
      cause,
    });
  }
}
