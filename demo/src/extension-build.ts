/** The wallet as Chromium loads it: built when there is none, or when something that it is made of is newer. */
import { globSync, statSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EXTENSION = join(ROOT, "dist", "extension");
const SOURCES = ["extension/src/**/*", "protocol/src/**/*", "manifest.json", "vite.config.ts"];

/** Whether it must be built. */
export function isExtensionStale(): boolean {
  const built = timeOf(join(EXTENSION, "manifest.json"));
  return globSync(SOURCES, { cwd: ROOT }).some((path) => timeOf(join(ROOT, path)) > built);
}

/** Builds it, by the same command as everybody. */
export async function buildExtension(): Promise<void> {
  await run("npm", ["run", "build:extension"], { cwd: ROOT, shell: process.platform === "win32" });
}

/** A copy for one browser, which another build cannot pull away from under it. Returns its directory. */
export async function copyExtension(dataDir: string): Promise<string> {
  const copy = join(dataDir, "extension");
  await rm(copy, { recursive: true, force: true });
  await cp(EXTENSION, copy, { recursive: true });
  return copy;
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
