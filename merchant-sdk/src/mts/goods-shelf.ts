/**
 * Where goods lie: the merchant's own files, and a spool directory for content that a program makes. Spooled
 * content is kept under its digest, so the same article sold twice is one file, and redelivery finds it.
 */
import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { equalBytes, LIMITS, toBase64url } from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import type { Content } from "./offer.ts";
import type { StoredFile } from "./sale.ts";

type Place = Pick<StoredFile, "place" | "path">;

export interface ShelfDeps {
  /** Spool directory; made when something is put into it. */
  readonly directory: string;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** An opened thing whose bytes are the ones that were advised. */
export interface OpenedGoods {
  /** The bytes from `offset` on, in pieces. Closes the file at its end or when it is left. */
  read(offset: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** The goods of one shop. */
export class GoodsShelf {
  readonly #deps: ShelfDeps;
  /** Digests by path, size and modification time: a large file is read once, not for every sale. */
  readonly #digests = new Map<string, Promise<Uint8Array>>();
  /** Content objects that were spooled already: a Buffer that is sold a thousand times is written once. */
  readonly #spooled = new WeakMap<Uint8Array, Promise<string>>();

  constructor(deps: ShelfDeps) {
    this.#deps = deps;
  }

  /**
   * Checks that a file is there and may be read, and no more.
   *
   * @throws {MerchantError} `goods-unreadable`
   */
  async find(place: Place): Promise<void> {
    await this.#stat(place);
    await unreadable(place.path, () => access(this.#locate(place), constants.R_OK));
  }

  /**
   * Checks that a file can be sold and begins to compute its digest, for whoever pays soon.
   *
   * @throws {MerchantError} `goods-unreadable`
   */
  async check(place: Place): Promise<void> {
    const status = await this.#stat(place);
    // Measured again when it is paid for, and a failure shows there.
    this.#digest(place, status).catch(() => {});
  }

  /**
   * Measures a file: size, time, digest.
   *
   * @throws {MerchantError} `goods-unreadable`
   */
  async measure(place: Place): Promise<StoredFile> {
    const before = await this.#stat(place);
    const digest = await this.#digest(place, before);
    return { ...place, size: before.size, modified: modifiedOf(before), digest };
  }

  /**
   * Copies content into the spool directory; durable when it resolves.
   *
   * @throws {MerchantError} `goods-unreadable` when the stream fails or the directory cannot be written.
   */
  async spool(content: Content): Promise<Place> {
    if (!(content instanceof Uint8Array)) return this.#write(content).then(inSpool);
    const known = this.#spooled.get(content) ?? this.#write(content);
    this.#spooled.set(content, known);
    try {
      return inSpool(await known);
    } catch (error) {
      this.#spooled.delete(content);
      throw error;
    }
  }

  /**
   * Opens goods for delivery.
   *
   * @throws {Refusal} `goods-changed`, when they are no longer what was advised; before anything is sent
   * @throws {MerchantError} `goods-unreadable`
   */
  async open(file: StoredFile): Promise<OpenedGoods> {
    const handle = await unreadable(file.path, () => open(this.#locate(file), "r"));
    try {
      const status = await handle.stat();
      if (status.size !== file.size || modifiedOf(status) !== file.modified) {
        await this.#expectSameDigest(file, status);
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    return { read: (offset) => readFrom(handle, offset, file.size), close: () => handle.close() };
  }

  /** A deployment that touches a file's time without changing it harms nobody. */
  async #expectSameDigest(file: StoredFile, status: Stats): Promise<void> {
    const same =
      status.size === file.size && equalBytes(await this.#digest(file, status), file.digest);
    if (same) return;
    throw new Refusal(
      "goods-changed",
      "The shop changed this file after it was sold. Ask the shop for the goods that you paid for.",
    );
  }

  #locate({ place, path }: Place): string {
    return place === "file" ? resolve(path) : join(this.#deps.directory, path);
  }

  async #stat(place: Place): Promise<Stats> {
    const status = await unreadable(place.path, () => stat(this.#locate(place)));
    if (!status.isFile() || status.size > LIMITS.goodsBytes) {
      throw new MerchantError("goods-unreadable", `The goods "${place.path}" are no file.`);
    }
    return status;
  }

  #digest(place: Place, status: Stats): Promise<Uint8Array> {
    const path = this.#locate(place);
    const key = `${path}\n${status.size}\n${modifiedOf(status)}\n${status.ino}`;
    const known = this.#digests.get(key);
    if (known !== undefined) return known;
    const digest = unreadable(place.path, () => digestFile(path));
    this.#digests.set(key, digest);
    digest.catch(() => this.#digests.delete(key));
    return digest;
  }

  async #write(content: Content): Promise<string> {
    const { directory } = this.#deps;
    return unreadable("of a program", async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
      return bytes instanceof Uint8Array ? this.#writeBytes(bytes) : this.#writePieces(bytes);
    });
  }

  /** The same bytes again, of another page view say, are not written again. */
  async #writeBytes(bytes: Uint8Array): Promise<string> {
    const name = createHash("sha256").update(bytes).digest("hex");
    const known = await stat(join(this.#deps.directory, name)).catch(() => undefined);
    return known?.size === bytes.length ? name : this.#writePieces([bytes]);
  }

  /** Writes under a name that nobody else has, then gives the file its digest as name. */
  async #writePieces(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
    const { directory, randomBytes } = this.#deps;
    const draft = join(directory, `draft-${toBase64url(randomBytes(16))}`);
    try {
      const hash = createHash("sha256");
      const handle = await open(draft, "wx", 0o600);
      try {
        for await (const piece of pieces) {
          hash.update(piece);
          await handle.writeFile(piece);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      const name = hash.digest("hex");
      await rename(draft, join(directory, name));
      await syncDirectory(directory);
      return name;
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}

/** Makes a new name in a directory survive a power cut, where the system can. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const inSpool = (path: string): Place => ({ place: "spool", path });

/** Milliseconds with their fraction; the same file gives the same text. */
const modifiedOf = (status: Stats) => String(status.mtimeMs);

/** Reads into one buffer again and again: streams leave a trail of them to the garbage collector. */
async function digestFile(path: string): Promise<Uint8Array> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(MERCHANT_LIMITS.goodsReadBytes);
  const handle = await open(path, "r");
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return new Uint8Array(hash.digest());
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/**
 * Never more than the advised size, also when the file grows meanwhile; fewer is an error, not an end. The next piece is read
 * while this one is encrypted and sent, and no further: two pieces are in memory, however large the file is.
 */
async function* readFrom(
  handle: FileHandle,
  offset: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  let position = offset;
  let ahead = readPiece(handle, position, size);
  try {
    while (position < size) {
      const piece = await ahead;
      position += piece.length;
      ahead = readPiece(handle, position, size);
      // Whether it failed is seen when it is its turn.
      ahead.catch(() => {});
      yield piece;
    }
  } finally {
    await ahead.catch(() => {});
    await handle.close();
  }
}

/** The bytes from `position` on, as many as are read at a time; none at the end. */
async function readPiece(handle: FileHandle, position: number, size: number): Promise<Uint8Array> {
  const length = Math.min(MERCHANT_LIMITS.goodsReadBytes, size - position);
  if (length <= 0) return new Uint8Array();
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead === 0) throw new Error("The file became shorter while it was read.");
  return buffer.subarray(0, bytesRead);
}

async function unreadable<R>(what: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof MerchantError) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new MerchantError(
      "goods-unreadable",
      `The goods "${what}" cannot be read or kept: ${problem}. Check path and permissions.`,
      { cause },
    );
  }
}
