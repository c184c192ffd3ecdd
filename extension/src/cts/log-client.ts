/**
 * The issuer's log as the wallet sees it: public addresses that are asked without saying who asks. All throw as
 * `exchange` does.
 */
import {
  CHECKPOINT_PATH,
  decodeLogEntryAnswer,
  fromUtf8,
  HASH_BYTES,
  LIMITS,
  LOG_PATH,
  type LogEntryAnswer,
  logEntryPath,
  type ReadTile,
  TILE_WIDTH,
  tilePath,
} from "@chit/protocol";
import { exchange, type HttpDeps } from "./http.ts";

/** The newest checkpoint, not yet verified. */
export async function fetchCheckpoint(deps: HttpDeps, issuer: string): Promise<string> {
  return fromUtf8(
    await exchange(deps, issuer + CHECKPOINT_PATH, undefined, LIMITS.checkpointBytes),
  );
}

/** Where an entry is, as the issuer says. */
export async function fetchLogEntry(
  deps: HttpDeps,
  issuer: string,
  entry: Uint8Array,
): Promise<LogEntryAnswer> {
  return decodeLogEntryAnswer(await exchange(deps, issuer + logEntryPath(entry)));
}

/** Tiles, as the issuer serves them: what is made of them shows whether they are right. */
export function tilesOf(deps: HttpDeps, issuer: string): ReadTile {
  return (tile) => {
    const path = tilePath({ ...tile, of: "hashes" });
    return exchange(deps, `${issuer}${LOG_PATH}/${path}`, undefined, TILE_WIDTH * HASH_BYTES);
  };
}
