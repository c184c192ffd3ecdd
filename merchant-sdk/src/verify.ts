#!/usr/bin/env node
/** The command `chit-verify`: composition root. */
import { parseArgs } from "node:util";
import { CliError } from "./cli/context.ts";
import { readNotarizationFile, readRootKey, verdictOn } from "./cli/notarization.ts";

const USAGE = `chit-verify: checks a notarized payment off line

  chit-verify --root-key <key> <payment.tlog-proof>
  chit-verify --root-key <key> --json <payment.tlog-proof>
      Says what was paid, to whom, and when it stood in the operator's log; or why the file proves nothing.

The root key is the operator's, 43 characters. Take it from the operator itself, not from whoever gave you the file.
Exit code: 0 the file proves the payment; 1 it does not, or cannot be read.
`;

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      "root-key": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [path] = positionals;
  if (path === undefined || positionals.length > 1)
    throw new CliError(`Name one file.\n\n${USAGE}`);
  if (values["root-key"] === undefined) throw new CliError(`--root-key is missing.\n\n${USAGE}`);
  const rootKey = readRootKey(values["root-key"]);
  const verdict = verdictOn(await readNotarizationFile(path), rootKey);
  console.log(values.json ? JSON.stringify(verdict.facts, undefined, 2) : verdict.text);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
