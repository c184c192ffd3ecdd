/** `payments partitions|detach`: old payments. */
import { month, parseValue } from "@chit/protocol";
import type { Command } from "commander";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { detachPayments } from "../partitions/detach.ts";
import { showPartitions } from "../partitions/show.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { json, moment, table } from "./output.ts";

/** Adds the commands. */
export function addPaymentCommands(program: Command, context: CliContext): void {
  const payments = program.command("payments").description("payments by month, and old months");
  payments
    .command("partitions")
    .description("list the months that payments are kept in")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  payments
    .command("detach")
    .description("take old months out; their tables stay, to be archived and dropped")
    .requiredOption("--before <month>", "the first month that stays, as 2026-11")
    .action((_options, command: Command) => detach(context, command.optsWithGlobals()));
}

async function list(context: CliContext, options: GlobalOptions): Promise<void> {
  const partitions = await withStorage(context, options, (deps) => {
    expectOneDatabase(deps);
    return showPartitions(deps);
  });
  if (options.json) return context.out(json(partitions));
  context.out(
    table(
      ["PARTITION", "FROM", "UNTIL", "PAYMENTS", "MB", "STATE"],
      partitions.map((one) => [
        one.name,
        one.from === null ? "-" : moment(one.from),
        moment(one.until),
        one.payments === null ? "?" : String(one.payments),
        (one.bytes / 1e6).toFixed(1),
        one.state,
      ]),
      { right: [3, 4] },
    ),
  );
}

async function detach(
  context: CliContext,
  options: GlobalOptions & { before: string },
): Promise<void> {
  const before = monthOf(options.before);
  const detached = await withStorage(context, options, (deps) => {
    expectOneDatabase(deps);
    return detachPayments(deps, before, options.json ? undefined : context.say);
  });
  if (options.json) return context.out(json({ detached }));
  context.out(
    detached.length === 0
      ? `No partition ends before ${before}.`
      : `Detached: ${detached.join(", ")}. Dump these tables, then drop them.`,
  );
}

/** Carrying adds up what one database has. */
function expectOneDatabase({ places }: TpsDeps): void {
  if (places === undefined) return;
  throw new OperatorError(
    "setting-invalid",
    "Accounts are in several places: this command works where all payments are in one database. See docs/SCALING.md.",
  );
}

function monthOf(text: string): string {
  try {
    return parseValue(month, text);
  } catch (cause) {
    throw new OperatorError(
      "setting-invalid",
      `--before: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
