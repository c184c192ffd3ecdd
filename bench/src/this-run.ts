/** What is measured just now, and on what machine. */
import { execFile } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findBinaries } from "@chit/tps-server";
import type { Run } from "./results.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What the report writes itself is no change of what is measured. */
const OWN = ["bench/results", "docs/BENCHMARKS.md", "docs/images/benchmarks-*.svg"];
const run = promisify(execFile);

/** A run without its results: the commit is that of the beginning, for it is what was loaded. */
export async function describeRun(now: Date): Promise<Omit<Run, "results">> {
  const processors = cpus();
  const { postgres } = await findBinaries();
  const { stdout } = await run(postgres, ["--version"]);
  return {
    ...(await describeCommit()),
    date: now.toISOString().slice(0, 10),
    cores: processors.length,
    processor: processors[0]?.model.trim() || "unknown processor",
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    postgres: /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim(),
  };
}

async function describeCommit(): Promise<Pick<Run, "commit" | "localChanges">> {
  const git = (...words: string[]) =>
    run("git", words, { cwd: ROOT }).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
  const commit = await git("rev-parse", "HEAD");
  if (commit === undefined) return { commit: null, localChanges: false };
  const others = OWN.map((path) => `:(exclude)${path}`);
  const changes = await git("status", "--porcelain", "--", ".", ...others);
  return { commit, localChanges: changes !== "" };
}
