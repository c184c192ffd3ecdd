/** Signed notes (c2sp.org/signed-note): lines of text, an empty line, a line for each signature. */

import { base64 } from "@scure/base";
import { sha256 } from "#hashes";
import { concatBytes, utf8 } from "../bytes.ts";
import { ChitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";

/** The signature types that we make and verify, by their registered bytes. */
export const NOTE_SIGNATURES = {
  /** Ed25519 over the note's text. */
  ed25519: 0x01,
  /** Ed25519 over text and time (c2sp.org/tlog-cosignature). */
  cosignature: 0x04,
} as const;

/** One signature line, not yet verified. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note taken apart, nothing of it verified. */
export interface Note {
  /** With the line feed at its end, as it is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
// Controls below U+0020 but the line feed.
const FORBIDDEN = /[^\n\u0020-\u{10ffff}]/u;

/** The id of an Ed25519 key of that name for one signature type: 4 bytes. */
export function noteKeyId(
  name: string,
  type: (typeof NOTE_SIGNATURES)[keyof typeof NOTE_SIGNATURES],
  publicKey: Uint8Array,
): Uint8Array {
  return sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(
    0,
    KEY_ID_BYTES,
  );
}

/** A note as it travels. `text` ends with a line feed. */
export function formatNote({ text, signatures }: Note): string {
  const lines = signatures.map(
    ({ name, keyId, signature }) => `— ${name} ${base64.encode(concatBytes(keyId, signature))}\n`,
  );
  return `${text}\n${lines.join("")}`;
}

/**
 * Takes a note apart.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function parseNote(note: string): Note {
  if (note.length > LIMITS.checkpointBytes) {
    throw new ChitError(
      "message-too-large",
      `A checkpoint has at most ${LIMITS.checkpointBytes} bytes.`,
    );
  }
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split("\n");
  if (end < 1 || lines.pop() !== "" || lines.length === 0) throw malformed("has no signatures");
  if (FORBIDDEN.test(note) || !note.isWellFormed()) throw malformed("has control characters");
  if (lines.length > LIMITS.checkpointSignatures) throw malformed("has too many signatures");
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || encoded === undefined)
    throw malformed("has a line that is no signature");
  const bytes = decodeBase64(encoded);
  if (bytes.length <= KEY_ID_BYTES) throw malformed("has an empty signature");
  return {
    name,
    keyId: bytes.subarray(0, KEY_ID_BYTES),
    signature: bytes.subarray(KEY_ID_BYTES),
  };
}

/** Base64 with padding (RFC 4648 section 4), strict. @throws {ChitError} `malformed-message` */
export function decodeBase64(text: string): Uint8Array {
  try {
    return base64.decode(text);
  } catch (cause) {
    throw new ChitError("malformed-message", "The text is not base64.", { cause });
  }
}

function malformed(why: string): ChitError {
  return new ChitError("malformed-message", `The signed note ${why}.`);
}
