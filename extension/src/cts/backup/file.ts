/**
 * A backup file, written and read as a stream: however large the goods in it are, only some runs of them are in memory
 * at once. Damage, a missing end and a wrong passphrase are noticed; the reader is told which.
 */
import {
  equalBytes,
  messageBytes,
  openStream,
  parseMessage,
  type StreamCipher,
  sealStream,
} from "@chit/protocol";
import { WalletError } from "../errors.ts";
import { WALLET_LIMITS } from "../limits.ts";
import { type Frame, frameBytes, readFrames } from "./frames.ts";
import { damagedBackup, HEAD_BYTES_MOST, headBytes, readHead, wholeHead } from "./head.ts";
import { deriveSecret, KDF_CHOICE, type KdfParameters, passphraseCheck, streamKey } from "./kdf.ts";
import {
  type BackupRecord,
  backupRecordSchema,
  type GoodsRecord,
  type RecordJson,
} from "./records.ts";

/** What goes into a file, in its order: records, and behind a goods record the bytes of those goods. */
export type Entry = { readonly record: RecordJson } | { readonly run: Uint8Array };

export interface WriteDeps {
  readonly randomBytes: (length: number) => Uint8Array;
  readonly cipher: Pick<StreamCipher, "seal">;
  /** Other than {@link KDF_CHOICE} in tests alone, which make many files. */
  readonly kdf?: Omit<KdfParameters, "salt">;
}

/** Makes the key, and writes the file piece by piece. `keyProgress` gets shares from 0 to 1. */
export async function* writeBackup(
  deps: WriteDeps,
  passphrase: string,
  entries: AsyncIterable<Entry>,
  keyProgress: (share: number) => void,
): AsyncGenerator<Uint8Array> {
  const kdf = { ...(deps.kdf ?? KDF_CHOICE), salt: deps.randomBytes(16) };
  const secret = await deriveSecret(passphrase, kdf, keyProgress);
  const head = headBytes(kdf);
  yield wholeHead(head, passphraseCheck(secret, head));
  yield* sealStream(deps.cipher, streamKey(secret, kdf.salt, head), framesOf(entries), 0);
}

async function* framesOf(entries: AsyncIterable<Entry>): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    const frame: Frame =
      "run" in entry
        ? { kind: "run", content: entry.run }
        : { kind: "record", content: messageBytes(entry.record) };
    yield* frameBytes(frame);
  }
}

/** A file that is read from its beginning as often as asked. */
export interface BackupSource {
  /** The first bytes, at most so many. */
  front(most: number): Promise<Uint8Array>;
  /** Everything from this byte on. */
  from(offset: number): AsyncIterable<Uint8Array>;
}

/** What a file has in it, one after the other. */
export type ReadEntry =
  | { readonly record: Exclude<BackupRecord, GoodsRecord> }
  /** `runs` must be read to their end before the next entry. */
  | { readonly goods: GoodsRecord; readonly runs: AsyncIterable<Uint8Array> };

/** A file whose passphrase was right. */
export interface OpenedBackup {
  /** Everything in it, from the beginning, as often as asked. @throws {WalletError} `backup-damaged` */
  entries(): AsyncIterable<ReadEntry>;
}

/**
 * Makes the key from the passphrase and opens the file.
 *
 * @throws {WalletError} `backup-unknown`, `backup-newer`, `backup-damaged`, `backup-passphrase`
 */
export async function openBackup(
  cipher: Pick<StreamCipher, "open">,
  source: BackupSource,
  passphrase: string,
  keyProgress: (share: number) => void,
): Promise<OpenedBackup> {
  const head = readHead(await source.front(HEAD_BYTES_MOST));
  const secret = await deriveSecret(passphrase, head.kdf, keyProgress);
  if (!equalBytes(passphraseCheck(secret, head.bytes), head.check)) {
    throw new WalletError("backup-passphrase", "This is not the passphrase of this backup.");
  }
  const key = streamKey(secret, head.kdf.salt, head.bytes);
  return {
    entries() {
      const clear = openStream(cipher, key, source.from(head.length), 0, damagedBackup);
      return readEntries(readFrames(clear));
    },
  };
}

async function* readEntries(frames: AsyncGenerator<Frame>): AsyncGenerator<ReadEntry> {
  try {
    let first = true;
    for (;;) {
      const { done, value } = await frames.next();
      if (done) break;
      const record = readRecord(value);
      if ((record.kind === "about") !== first) throw damagedBackup();
      first = false;
      yield record.kind === "goods"
        ? { goods: record, runs: runsOf(frames, record.size) }
        : { record };
    }
    if (first) throw damagedBackup();
  } finally {
    await frames.return(undefined);
  }
}

function readRecord({ kind, content }: Frame): BackupRecord {
  if (kind !== "record") throw damagedBackup();
  try {
    return parseMessage(backupRecordSchema, content, WALLET_LIMITS.backupRecordBytes);
  } catch (cause) {
    throw damagedBackup(cause);
  }
}

/** The runs that follow a goods record, until its size is reached. */
async function* runsOf(frames: AsyncIterator<Frame>, size: number): AsyncGenerator<Uint8Array> {
  let missing = size;
  while (missing > 0) {
    const { done, value } = await frames.next();
    if (done || value.kind !== "run" || value.content.length === 0) throw damagedBackup();
    missing -= value.content.length;
    if (missing < 0) throw damagedBackup();
    yield value.content;
  }
}
