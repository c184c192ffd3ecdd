/** The operator's command line: `chit-tps`. */
import { ChitError } from "@chit/protocol";
import { Command, CommanderError } from "commander";
import { OperatorError } from "../errors.ts";
import { addAccountCommands } from "./account-commands.ts";
import { addAuditCommands } from "./audit-commands.ts";
import { addBatchCommands } from "./batch-commands.ts";
import type { CliContext } from "./context.ts";
import { addFeeCommands } from "./fee-commands.ts";
import { addFundingCommands } from "./funding-commands.ts";
import { addKeyCommands } from "./key-commands.ts";
import { addLogCommands } from "./log-commands.ts";
import { addMerchantCommands } from "./merchant-commands.ts";
import { addPaymentCommands } from "./payment-commands.ts";
import { addPayoutCommands } from "./payout-commands.ts";
import { addPinKeyCommands } from "./pin-key-commands.ts";
import { addPlaceCommands } from "./place-commands.ts";
import { addServerCommands } from "./server-commands.ts";
import { addSettlementCommands } from "./settlement-commands.ts";
import { addTelephoneCommands } from "./telephone-commands.ts";

/**
 * Runs one command.
 *
 * @param args the arguments without the program's name
 * @returns the exit code: 0, or 1 after an error was said
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  const program = new Command("chit-tps")
    .description("The payment server of Chit (Transaction Processing Subsystem).")
    .option("--data-dir <directory>", "keys and embedded database (CHIT_DATA_DIR; .data/tps)")
    .option("--json", "results as JSON; amounts in smallest units")
    .addHelpText(
      "after",
      "\nEvery command takes --data-dir and --json, before its name or behind it.",
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out(text.trimEnd()),
      writeErr: (text) => context.say(text.trimEnd()),
      // One line with a code, as every error has.
      outputError: (text, write) =>
        write(`${text.trim().replace(/\s*\n\s*/g, " ")} (usage-invalid)`),
    });
  addServerCommands(program, context);
  addKeyCommands(program, context);
  addMerchantCommands(program, context);
  addBatchCommands(program, context);
  addAccountCommands(program, context);
  addFundingCommands(program, context);
  addSettlementCommands(program, context);
  addFeeCommands(program, context);
  addAuditCommands(program, context);
  addPaymentCommands(program, context);
  addPayoutCommands(program, context);
  addTelephoneCommands(program, context);
  addPinKeyCommands(program, context);
  addPlaceCommands(program, context);
  addLogCommands(program, context);
  inheritOutput(program);
  try {
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    context.say(describe(error));
    return 1;
  }
}

/** Commander copies these settings only to commands that are added later. */
function inheritOutput(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritOutput(child);
  }
}

function describe(error: unknown): string {
  if (error instanceof OperatorError || error instanceof ChitError) {
    return `error: ${error.message} (${error.code})`;
  }
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
