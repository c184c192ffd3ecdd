/** `funding bank|import|list|assign|return|api`. */
import { readFile, stat } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { createFundingApi } from "../funding/api.ts";
import { readBankAccount, setBankAccount } from "../funding/bank-account.ts";
import {
  assignBankEntry,
  type KnownEntry,
  listWaitingEntries,
  returnBankEntry,
} from "../funding/bank-entries.ts";
import { type ImportResult, importBankFile } from "../funding/import.ts";
import { listenOn } from "../http/listen.ts";
import { createLog } from "../http/log.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { readSecret } from "../keys/outside-keys.ts";
import { LIMITS } from "../limits.ts";
import { type CliContext, existingStorage, type GlobalOptions, withStorage } from "./context.ts";
import { wholeNumber } from "./numbers.ts";
import { fields, json, moment, money, table } from "./output.ts";

interface BankOptions extends GlobalOptions {
  readonly holder?: string;
  readonly iban?: string;
  readonly bic?: string;
  readonly text?: string;
}

/** Adds the commands. */
export function addFundingCommands(program: Command, context: CliContext): void {
  const funding = program.command("funding").description("money that arrives at your bank");
  funding
    .command("bank")
    .description("show or set the bank account that wallets tell their holders to pay to")
    .option("--holder <name>", "in whose name it is")
    .option("--iban <iban>")
    .option("--bic <bic>")
    .option("--text <text>", "anything else that those who pay in should know")
    .action((_options, command: Command) => bank(context, command.optsWithGlobals<BankOptions>()));
  funding
    .command("import")
    .description(
      "credit accounts by a statement of your bank, CSV or camt.053; again moves nothing",
    )
    .argument("<file>")
    .action((file: string, _options, command: Command) =>
      importFile(context, file, command.optsWithGlobals()),
    );
  funding
    .command("list")
    .description("entries of the bank that name no account and wait for you")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  funding
    .command("assign")
    .description("credit such an entry to an account")
    .argument("<entry>")
    .argument("<account>")
    .action((entryId: string, accountId: string, _options, command: Command) =>
      decide(context, command.optsWithGlobals(), (deps) =>
        assignBankEntry(deps, entryId, accountId),
      ),
    );
  funding
    .command("return")
    .description("note that you sent the money of such an entry back")
    .argument("<entry>")
    .action((entryId: string, _options, command: Command) =>
      decide(context, command.optsWithGlobals(), (deps) => returnBankEntry(deps, entryId)),
    );
  funding
    .command("api")
    .description("listen for a program of yours that tells what arrived; not for the internet")
    .addOption(new Option("--host <address>").env("CHIT_FUNDING_HOST").default("127.0.0.1"))
    .addOption(
      new Option("--port <number>").env("CHIT_FUNDING_PORT").argParser(wholeNumber).default(8422),
    )
    .action((_options, command: Command) => api(context, command.optsWithGlobals()));
}

async function bank(context: CliContext, options: BankOptions): Promise<void> {
  const { holder, iban, bic = null, text = null } = options;
  await withStorage(context, options, async (deps) => {
    if (iban === undefined && holder === undefined) {
      if (options.bic !== undefined || options.text !== undefined) throw halfAnAccount();
    } else if (iban === undefined || holder === undefined) throw halfAnAccount();
    else await setBankAccount(deps, { holder, iban, bic, text });
    const account = await readBankAccount(deps);
    if (options.json) return context.out(json(account));
    context.out(
      account === null
        ? 'No bank account is set. Wallets cannot tell their holders where to pay: "funding bank --holder … --iban …".'
        : fields([
            ["holder", account.holder],
            ["IBAN", account.iban],
            ["BIC", account.bic ?? "-"],
            ["text", account.text ?? "-"],
          ]),
    );
  });
}

function halfAnAccount(): OperatorError {
  return new OperatorError("usage-invalid", "Give --holder and --iban together.");
}

async function importFile(
  context: CliContext,
  file: string,
  options: GlobalOptions,
): Promise<void> {
  const text = await readBankFile(file);
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const result = await importBankFile(deps, text, (done, all) => {
      if (done % PROGRESS_EVERY === 0 && done < all) context.say(`${done} of ${all} entries …`);
    });
    context.out(options.json ? json(result) : describe(result, issuer));
    if (result.unmatched.count > 0) {
      context.say(
        'Some name no account: "funding list" shows them, "funding assign" credits them.',
      );
    }
    if (result.failed.length > 0) {
      throw new OperatorError(
        "file-unreadable",
        `Not entered: ${result.failed.length}. Mend them and import the file again; what was entered stays as it is.`,
      );
    }
  });
}

const PROGRESS_EVERY = 500;

async function readBankFile(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LIMITS.bankFileBytes) {
      throw new Error(`it has more than ${LIMITS.bankFileBytes} bytes; split it by days`);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError("file-unreadable", `${file} cannot be read: ${problem}.`, { cause });
  }
}

function describe(result: ImportResult, issuer: Issuer): string {
  const { credited, unmatched, known, skipped, failed } = result;
  const rows = [
    ["credited", String(credited.count), money(credited.amount, issuer)],
    ["name no account", String(unmatched.count), money(unmatched.amount, issuer)],
    ["known from before", String(known), ""],
    ["no money coming in", String(skipped), ""],
    ["not entered", String(failed.length), ""],
  ];
  const problems = failed.map(({ entryId, problem }) => [entryId, problem]);
  return [
    table([result.source === "csv" ? "CSV" : "CAMT.053", "ENTRIES", "AMOUNT"], rows),
    ...(problems.length === 0 ? [] : [table(["NOT ENTERED", "BECAUSE"], problems)]),
  ].join("\n\n");
}

async function list(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const entries = await listWaitingEntries(deps);
    if (options.json) return context.out(json(entries));
    const rows = entries.map((entry) => [
      moment(entry.bookedAt).slice(0, 10),
      money(entry.amount, issuer),
      entry.entryId,
      entry.text,
    ]);
    context.out(
      rows.length === 0
        ? "Nothing waits: every entry names an account, or was decided."
        : table(["BOOKED", "AMOUNT", "ENTRY", "TEXT"], rows),
    );
  });
}

async function decide(
  context: CliContext,
  options: GlobalOptions,
  work: (deps: TpsDeps) => Promise<KnownEntry>,
): Promise<void> {
  const entry = await withStorage(context, options, work);
  context.out(
    options.json
      ? json(entry)
      : entry.state === "credited"
        ? `The entry ${entry.entryId} is credited to ${entry.accountId}.`
        : `The entry ${entry.entryId} is noted as sent back.`,
  );
}

async function api(
  context: CliContext,
  options: GlobalOptions & { host: string; port: number },
): Promise<void> {
  const { host, port } = options;
  const { dataDir } = existingStorage(context, options);
  const fresh = () => Buffer.from(context.platform.randomBytes(32)).toString("base64url");
  const token = (await readSecret(dataDir, TOKEN_FILE, fresh)) ?? "";
  await withStorage(context, options, async (deps) => {
    const app = createFundingApi(deps, token, createLog("info"));
    const settings = {
      portSetting: "--port, CHIT_FUNDING_PORT",
      hostSetting: "--host, CHIT_FUNDING_HOST",
    };
    const address = await listenOn(app, { host, port, ...settings });
    context.say(
      `Telling of money: ${address}, with the token in secrets/${TOKEN_FILE}. Ctrl-C stops it.`,
    );
    await context.untilStopped();
    await app.close();
  });
}

/** In the data directory's `secrets`. */
const TOKEN_FILE = "funding-token";
