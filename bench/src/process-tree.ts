/** CPU time of processes that are not ours to ask, as Linux counts it. */
import { readdir, readFile } from "node:fs/promises";

/** Linux tells times to programs in hundredths of a second, whatever it counts in itself. */
const MILLISECONDS_OF_A_TICK = 10;

/** A line of `/proc/<pid>/stat`, as far as it is of use. */
export interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** Of itself and of its children that have ended. */
  readonly cpuMilliseconds: number;
}

/** Reads `/proc/<pid>/stat` (see proc_pid_stat(5)); the program's name may have blanks and brackets in it. */
export function parseProcessTimes(stat: string): ProcessTimes {
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  // The third field of the manual is the first behind the name.
  const field = (number: number) => Number(fields[number - 3]);
  const times = {
    pid: Number.parseInt(stat, 10),
    parent: field(4),
    cpuMilliseconds: (field(14) + field(15) + field(16) + field(17)) * MILLISECONDS_OF_A_TICK,
  };
  if (end < 0 || Object.values(times).some((value) => !Number.isFinite(value))) {
    throw new Error(`What process is this? ${stat.slice(0, 200)}`);
  }
  return times;
}

/** The sum over a process and all that descends from it. */
export function sumOfTree(root: number, processes: readonly ProcessTimes[]): number {
  return processes
    .filter(({ pid, parent }) => pid === root || parent === root)
    .reduce(
      (sum, { pid, cpuMilliseconds }) =>
        sum + (pid === root ? cpuMilliseconds : sumOfTree(pid, processes)),
      0,
    );
}

/** CPU milliseconds of a process and all that descends from it; null where there is no `/proc`. */
export async function cpuOfTree(root: number): Promise<number | null> {
  const names = await readdir("/proc").catch(() => []);
  const processes = await Promise.all(
    names.filter((name) => /^[0-9]+$/.test(name)).map((name) => timesOf(Number(name))),
  );
  const known = processes.filter((one) => one !== undefined);
  return known.length === 0 ? null : sumOfTree(root, known);
}

/** Undefined: it has ended meanwhile. */
async function timesOf(pid: number): Promise<ProcessTimes | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat === undefined ? undefined : parseProcessTimes(stat);
}
