/** `account open|link|fund|show|hold|release|revoke-device|withdraw-invitations`. */
import { parseDecimal } from "@chit/protocol";
import type { Command } from "commander";
import { fundAccount, linkDevice, openAccount, revokeDevice } from "../accounts/accounts.ts";
import { type Holds, setAccountStatus } from "../accounts/holds.ts";
import { type AccountOverview, showAccount } from "../accounts/show.ts";
import { renewPasscode } from "../accounts/telephone-access.ts";
import { withdrawInvitations } from "../activation/invitations.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment, money, table } from "./output.ts";
import { addAccountStatementCommand } from "./statement-commands.ts";

/** Adds the commands. */
export function addAccountCommands(program: Command, context: CliContext): void {
  const account = program.command("account").description("customers' accounts");
  account
    .command("open")
    .description("open an account; passcode and link are shown this once")
    .action((_options, command: Command) => open(context, command.optsWithGlobals()));
  account
    .command("link")
    .description("make another activation link, for one more device")
    .argument("<account>")
    .action((id: string, _options, command: Command) =>
      link(context, id, command.optsWithGlobals()),
    );
  account
    .command("fund")
    .description("pay in; the same reference again moves nothing")
    .argument("<account>")
    .argument("<amount>", 'decimal number such as "25.00"')
    .requiredOption("--reference <text>", "names this payment, for example the bank's reference")
    .action((id: string, amount: string, _options, command: Command) =>
      fund(context, id, amount, command.optsWithGlobals()),
    );
  account
    .command("show")
    .description("show balance, devices and the latest movements")
    .argument("<account>")
    .action((id: string, _options, command: Command) =>
      show(context, id, command.optsWithGlobals()),
    );
  account
    .command("hold")
    .description("let no payment pass")
    .argument("<account>")
    .action((id: string, _options, command: Command) =>
      changeStatus(context, id, "held", command.optsWithGlobals()),
    );
  account
    .command("release")
    .description("lift your hold; the holder's own, placed by telephone, stays")
    .argument("<account>")
    .option("--holders-too", "lift the holder's own hold as well: they asked you to")
    .action((id: string, _options, command: Command) =>
      changeStatus(context, id, "active", command.optsWithGlobals()),
    );
  account
    .command("passcode")
    .description("make a new telephone passcode, shown this once; ends a lock-out of the telephone")
    .argument("<account>")
    .action((id: string, _options, command: Command) =>
      passcode(context, id, command.optsWithGlobals()),
    );
  account
    .command("revoke-device")
    .description("a lost or stolen computer: it pays no more")
    .argument("<account>")
    .argument("<device>")
    .action((id: string, deviceId: string, _options, command: Command) =>
      revoke(context, id, deviceId, command.optsWithGlobals()),
    );
  account
    .command("withdraw-invitations")
    .description("links, invitations and backups make no more devices; those made already stay")
    .argument("<account>")
    .action((id: string, _options, command: Command) =>
      withdraw(context, id, command.optsWithGlobals()),
    );
  addAccountStatementCommand(account, context);
}

async function open(context: CliContext, options: GlobalOptions): Promise<void> {
  const opened = await withStorage(context, options, openAccount);
  context.out(
    options.json
      ? json(opened)
      : fields([
          ["account", opened.accountId],
          ["telephone id", opened.telephoneId],
          ["telephone passcode", opened.telephonePasscode],
          ["activation link", opened.activationLink],
          ["funding reference", opened.fundingReference],
        ]),
  );
  if (!options.json) {
    context.say(
      "Passcode and link are not shown again. The passcode belongs on paper, not on the computer that pays.",
    );
  }
}

async function link(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  const activationLink = await withStorage(context, options, (deps) => linkDevice(deps, id));
  context.out(options.json ? json({ accountId: id, activationLink }) : activationLink);
}

