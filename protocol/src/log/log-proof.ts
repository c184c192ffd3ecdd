/** The file by which one entry of a log is shown off line (c2sp.org/tlog-proof). */
import { base64 } from "@scure/base";
import { ChitError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { decodeBase64 } from "./note.ts";
import { HASH_BYTES } from "./tree.ts";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const INDEX_LINE = /^index (0|[1-9][0-9]{0,15})$/;
const EXTRA_LINE = /^extra (\S+)$/;
/** A tree of 2^63 leaves has no longer path. */
const MOST_HASHES = 63;

/** Such a file taken apart, nothing of it verified. */
export interface LogProof {
  /** What the application adds; the log does not vouch for it. */
  readonly extra: Uint8Array;
  /** Of the entry. */
  readonly index: number;
  /** The inclusion proof: hashes of 32 bytes, from the leaf's sibling on. */
  readonly path: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** The text of the file. */
export function formatLogProof({ extra, index, path, checkpoint }: LogProof): string {
  const hashes = path.map((hash) => `${base64.encode(hash)}\n`).join("");
  return `${FIRST_LINE}\nextra ${base64.encode(extra)}\nindex ${index}\n${hashes}\n${checkpoint}`;
}

/**
 * Takes a file apart.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function parseLogProof(text: string): LogProof {
  if (text.length > LIMITS.notarizationBytes) {
    throw new ChitError(
      "message-too-large",
      `A notarization has at most ${LIMITS.notarizationBytes} bytes.`,
    );
  }
  const end = text.indexOf("\n\n");
  const [first, extraLine = "", indexLine = "", ...hashes] = text.slice(0, end).split("\n");
  const extra = EXTRA_LINE.exec(extraLine)?.[1];
  const index = INDEX_LINE.exec(indexLine)?.[1];
  const path = hashes.map(decodeBase64);
  const isSound =
    path.length <= MOST_HASHES && path.every(({ length }) => length === HASH_BYTES) && end > 0;
  if (first !== FIRST_LINE || extra === undefined || index === undefined || !isSound) {
    throw new ChitError("malformed-message", `The file is no ${FIRST_LINE} with extra data.`);
  }
  return {
    extra: decodeBase64(extra),
    index: Number(index),
    path,
    checkpoint: text.slice(end + 2),
  };
}
