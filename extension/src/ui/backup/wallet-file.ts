/**
 * Backup files at the page: it asks the background for records, joins them with the copies of goods, and writes or
 * reads the file as a stream. The work is done here, in a tab, because a background is stopped when it seems idle.
 */
import { fromBase64url, type GoodsCipher } from "@chit/protocol";
import { goodsStore } from "../../background/goods-store.ts";
import {
  applyBackup,
  type BackupInside,
  inspectBackup,
  type RestoreResult,
} from "../../cts/backup/apply.ts";
import { backupEntries } from "../../cts/backup/collect.ts";
import {
  type BackupSource,
  type OpenedBackup,
  openBackup,
  writeBackup,
} from "../../cts/backup/file.ts";
import { toFailure } from "../../cts/errors.ts";
import { openGoodsDatabase } from "../../goods-copy.ts";
import type {
  FailureView,
  WalletAnswers,
  WalletRequestMessage,
  WalletRequestName,
} from "../../messages.ts";
import { request } from "../request.ts";

/** What goes on, for the words and the bar. `share` from 0 to 1; null where nobody knows. */
export interface Progress {
  readonly phase: "accounts" | "key" | "write" | "read" | "apply";
  readonly share: number | null;
}
type Tell = (progress: Progress) => void;

export interface PageDeps {
  readonly cipher: GoodsCipher;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly nowSeconds: () => number;
}

/** A backup that was written. */
export interface MadeBackup {
  readonly file: Blob;
  readonly name: string;
  /** Operators that gave no answer. */
  readonly withoutRecovery: readonly string[];
}

/** Bytes that are gathered before they leave this page's memory for the browser's. */
const PIECE_BYTES = 4_194_304;
/** Bytes read from a file at once. */
const READ_BYTES = 1_048_576;

/** Makes a backup of everything that is here now. */
export async function makeBackup(
  deps: PageDeps,
  passphrase: string,
  options: { readonly withGoods: boolean; readonly goodsBytes: number },
  tell: Tell,
): Promise<MadeBackup> {
  tell({ phase: "accounts", share: null });
  const prepared = await ask("prepareBackup", {});
  const createdAt = deps.nowSeconds();
  const database = await openGoodsDatabase();
  try {
    const pages = {
      purchases: (purchaseIds: string[]) => ask("backupPurchases", { purchaseIds }),
      goods: goodsStore(database).read,
    };
    const { withGoods, goodsBytes } = options;
    const entries = backupEntries(pages, prepared, { createdAt, withGoods });
    const pieces = writeBackup(deps, passphrase, entries, (share) => tell({ phase: "key", share }));
    let written = 0;
    const file = await inBlobs(pieces, (length) => {
      written += length;
      const known = withGoods && goodsBytes > PIECE_BYTES;
      tell({ phase: "write", share: known ? Math.min(1, written / goodsBytes) : null });
    });
    const day = new Date(createdAt * 1_000).toISOString().slice(0, 10);
    const { withoutRecovery } = prepared;
    return { file, name: `chit-wallet-${day}.chitbackup`, withoutRecovery };
  } finally {
    database.close();
  }
}

/** One Blob of many: the browser keeps large ones on its disk. */
async function inBlobs(
  pieces: AsyncIterable<Uint8Array>,
  wrote: (length: number) => void,
): Promise<Blob> {
  const blobs: Blob[] = [];
  let held: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(Uint8Array.from(piece));
    size += piece.length;
    if (size < PIECE_BYTES) continue;
    blobs.push(new Blob(held));
    wrote(size);
    held = [];
    size = 0;
  }
  return new Blob([...blobs, ...held], { type: "application/octet-stream" });
}

/** A file whose passphrase was right and which was read to its end. */
export interface ReadBackup {
  readonly inside: BackupInside;
  /** Writes what is not here yet. May be repeated. */
  restore(tell: Tell): Promise<RestoreResult>;
}

/** Opens a backup and reads all of it; changes nothing. */
export async function readBackup(
  deps: PageDeps,
  file: File,
  passphrase: string,
  tell: Tell,
): Promise<ReadBackup> {
  let phase: "read" | "apply" = "read";
  let listen = tell;
  const source = sourceOf(file, (share) => listen({ phase, share }));
  const key = (share: number) => tell({ phase: "key", share });
  const opened = await openBackup(deps.cipher, source, passphrase, key);
  const inside = await inspectBackup(opened);
  return {
    inside,
    restore(tellRestore) {
      phase = "apply";
      listen = tellRestore;
      return alone(() => apply(opened));
    },
  };
}

async function apply(opened: OpenedBackup): Promise<RestoreResult> {
  const database = await openGoodsDatabase();
  try {
    return await applyBackup(opened, {
      records: (records) => ask("restoreRecords", { records }),
      async wanted(purchaseId, goodsId) {
        const wanted = await ask("wantedGoods", { purchaseId, goodsId });
        return wanted && { ...wanted, digest: fromBase64url(wanted.digest) };
      },
      goods: goodsStore(database),
    });
  } finally {
    database.close();
  }
}

/** Two tabs that restore at once would write each other's goods. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks.request("chit-restore", work) as Promise<T>;
}

function sourceOf(file: File, tell: (share: number) => void): BackupSource {
  const read = async (from: number, to: number) =>
    new Uint8Array(await file.slice(from, to).arrayBuffer());
  return {
    front: (most) => read(0, most),
    async *from(offset) {
      for (let at = offset; at < file.size; at += READ_BYTES) {
        tell(at / file.size);
        yield await read(at, at + READ_BYTES);
      }
    },
  };
}

/** The background refused. */
class AskError extends Error {
  override readonly name = "AskError";
  readonly failure: FailureView;

  constructor(failure: FailureView) {
    super(failure.detail);
    this.failure = failure;
  }
}

async function ask<N extends WalletRequestName>(
  name: N,
  input: WalletRequestMessage<N>["input"],
): Promise<WalletAnswers[N]> {
  const reply = await request(name, input);
  if (!reply.ok) throw new AskError(reply.failure);
  return reply.value;
}

/** Any error here as the pages show it. */
export function failureOf(error: unknown): FailureView {
  if (error instanceof AskError) return error.failure;
  const unreadable = error instanceof DOMException && error.name.startsWith("Not");
  // The file was moved or changed since it was chosen, or its disk cannot be read.
  if (unreadable) return { code: "backup-damaged", detail: error.name };
  return toFailure(error);
}