async function fund(
  context: CliContext,
  id: string,
  amount: string,
  options: GlobalOptions & { reference: string },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const units = parseDecimal(amount, issuer.scale);
    const funding = await fundAccount(deps, id, units, options.reference);
    context.out(
      options.json
        ? json(funding)
        : fields([
            ["paid in", money(funding.amount, issuer)],
            ["reference", funding.reference],
            ["balance after", money(funding.balanceAfter, issuer)],
          ]),
    );
    if (!funding.moved) {
      context.say("This reference had been entered before: nothing was moved now.");
    }
  });
}

async function show(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const account = await showAccount(deps, id);
    context.out(options.json ? json(account) : describeAccount(account, issuer));
  });
}

function describeAccount(account: AccountOverview, issuer: Issuer): string {
  const devices = account.devices.map((device) => [
    device.deviceId,
    device.name,
    device.state,
    device.pin,
    String(device.count),
    String(device.wrongPins),
    device.lastUsedAt === null ? "never" : moment(device.lastUsedAt),
  ]);
  const movements = account.movements.map((movement) => [
    moment(movement.at),
    movement.kind,
    money(movement.amount, issuer),
    money(movement.balanceAfter, issuer),
    movement.text,
  ]);
  return [
    fields([
      ["account", account.accountId],
      ["balance", money(account.balance, issuer)],
      ["status", describeStatus(account)],
      ["telephone id", account.telephoneId],
      ["funding reference", account.fundingReference ?? "-"],
      ["opened", moment(account.createdAt)],
      ["open links", `${account.links.once} for one device, ${account.links.recovery} in backups`],
    ]),
    devices.length === 0
      ? "No device yet."
      : table(["DEVICE", "NAME", "STATE", "PIN", "COUNT", "WRONG PINS", "LAST USED"], devices),
    movements.length === 0
      ? "No movement yet."
      : table(["TIME", "KIND", "AMOUNT", "BALANCE", "TO OR FROM"], movements),
  ].join("\n\n");
}

async function changeStatus(
  context: CliContext,
  id: string,
  status: "active" | "held",
  options: GlobalOptions & { holdersToo?: boolean },
): Promise<void> {
  const held = await withStorage(context, options, (deps) =>
    setAccountStatus(deps, id, status, options.holdersToo),
  );
  const result = held.byOperator || held.byHolder ? "held" : "active";
  context.out(
    options.json
      ? json({ accountId: id, status: result, held })
      : `The account ${id} is ${result}.`,
  );
  if (status === "active" && held.byHolder) {
    context.say(
      "Your hold is lifted. The holder's own remains: they lift it by telephone, or you do with --holders-too.",
    );
  }
}

function describeStatus({ status, held }: AccountOverview): string {
  const by: Record<keyof Holds, string> = { byOperator: "by you", byHolder: "by its holder" };
  const who = (["byOperator", "byHolder"] as const).filter((holder) => held[holder]);
  return who.length === 0 ? status : `${status} ${who.map((holder) => by[holder]).join(" and ")}`;
}

async function passcode(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  const access = await withStorage(context, options, (deps) => renewPasscode(deps, id));
  context.out(
    options.json
      ? json({ accountId: id, ...access })
      : fields([
          ["telephone id", access.telephoneId],
          ["telephone passcode", access.telephonePasscode],
        ]),
  );
  if (!options.json) context.say("The passcode is not shown again; the old one is void.");
}

async function revoke(
  context: CliContext,
  id: string,
  deviceId: string,
  options: GlobalOptions,
): Promise<void> {
  await withStorage(context, options, (deps) => revokeDevice(deps, id, deviceId));
  context.out(
    options.json
      ? json({ accountId: id, deviceId, state: "revoked" })
      : `The device ${deviceId} is revoked.`,
  );
}

async function withdraw(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  const withdrawn = await withStorage(context, options, (deps) => withdrawInvitations(deps, id));
  context.out(
    options.json
      ? json({ accountId: id, withdrawn })
      : `${withdrawn} of the account's links and invitations make no device any more.`,
  );
}
