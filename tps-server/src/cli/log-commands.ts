/** `log append|show|check`. */
import { readFile, stat } from "node:fs/promises";
import { logOrigin, LIMITS as PROTOCOL_LIMITS } from "@chit/protocol";
import type { Command } from "commander";
import { OperatorError } from "../errors.ts";
import { loadKeyRing } from "../keys/key-ring.ts";
import { appendToLog } from "../log/append.ts";
import { checkLog } from "../log/check.ts";
import { readPublished } from "../log/log-store.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment } from "./output.ts";

interface CheckOptions extends GlobalOptions {
  readonly checkpoint?: string;
}

/** Adds the commands. */
export function addLogCommands(program: Command, context: CliContext): void {
  const log = program.command("log").description("the public log of payments (notarization)");
  log
    .command("append")
    .description("take up what was collected now; a running server does so by itself")
    .action((_options, command: Command) => append(context, command.optsWithGlobals()));
  log
    .command("show")
    .description("show the newest signed checkpoint")
    .action((_options, command: Command) => show(context, command.optsWithGlobals()));
  log
    .command("check")
    .description("compute the log again from all payments, and compare everything")
    .option("--checkpoint <file>", "a checkpoint that somebody else holds: must be of this log")
    .action((_options, command: Command) =>
      check(context, command.optsWithGlobals<CheckOptions>()),
    );
}

async function append(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const ring = await loadKeyRing(deps);
    const result = await appendToLog({ ...deps, keyRings: { current: () => ring } });
    context.out(
      options.json
        ? json(result)
        : fields([
            ["taken up now", String(result.appended)],
            ["in the log", String(result.size)],
          ]),
    );
  });
}

async function show(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const ring = await loadKeyRing(deps);
    const published = await readPublished(deps.database);
    const origin = logOrigin(ring.issuer.origin);
    if (options.json) {
      const { size = 0, at = null, note: checkpoint = null } = published ?? {};
      return context.out(json({ origin, size, at, checkpoint }));
    }
    if (published === undefined) return context.out(`${origin} has no checkpoint yet.`);
    const { size, at, note } = published;
    const shown = fields([
      ["log", origin],
      ["proofs", String(size)],
      ["signed", moment(at)],
    ]);
    context.out(`${shown}\n\n${note.trimEnd()}`);
  });
}

async function check(context: CliContext, options: CheckOptions): Promise<void> {
  const elsewhere =
    options.checkpoint === undefined ? undefined : await readCheckpoint(options.checkpoint);
  await withStorage(context, options, async (deps) => {
    const result = await checkLog(deps, await loadKeyRing(deps), elsewhere);
    context.out(
      options.json
        ? json(result)
        : fields([
            ["proofs in the log", String(result.size)],
            ["checkpoints compared", String(result.checkpoints)],
            ["payments to take up", String(result.awaiting)],
            ["faults", String(result.faults.length)],
          ]),
    );
    if (result.faults.length === 0) return;
    throw new OperatorError("log-damaged", result.faults.join(" "));
  });
}

async function readCheckpoint(path: string): Promise<string> {
  const unreadable = (why: string, cause?: unknown) =>
    new OperatorError("file-unreadable", `${path} ${why}.`, { cause });
  const size = await stat(path).then(
    (found) => found.size,
    (cause: unknown) => {
      throw unreadable("cannot be read", cause);
    },
  );
  if (size > PROTOCOL_LIMITS.checkpointBytes) throw unreadable("is too long for a checkpoint");
  return readFile(path, "utf8");
}
