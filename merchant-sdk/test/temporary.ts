/** Directories for a test's files. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new directory, which goes with the test that asked for it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "chit-merchant-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}
