/**
 * What the stream of a backup holds: frames, one behind the other.
 *
 *     kind (1 byte) ‖ u32(len) ‖ content
 *
 * Kind 1 is a record (compact JSON), kind 2 a run of bytes of the goods whose record came last.
 */
import { concatBytes } from "@chit/protocol";
import { WALLET_LIMITS } from "../limits.ts";
import { damagedBackup } from "./head.ts";

const RECORD = 1;
const RUN = 2;
const PREFIX_BYTES = 5;

export type Frame =
  | { readonly kind: "record"; readonly content: Uint8Array }
  | { readonly kind: "run"; readonly content: Uint8Array };

/** The bytes of a frame, in two pieces so that long runs are not copied. */
export function frameBytes({ kind, content }: Frame): [Uint8Array, Uint8Array] {
  const prefix = new Uint8Array(PREFIX_BYTES);
  prefix[0] = kind === "record" ? RECORD : RUN;
  new DataView(prefix.buffer).setUint32(1, content.length);
  return [prefix, content];
}

/**
 * Reads frames from pieces of any size; never holds more than one frame and one piece.
 *
 * @throws {WalletError} `backup-damaged`
 */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let held: Uint8Array = new Uint8Array();
  let pieces: Uint8Array[] = [];
  let missing = PREFIX_BYTES;
  for await (const piece of source) {
    pieces.push(piece);
    missing -= piece.length;
    if (missing > 0) continue;
    held = concatBytes(held, ...pieces);
    pieces = [];
    for (;;) {
      const needed = neededFor(held);
      if (held.length < needed) {
        missing = needed - held.length;
        break;
      }
      const kind = held[0] === RECORD ? "record" : "run";
      yield { kind, content: held.slice(PREFIX_BYTES, needed) };
      held = held.subarray(needed);
    }
  }
  if (held.length > 0 || pieces.some(({ length }) => length > 0)) throw damagedBackup();
}

/** Bytes of the frame that `held` begins with; of its prefix while that is not here yet. */
function neededFor(held: Uint8Array): number {
  if (held.length < PREFIX_BYTES) return PREFIX_BYTES;
  const length = new DataView(held.buffer, held.byteOffset).getUint32(1);
  const most =
    held[0] === RECORD
      ? WALLET_LIMITS.backupRecordBytes
      : held[0] === RUN
        ? WALLET_LIMITS.backupRunBytes
        : 0;
  if (length > most || most === 0) throw damagedBackup();
  return PREFIX_BYTES + length;
}
