/** What a running PostgreSQL says of itself in `postmaster.pid`, and whether that is still true. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** A running server. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Directory of its Unix socket. */
  readonly socketDirectory: string;
}

/** Whether a process of this number exists (perhaps another user's). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** On Linux the kernel knows the program; elsewhere the number has to do. */
async function isPostgres(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  // "4711 (postgres) S …": a zombie (Z) has ended, and only waits for its parent to notice.
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return /^[0-9]+ \(postgres\) [^ZX]/.test(status);
}

/**
 * The server of this database directory, or undefined when none runs. A lock file left by a killed server is
 * removed when its process is gone or its number now belongs to another program: PostgreSQL itself would
 * refuse to start in the second case.
 */
export async function runningPostmaster(
  databaseDirectory: string,
): Promise<Postmaster | undefined> {
  const file = join(databaseDirectory, "postmaster.pid");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const [pidLine, , , portLine, socketDirectory] = text.split("\n");
  const pid = Number(pidLine);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !(await isPostgres(pid))) {
    await rm(file, { force: true });
    return undefined;
  }
  if (socketDirectory === undefined || socketDirectory === "") return undefined;
  return { pid, port: Number(portLine), socketDirectory };
}
