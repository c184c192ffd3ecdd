/** What befalls the process that starts the workers must not end it. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("support/supervised.ts", import.meta.url));

test("a worker that cannot be started is tried again, and ends nothing else", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM]);
  expect(stdout.trim().split("\n")).toEqual([
    "A worker ended unasked. Another is started.",
    "A worker could not be started: spawn /nowhere/node ENOENT",
    "It is served again.",
  ]);
}, 120_000);
