/** `audit`. */
import type { Command } from "commander";
import { type Audit, audit } from "../clearing/audit/audit.ts";
import { recordAudit } from "../clearing/audit/record.ts";
import { OperatorError } from "../errors.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { decimalsFor, fields, json, moment, money, table } from "./output.ts";

/** Adds the command. */
export function addAuditCommands(program: Command, context: CliContext): void {
  program
    .command("audit")
    .description("compute every balance again from the records; exit code 1 when something differs")
    .option("--all", "verify all documents and signatures, not the newest alone")
    .action((_options, command: Command) => run(context, command.optsWithGlobals()));
}

async function run(context: CliContext, options: GlobalOptions & { all?: boolean }): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const onCheck = options.json ? undefined : ({ name }: { name: string }) => context.say(name);
    const found = await audit(deps, { all: options.all ?? false, ...(onCheck && { onCheck }) });
    context.out(options.json ? json(found) : describe(found, issuer));
    await recordAudit(deps.database, found);
    if (found.isSound) return;
    const number = found.checks.reduce((sum, { findings }) => sum + findings.length, 0);
    throw new OperatorError(
      "books-differ",
      found.difference === 0n
        ? `${number} records are not what they should be.`
        : `The books do not balance: ${money(found.difference, issuer)} too much in them; ${number} records are not what they should be.`,
    );
  });
}

function describe(found: Audit, issuer: Issuer): string {
  const { accounts, merchants, inTransit, fees, funded, paidOut } = found.figures;
  const held = accounts + merchants + inTransit + fees;
  const decimals = decimalsFor(
    [held, accounts, merchants, inTransit, fees, funded, paidOut],
    issuer,
  );
  const amount = (value: bigint) => money(value, issuer, decimals);
  const findings = found.checks.flatMap(({ findings: some, more }) => [
    ...some.map(({ subject, text }) => `${subject}: ${text}`),
    ...(more ? ["… and more of this kind"] : []),
  ]);
  return [
    fields([
      ["as of", moment(found.at)],
      ["documents", found.all ? "all of them" : "the newest (--all: every one)"],
    ]),
    table(
      ["CHECK", "LOOKED AT", "DIFFER"],
      found.checks.map(({ name, looked, findings: some, more }) => [
        name,
        String(looked),
        some.length === 0 ? "-" : `${some.length}${more ? "+" : ""}`,
      ]),
      { right: [1, 2] },
    ),
    table(
      ["WHERE THE MONEY IS", "AMOUNT", "WHERE IT CAME FROM", "AMOUNT"],
      [
        ["customers' accounts", amount(accounts), "paid in", amount(funded)],
        ["merchants' accounts", amount(merchants), "- paid out", amount(-paidOut)],
        ["in transit", amount(inTransit), "", ""],
        ["fees", amount(fees), "", ""],
        ["together", amount(held), "together", amount(funded - paidOut)],
      ],
      { right: [1, 3] },
    ),
    findings.length > 0
      ? findings.join("\n")
      : found.difference === 0n
        ? "The books balance, and every record is what it should be."
        : `The books do not balance: ${amount(found.difference)} too much in them.`,
  ].join("\n\n");
}
