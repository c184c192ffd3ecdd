/**
 * Root's files and the database's user. Run by root, PostgreSQL works as the user `postgres`, who may not enter
 * a folder that is root's alone: a checkout below /root or in a fresh `mktemp -d`, say.
 */
import { chmod, cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OperatorError } from "../errors.ts";
import type { PostgresBinaries, RunAs } from "./postgres-binaries.ts";

const OTHERS_ENTER = 0o001;

/**
 * Lets the database's user pass through our own data directory, whose secrets are readable by us alone.
 *
 * @throws {OperatorError} `database-unavailable` when a folder above it, which is not ours to open, is closed
 */
export async function openWayTo(runAs: RunAs, dataDirectory: string): Promise<void> {
  if (runAs.uid === undefined) return;
  const { mode } = await stat(dataDirectory);
  if ((mode & OTHERS_ENTER) === 0) await chmod(dataDirectory, (mode & 0o777) | OTHERS_ENTER);
  const closed = await closedFolder(dataDirectory, runAs);
  if (closed === undefined) return;
  throw new OperatorError(
    "database-unavailable",
    `Run by root, the embedded PostgreSQL works as the user "postgres", who may not enter ${closed}. Choose a data directory elsewhere (/var/lib/chit, say), run as another user, or set DATABASE_URL.`,
  );
}

/** The programs, or copies of them in the data directory where the database's user cannot reach them. */
export async function reachableBinaries(
  runAs: RunAs,
  binaries: PostgresBinaries,
  dataDirectory: string,
): Promise<PostgresBinaries> {
  const programs = dirname(binaries.postgres);
  if (runAs.uid === undefined || (await closedFolder(programs, runAs)) === undefined) {
    return binaries;
  }
  const { mtimeMs } = await stat(binaries.postgres);
  const copies = join(dataDirectory, `postgres-programs-${Math.floor(mtimeMs)}`);
  if ((await stat(copies).catch(() => undefined)) === undefined) {
    const unfinished = `${copies}.part`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { mode: 0o755 });
    await cp(dirname(programs), unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copies);
  }
  const copyOf = (path: string) => join(copies, basename(programs), basename(path));
  return { initdb: copyOf(binaries.initdb), postgres: copyOf(binaries.postgres) };
}

/** The uppermost folder on the way to `path`, itself included, that the user may not enter. */
async function closedFolder(path: string, runAs: RunAs): Promise<string | undefined> {
  const above = dirname(path) === path ? undefined : await closedFolder(dirname(path), runAs);
  if (above !== undefined) return above;
  const folder = await stat(path);
  const ofGroup = folder.gid === runAs.gid ? 0o010 : OTHERS_ENTER;
  const bit = folder.uid === runAs.uid ? 0o100 : ofGroup;
  return (folder.mode & bit) === 0 ? path : undefined;
}
