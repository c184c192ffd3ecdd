/** Labelled, length-prefixed transcripts: the only way in which the protocol hashes, MACs and signs. */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, uint32, utf8 } from "./bytes.ts";
import type { Label } from "./labels.ts";

/**
 * The label and every part, each behind its length (4 bytes, big-endian), so that no two different lists of
 * parts give the same bytes. Strings are taken as UTF-8.
 */
export function transcript(label: Label, ...parts: (Uint8Array | string)[]): Uint8Array {
  const fields = [label, ...parts].map((part) => (typeof part === "string" ? utf8(part) : part));
  return concatBytes(...fields.flatMap((field) => [uint32(field.length), field]));
}

/** SHA-256 of the transcript; 32 bytes. */
export function labelledHash(label: Label, ...parts: (Uint8Array | string)[]): Uint8Array {
  return sha256(transcript(label, ...parts));
}

/** HMAC-SHA256 of the transcript under `key`; 32 bytes. */
export function labelledMac(
  key: Uint8Array,
  label: Label,
  ...parts: (Uint8Array | string)[]
): Uint8Array {
  return hmac(sha256, key, transcript(label, ...parts));
}

/** HKDF-SHA256 (RFC 5869) with the transcript as `info`; `length` bytes. */
export function labelledKey(
  ikm: Uint8Array,
  salt: Uint8Array,
  length: number,
  label: Label,
  ...parts: (Uint8Array | string)[]
): Uint8Array {
  return hkdf(sha256, ikm, salt, transcript(label, ...parts), length);
}
