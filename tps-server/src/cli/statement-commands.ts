/** `account statement` and `merchant statement`. */
import { writeFile } from "node:fs/promises";
import {
  type KeyList,
  month,
  monthBounds,
  parseValue,
  verifyAccountStatement,
  verifyKeyList,
  verifyMerchantStatement,
} from "@chit/protocol";
import { type Command, Option } from "commander";
import { unknownAccount } from "../accounts/accounts.ts";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { type KeyRing, loadKeyRing } from "../keys/key-ring.ts";
import { logOperation } from "../operator-log.ts";
import { accountPrintout } from "../statements/account-printout.ts";
import { accountStatement, statementMonths } from "../statements/account-statement.ts";
import { merchantPrintout } from "../statements/merchant-printout.ts";
import { merchantStatement } from "../statements/merchant-statement.ts";
import {
  type Printout,
  STATEMENT_FORMATS,
  type StatementFormat,
  toCsv,
  toHtml,
  toText,
} from "../statements/printout.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { json } from "./output.ts";

interface StatementOptions extends GlobalOptions {
  readonly format: StatementFormat;
  readonly out?: string;
}

const formatOption = () =>
  new Option("--format <form>", "text, CSV, a page to print, or the signed document")
    .choices(STATEMENT_FORMATS)
    .default("text");

/** Adds `statement` to the commands about accounts. */
export function addAccountStatementCommand(account: Command, context: CliContext): void {
  account
    .command("statement")
    .description("one month of an account: every movement, signed; the month in UTC")
    .argument("<account>")
    .requiredOption("--month <month>", "such as 2026-11")
    .addOption(formatOption())
    .option("--out <file>", "where to write it (standard output unless given)")
    .action((id: string, _options, command: Command) =>
      ofAccount(context, id, command.optsWithGlobals()),
    );
}

/** Adds `statement` to the commands about merchants. */
export function addMerchantStatementCommand(merchant: Command, context: CliContext): void {
  merchant
    .command("statement")
    .description("a merchant's settlements over some days, signed")
    .argument("<merchant>")
    .requiredOption("--from <day>", "first day (UTC), such as 2026-11-01")
    .requiredOption("--until <day>", "last day, included")
    .addOption(formatOption())
    .option("--out <file>", "where to write it (standard output unless given)")
    .action((id: string, _options, command: Command) =>
      ofMerchant(context, id, command.optsWithGlobals()),
    );
}

async function ofAccount(
  context: CliContext,
  id: string,
  options: StatementOptions & { month: string },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const wanted = setting("--month", () => parseValue(month, options.month));
    if ((await statementMonths(deps, id)) === undefined) throw unknownAccount(id);
    const ring = await loadKeyRing(deps);
    const made = await accountStatement(deps, ring, id, wanted);
    if (made.kind === "books-disagree") throw new OperatorError("books-differ", made.why);
    if (made.kind !== "statement") throw new OperatorError("setting-invalid", made.why);
    await onRecord(deps, "account statement", id, wanted);
    const list = listOf(deps, ring);
    const statement = verifyAccountStatement(deps.crypto, list, made.document);
    const shown = { ...statement, merchants: Object.fromEntries(statement.merchants) };
    const printout = () => accountPrintout(statement, ring.issuer.operator);
    await give(context, options, made.document, shown, printout);
  });
}

async function ofMerchant(
  context: CliContext,
  id: string,
  options: StatementOptions & { from: string; until: string },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const from = setting("--from", () => startOf(options.from));
    const until = setting("--until", () => startOf(options.until)) + DAY_SECONDS;
    if (until <= from) throw new OperatorError("setting-invalid", "--until lies before --from.");
    const ring = await loadKeyRing(deps);
    const document = await merchantStatement(deps, ring, id, { from, until });
    await onRecord(deps, "merchant statement", id, `${options.from} to ${options.until}`);
    const statement = verifyMerchantStatement(deps.crypto, listOf(deps, ring), document);
    const printout = () => merchantPrintout(statement, ring.issuer.operator);
    await give(context, options, document, statement, printout);
  });
}

const DAY_SECONDS = 86_400;

/** The first second (UTC) of a day such as 2026-11-01. */
function startOf(day: string): number {
  const { from } = monthBounds(parseValue(month, day.slice(0, 7)));
  const start = from + (Number(day.slice(8)) - 1) * DAY_SECONDS;
  if (!/^[0-9-]{10}$/.test(day) || new Date(start * 1_000).toISOString().slice(0, 10) !== day) {
    throw new Error("Expected a day such as 2026-11-01.");
  }
  return start;
}

function setting<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new OperatorError("setting-invalid", `${name}: ${(cause as Error).message}`, { cause });
  }
}

/** What is shown was verified as everybody else verifies it. */
function listOf({ crypto, platform }: TpsDeps, { rootKey, keyList }: KeyRing): KeyList {
  return verifyKeyList(crypto, rootKey, keyList.document, platform.nowSeconds());
}

/** Whoever reads what a customer bought, or a shop sold, is on record. */
async function onRecord(deps: TpsDeps, action: string, id: string, time: string): Promise<void> {
  await deps.database.transaction((tx) => logOperation(deps, tx, action, id, { time }));
}

async function give(
  context: CliContext,
  { json: asJson, format, out }: StatementOptions,
  document: string,
  statement: object,
  printout: () => Printout,
): Promise<void> {
  const text = asJson ? json({ statement, document }) : inForm(format, document, printout);
  if (out === undefined) return context.out(text.trimEnd());
  // It tells what somebody bought: for its reader alone.
  await writeFile(out, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 }).catch(
    (cause: Error) => {
      throw new OperatorError("setting-invalid", `${out} cannot be written: ${cause.message}`, {
        cause,
      });
    },
  );
  context.say(`Written to ${out}.`);
}

function inForm(format: StatementFormat, document: string, printout: () => Printout): string {
  switch (format) {
    case "text":
      return toText(printout());
    case "csv":
      return toCsv(printout());
    case "html":
      return toHtml(printout());
    case "jws":
      return document;
  }
}
