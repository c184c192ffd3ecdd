/**
 * The head of a backup file, in clear: nothing but what is needed to make the key from the passphrase. What is inside,
 * and how much of it, is told by nobody who cannot open it. `docs/BACKUP.md` is the format's description.
 *
 *     "chit-backup\n" (12 bytes) ‖ u32(len) ‖ header (compact JSON) ‖ check (32) ‖ sum (32) ‖ stream
 */
import {
  bytes,
  ChitError,
  concatBytes,
  equalBytes,
  LABELS,
  labelledHash,
  message,
  messageBytes,
  parseMessage,
  toBase64url,
  utf8,
  whole,
} from "@chit/protocol";
import * as v from "valibot";
import { WalletError } from "../errors.ts";
import { WALLET_LIMITS } from "../limits.ts";
import type { KdfParameters } from "./kdf.ts";

const MAGIC = utf8("chit-backup\n");
const CHECK_BYTES = 32;
const SUM_BYTES = 32;

const versionSchema = v.looseObject({ v: whole(1, Number.MAX_SAFE_INTEGER) });

/** The bounds keep a file that somebody else made from exhausting memory, or the reader's patience. */
const headerSchema = message({
  v: v.literal(1),
  type: v.literal("backup"),
  kdf: message({
    name: v.literal("argon2id"),
    memory: whole(WALLET_LIMITS.backupKdfMemoryLeast, WALLET_LIMITS.backupKdfMemoryMost),
    passes: whole(1, WALLET_LIMITS.backupKdfPasses),
    lanes: whole(1, WALLET_LIMITS.backupKdfLanes),
    salt: bytes(16),
  }),
});

/** A head as it was read. */
export interface Head {
  readonly kdf: KdfParameters;
  /** Magic, length and header, exactly. */
  readonly bytes: Uint8Array;
  readonly check: Uint8Array;
  /** Where the stream begins in the file. */
  readonly length: number;
}

/** The first part of the head; `check` is made of it. */
export function headBytes({ memory, passes, lanes, salt }: KdfParameters): Uint8Array {
  const kdf = { name: "argon2id", memory, passes, lanes, salt: toBase64url(salt) };
  const header = messageBytes({ v: 1, type: "backup", kdf });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, header.length);
  return concatBytes(MAGIC, length, header);
}

/** The whole head. */
export function wholeHead(head: Uint8Array, check: Uint8Array): Uint8Array {
  return concatBytes(head, check, sumOf(head, check));
}

/** Bytes from the front of a file that hold its head. */
export const HEAD_BYTES_MOST =
  MAGIC.length + 4 + WALLET_LIMITS.backupHeaderBytes + CHECK_BYTES + SUM_BYTES;

/**
 * Reads the head from the first bytes of a file.
 *
 * @throws {WalletError} `backup-unknown`: no backup; `backup-newer`: of a later version; `backup-damaged`
 */
export function readHead(front: Uint8Array): Head {
  if (!equalBytes(front.subarray(0, MAGIC.length), MAGIC)) {
    throw new WalletError("backup-unknown", "The file is no backup of a Chit wallet.");
  }
  const from = MAGIC.length + 4;
  const size =
    front.length < from ? 0 : new DataView(front.buffer, front.byteOffset).getUint32(MAGIC.length);
  const length = from + size + CHECK_BYTES + SUM_BYTES;
  if (size > WALLET_LIMITS.backupHeaderBytes || front.length < length) throw damagedBackup();
  const head = front.slice(0, from + size);
  const check = front.slice(from + size, from + size + CHECK_BYTES);
  if (!equalBytes(front.subarray(from + size + CHECK_BYTES, length), sumOf(head, check))) {
    throw damagedBackup();
  }
  return { kdf: readHeader(head.subarray(from)), bytes: head, check, length };
}

function readHeader(header: Uint8Array): KdfParameters {
  try {
    const version = parseMessage(versionSchema, header).v;
    if (version !== 1) {
      throw new WalletError("backup-newer", `The file is a backup of version ${version}.`);
    }
    const { memory, passes, lanes, salt } = parseMessage(headerSchema, header).kdf;
    return { memory, passes, lanes, salt };
  } catch (error) {
    if (error instanceof ChitError) throw damagedBackup(error);
    throw error;
  }
}

/** Notices damage before the passphrase is asked for: without it a changed salt would look like a wrong passphrase. */
function sumOf(head: Uint8Array, check: Uint8Array): Uint8Array {
  return labelledHash(LABELS.backupHead, head, check);
}

/** A file that was changed, cut short, or written by something else. */
export function damagedBackup(cause?: unknown): WalletError {
  const detail = cause instanceof Error ? cause.message : "The file was changed or cut short.";
  return new WalletError("backup-damaged", detail.slice(0, 300), { cause });
}
