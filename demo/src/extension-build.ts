/** The wallet as Chromium loads it: built when there is none, or when something that it is made of is newer. */
import { globSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./child.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const EXTENSION = join(ROOT, "dist", "extension");
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

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
