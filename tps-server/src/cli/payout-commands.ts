/** `payout list|file|done|failed|minimum` and `merchant payout-account`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDecimal } from "@chit/protocol";
import type { Command } from "commander";
import {
  failPayout,
  listPayouts,
  makePayoutFile,
  type PayoutFile,
  readPayoutFile,
  settlePayouts,
} from "../clearing/payout-files.ts";
import {
  readMinimumPayout,
  removePayoutAccount,
  setMinimumPayout,
  setPayoutAccount,
} from "../clearing/payouts.ts";
import { OperatorError } from "../errors.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment, money, table } from "./output.ts";

/** Adds the commands; those of `merchant` must be there already. */
export function addPayoutCommands(program: Command, context: CliContext): void {
  const payout = program.command("payout").description("what merchants are paid");
  payout
    .command("list")
    .description("list payouts that the bank has not executed yet")
    .option("--all", "all of them")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  payout
    .command("file")
    .description("put all open payouts into a new file for the bank (pain.001 and CSV)")
    .option("--out <directory>", "where to write it", ".")
    .option("--again <file>", "write a file that was made before once more")
    .action((_options, command: Command) => file(context, command.optsWithGlobals()));
  payout
    .command("done")
    .description("the bank has executed a payout, or all of a file")
    .argument("<payout-or-file>")
    .action((id: string, _options, command: Command) =>
      done(context, id, command.optsWithGlobals()),
    );
  payout
    .command("failed")
    .description("the bank did not execute a payout: it is the merchant's again")
    .argument("<payout>")
    .requiredOption("--reason <text>", "what the bank said")
    .action((id: string, _options, command: Command) =>
      failed(context, id, command.optsWithGlobals()),
    );
  payout
    .command("minimum")
    .description("show or set the smallest payout; what is below is carried")
    .argument("[amount]")
    .action((amount: string | undefined, _options, command: Command) =>
      minimum(context, amount, command.optsWithGlobals()),
    );
  program.commands
    .find((command) => command.name() === "merchant")
    ?.command("payout-account")
    .description("set where a merchant's money goes")
    .argument("<merchant>")
    .option("--name <holder>", "in whose name the bank account is")
    .option("--iban <iban>")
    .option("--bic <bic>", "only where the bank asks for it")
    .option("--remove", "pay nothing out; the balance grows")
    .action((id: string, _options, command: Command) =>
      account(context, id, command.optsWithGlobals()),
    );
}

async function list(
  context: CliContext,
  options: GlobalOptions & { all?: boolean },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const payouts = await listPayouts(deps, options.all ? "all" : "waiting");
    if (options.json) return context.out(json(payouts));
    if (payouts.length === 0) return context.out("No payout waits.");
    const issuer = await readIssuer(deps.database);
    context.out(
      table(
        ["PAYOUT", "CYCLE", "AMOUNT", "STATE", "FILE", "MERCHANT", "IBAN", "REASON"],
        payouts.map((each) => [
          each.payoutId,
          String(each.cycle),
          money(each.amount, issuer),
          each.state,
          each.fileId ?? "-",
          each.merchant,
          each.iban,
          each.reason ?? "-",
        ]),
        { right: [1, 2] },
      ),
    );
  });
}

async function file(
  context: CliContext,
  options: GlobalOptions & { out: string; again?: string },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const { again } = options;
    const issuer = await readIssuer(deps.database);
    const made =
      again === undefined ? await makePayoutFile(deps) : await readPayoutFile(deps, again);
    if (made === undefined) return context.out(options.json ? json(null) : "No payout is open.");
    const written = await writeFiles(made, options.out);
    const { fileId, madeAt, payouts, total } = made;
    context.out(
      options.json
        ? json({ fileId, madeAt, payouts, total, written })
        : fields([
            ["file", fileId],
            ["made", moment(madeAt)],
            ["payouts", String(payouts)],
            ["total", money(total, issuer)],
            ...written.map((path) => ["written", path] as const),
          ]),
    );
    if (!options.json) {
      const more = (await listPayouts(deps, "waiting")).some(({ state }) => state === "open");
      if (more) context.say("More payouts are open: make another file.");
      context.say(`Hand it to the bank once. When it is executed: chit-tps payout done ${fileId}`);
    }
  });
}

async function writeFiles({ fileId, xml, csv }: PayoutFile, out: string): Promise<string[]> {
  const paths = [join(out, `${fileId}.xml`), join(out, `${fileId}.csv`)];
  try {
    await mkdir(out, { recursive: true });
    for (const [index, path] of paths.entries()) await writeFile(path, [xml, csv][index] ?? "");
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(
      "setting-invalid",
      `The file ${fileId} was made but cannot be written: ${problem}. Write it elsewhere: chit-tps payout file --again ${fileId} --out …`,
      { cause },
    );
  }
  return paths;
}

async function done(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  const number = await withStorage(context, options, (deps) => settlePayouts(deps, id));
  context.out(
    options.json
      ? json({ id, done: number })
      : number === 1
        ? "1 payout is done."
        : `${number} payouts are done.`,
  );
}

async function failed(
  context: CliContext,
  id: string,
  options: GlobalOptions & { reason: string },
): Promise<void> {
  const moved = await withStorage(context, options, (deps) => failPayout(deps, id, options.reason));
  context.out(
    options.json
      ? json({ payoutId: id, state: "failed", moved })
      : `The payout ${id} failed: its amount is the merchant's again.`,
  );
  if (!moved) context.say("That had been entered before: nothing was moved now.");
}

async function minimum(
  context: CliContext,
  amount: string | undefined,
  options: GlobalOptions,
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    if (amount !== undefined) {
      const units = parseDecimal(amount, issuer.scale);
      if (units < 0n) {
        throw new OperatorError("setting-invalid", "The smallest payout cannot be negative.");
      }
      await setMinimumPayout(deps, units);
    }
    const smallest = await readMinimumPayout(deps.database);
    context.out(
      options.json
        ? json({ minimumPayout: smallest })
        : fields([["smallest payout", money(smallest, issuer)]]),
    );
  });
}

async function account(
  context: CliContext,
  id: string,
  options: GlobalOptions & { name?: string; iban?: string; bic?: string; remove?: boolean },
): Promise<void> {
  const { name, iban, bic = null, remove = false } = options;
  if (remove) {
    await withStorage(context, options, (deps) => removePayoutAccount(deps, id));
    return context.out(
      options.json
        ? json({ merchantId: id, account: null })
        : "Nothing is paid out to this merchant.",
    );
  }
  if (name === undefined || iban === undefined) {
    throw new OperatorError("usage-invalid", "Give --name and --iban, or --remove.");
  }
  const set = await withStorage(context, options, (deps) =>
    setPayoutAccount(deps, id, { name, iban, bic }),
  );
  context.out(
    options.json
      ? json({ merchantId: id, account: set })
      : fields([
          ["merchant", id],
          ["holder", set.name],
          ["IBAN", set.iban],
          ["BIC", set.bic ?? "-"],
        ]),
  );
}
