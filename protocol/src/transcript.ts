/** Labelled, length-prefixed transcripts: the only way in which the protocol hashes, MACs and signs. */
import { hkdfSha256, hmacSha256, sha256 } from "#hashes";
import { utf8 } from "./bytes.ts";
import type { Label } from "./labels.ts";

const LENGTH_BYTES = 4;

/** Labels as bytes, encoded once: there are as many as the protocol has purposes. */
const encodedLabels = new Map<Label, Uint8Array>();

function bytesOf(label: Label): Uint8Array {
  const known = encodedLabels.get(label) ?? utf8(label);
  encodedLabels.set(label, known);
  return known;
}

/**
 * The label and every part, each behind its length (4 bytes, big-endian), so that no two different lists of
 * parts give the same bytes. Strings are taken as UTF-8.
 */
export function transcript(label: Label, ...parts: (Uint8Array | string)[]): Uint8Array {
  const fields = parts.map((part) => (typeof part === "string" ? utf8(part) : part));
  fields.unshift(bytesOf(label));
  const bytes = new Uint8Array(fields.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    view.setUint32(at, field.length);
    bytes.set(field, at + LENGTH_BYTES);
    at += LENGTH_BYTES + field.length;
  }
  return bytes;
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
  return hmacSha256(key, transcript(label, ...parts));
}

/** HKDF-SHA256 (RFC 5869) with the transcript as `info`; `length` bytes. */
export function labelledKey(
  ikm: Uint8Array,
  salt: Uint8Array,
  length: number,
  label: Label,
  ...parts: (Uint8Array | string)[]
): Uint8Array {
  return hkdfSha256(ikm, salt, transcript(label, ...parts), length);
}
