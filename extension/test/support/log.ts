/** An operator's log of payments for tests, which can also lie: honest tiles over whatever entries it is given. */
import {
  CHECKPOINT_PATH,
  concatBytes,
  createLogEntryAnswer,
  EMPTY_ROOT,
  LOG_PATH,
  leafHash,
  logEntryPath,
  logOrigin,
  nodeHash,
  parseTilePath,
  signCheckpoint,
  splitOf,
  TILE_WIDTH,
  type Tile,
  utf8,
} from "@chit/protocol";
import type { Reply } from "./http-server.ts";
import type { TestTps } from "./tps.ts";

export class TestLog {
  readonly entries: Uint8Array[] = [];
  /** What is served: the log as it was when it was signed last. */
  #published: { readonly note: string; readonly entries: readonly Uint8Array[] } | undefined;
  /** Addresses that were asked. */
  readonly asked: string[] = [];
  /** Spoils what a tile's address answers. */
  spoil: (bytes: Uint8Array, path: string) => Uint8Array = (bytes) => bytes;
  readonly #tps: TestTps;

  constructor(tps: TestTps) {
    this.#tps = tps;
    tps.server.fault = ({ path }) =>
      path.startsWith(`${LOG_PATH}/`) ? this.#answer(path) : undefined;
  }

  /** Adds as many entries that nobody asks for. */
  fill(count: number): void {
    for (let n = 0; n < count; n++) this.entries.push(utf8(`another payment ${n}`.padEnd(32)));
  }

  /** Signs the entries as they are, at `at` (seconds). */
  async publish(at: number): Promise<string> {
    const entries = [...this.entries];
    const state = { origin: logOrigin(this.#tps.server.origin), size: entries.length };
    const note = await signCheckpoint(this.#tps.signer, { ...state, root: rootOf(entries) }, at);
    this.#published = { note, entries };
    return note;
  }

  #answer(path: string): Reply {
    this.asked.push(path);
    const { note = "", entries = [] } = this.#published ?? {};
    if (path === CHECKPOINT_PATH) return utf8(note);
    const place = entries.findIndex((entry) => logEntryPath(entry) === path);
    if (place >= 0) return createLogEntryAnswer(place, 0);
    if (path.startsWith(`${LOG_PATH}/entries/`)) return createLogEntryAnswer(null, 90);
    const tile = parseTilePath(path.slice(LOG_PATH.length + 1));
    if (tile === undefined) return { problem: "not-found" };
    return this.spoil(tileOf(entries, tile), path);
  }
}

function tileOf(entries: readonly Uint8Array[], { level, index, width }: Tile): Uint8Array {
  const span = TILE_WIDTH ** level;
  const first = index * TILE_WIDTH;
  return concatBytes(
    ...Array.from({ length: width }, (_, offset) =>
      rootOf(entries.slice((first + offset) * span, (first + offset + 1) * span)),
    ),
  );
}

function rootOf(entries: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = entries;
  if (only === undefined) return EMPTY_ROOT;
  if (others.length === 0) return leafHash(only);
  const split = splitOf(entries.length);
  return nodeHash(rootOf(entries.slice(0, split)), rootOf(entries.slice(split)));
}
