/**
 * Checkpoints of an issuer's log (c2sp.org/tlog-checkpoint): size and root of the tree, signed by a signing key of the
 * issuer's key list; twice, once plainly and once with the time (c2sp.org/tlog-cosignature). What is signed has line
 * feeds, which no JWS has, so that neither can be taken for a signed document of the same key.
 */
import { base64 } from "@scure/base";
import { concatBytes, equalBytes, uint64, utf8 } from "../bytes.ts";
import type { ProtocolCrypto, Signer } from "../crypto.ts";
import { ChitError } from "../errors.ts";
import type { KeyList } from "../key-list.ts";
import { LIMITS } from "../limits.ts";
import {
  decodeBase64,
  formatNote,
  NOTE_SIGNATURES,
  type NoteSignature,
  noteKeyId,
  parseNote,
} from "./note.ts";
import { HASH_BYTES } from "./tree.ts";

/** Where an issuer serves its log: the prefix of c2sp.org/tlog-tiles. */
export const LOG_PATH = "/log";
/** The newest checkpoint, `text/plain; charset=utf-8`. */
export const CHECKPOINT_PATH = `${LOG_PATH}/checkpoint`;

/** The log's name in checkpoints and signatures: its address without the scheme. */
export function logOrigin(issuer: string): string {
  return `${new URL(issuer).host}${LOG_PATH}`;
}

/** A state of a log. */
export interface Checkpoint {
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** A state of a log that its issuer signed. */
export interface SignedCheckpoint extends Checkpoint {
  /** When it was signed, in seconds. */
  readonly at: number;
}

const SIZE = /^(0|[1-9][0-9]{0,15})$/;

/** The text that is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${base64.encode(root)}\n`;
}

/**
 * Reads the text of a checkpoint; further lines are passed over.
 *
 * @throws {ChitError} `malformed-message`
 */
function parseCheckpointText(text: string): Checkpoint {
  const lines = text.slice(0, -1).split("\n");
  const [origin = "", size = "", root = ""] = lines;
  const hash = decodeBase64(root);
  const isWhole = SIZE.test(size) && Number.isSafeInteger(Number(size));
  if (lines.includes("") || !isWhole || hash.length !== HASH_BYTES) {
    throw new ChitError("malformed-message", "A checkpoint has three lines: origin, size, root.");
  }
  return { origin, size: Number(size), root: hash };
}

/** A private key with its public half (32 bytes), which the ids of its signatures are made of. */
export interface CheckpointSigner extends Signer {
  readonly publicKey: Uint8Array;
}

/** Signs a checkpoint at `at` (seconds). The caller never signs two of one size with different roots. */
export async function signCheckpoint(
  signer: CheckpointSigner,
  checkpoint: Checkpoint,
  at: number,
): Promise<string> {
  const text = checkpointText(checkpoint);
  const { origin: name } = checkpoint;
  const { ed25519, cosignature } = NOTE_SIGNATURES;
  const timed = await signer.sign(timedText(text, at));
  return formatNote({
    text,
    signatures: [
      {
        name,
        keyId: noteKeyId(name, ed25519, signer.publicKey),
        signature: await signer.sign(utf8(text)),
      },
      {
        name,
        keyId: noteKeyId(name, cosignature, signer.publicKey),
        signature: concatBytes(uint64(at), timed),
      },
    ],
  });
}

/** What a cosignature signs. */
function timedText(text: string, at: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${at}\n${text}`);
}

const TIME_BYTES = 8;

/** The time of a cosignature. @throws {ChitError} `malformed-message` when it has none, or one that no clock shows */
function timeOf(signature: Uint8Array): number {
  if (signature.length > TIME_BYTES) {
    const { buffer, byteOffset } = signature;
    const time = new DataView(buffer, byteOffset, TIME_BYTES).getBigUint64(0);
    if (time <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(time);
  }
  throw new ChitError("malformed-message", "A cosignature of the checkpoint has no time.");
}

/**
 * Verifies a checkpoint of the issuer's log: by one of the list's signing keys, plainly and with a time at which that
 * key signed. Signatures of others (witnesses) are passed over.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `transaction-mismatch` for another log,
 * `signing-key-unknown`, `authentication-failed`, `expired`
 */
export function verifyCheckpoint(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  list: KeyList,
  note: string,
): SignedCheckpoint {
  const { text, signatures } = parseNote(note);
  const checkpoint = parseCheckpointText(text);
  const origin = logOrigin(list.iss);
  if (checkpoint.origin !== origin) {
    throw new ChitError("transaction-mismatch", `The checkpoint is not one of the log ${origin}.`);
  }
  const own = signatures.filter(({ name }) => name === origin);
  for (const key of list.signingKeys) {
    const by = (type: (typeof NOTE_SIGNATURES)[keyof typeof NOTE_SIGNATURES]) => {
      const keyId = noteKeyId(origin, type, key.publicKey);
      return own.find((line) => equalBytes(line.keyId, keyId));
    };
    const [plain, timed] = [by(NOTE_SIGNATURES.ed25519), by(NOTE_SIGNATURES.cosignature)];
    if (plain === undefined || timed === undefined) continue;
    const at = verifyBoth(crypto, key.publicKey, text, plain, timed);
    const skew = LIMITS.clockSkewSeconds;
    if (at < key.notBefore - skew || at > key.notAfter + skew) {
      throw new ChitError("expired", "The checkpoint is dated outside of its key's time.");
    }
    return { ...checkpoint, at };
  }
  throw new ChitError(
    "signing-key-unknown",
    `The checkpoint is not signed by a key that ${list.iss} lists.`,
  );
}

/** @returns the time, in seconds */
function verifyBoth(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  publicKey: Uint8Array,
  text: string,
  plain: NoteSignature,
  timed: NoteSignature,
): number {
  const at = timeOf(timed.signature);
  const verifies =
    crypto.verifyEd25519(publicKey, utf8(text), plain.signature) &&
    crypto.verifyEd25519(publicKey, timedText(text, at), timed.signature.subarray(TIME_BYTES));
  if (verifies) return at;
  throw new ChitError("authentication-failed", "The checkpoint's signature does not verify.");
}
