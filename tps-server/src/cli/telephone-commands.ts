/** `vru`, `case` and `alarm`: the telephone service and what it reports. */
import { type Command, InvalidArgumentError } from "commander";
import { createLog } from "../http/log.ts";
import { acknowledgeAlarm, listAlarms } from "../telephone/alarms.ts";
import { type CaseOverview, closeCase, listCases, showCase } from "../telephone/cases.ts";
import { readSettings } from "../vru/settings.ts";
import { startVru } from "../vru/start.ts";
import { type CliContext, existingStorage, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment, table } from "./output.ts";

interface ListOptions extends GlobalOptions {
  readonly all?: boolean;
}

/** Adds the commands. */
export function addTelephoneCommands(program: Command, context: CliContext): void {
  program
    .command("vru")
    .description("run the telephone service until it is told to stop (docs/TELEPHONE.md)")
    .action((_options, command: Command) => serveVru(context, command.optsWithGlobals()));
  const cases = program.command("case").description("problems reported by telephone");
  cases
    .command("list")
    .description("list open cases, the oldest first")
    .option("--all", "closed ones too")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  cases
    .command("show")
    .description("show one case, and where its recording is")
    .argument("<number>")
    .action((number: string, _options, command: Command) =>
      show(context, number, command.optsWithGlobals()),
    );
  cases
    .command("close")
    .description("note that a case is done with")
    .argument("<number>")
    .action((number: string, _options, command: Command) =>
      close(context, number, command.optsWithGlobals()),
    );
  const alarms = program
    .command("alarm")
    .description("alarms of the telephone service and of settlements");
  alarms
    .command("list")
    .description("list alarms that nobody has acknowledged, the newest first")
    .option("--all", "acknowledged ones too")
    .action((_options, command: Command) => alarmList(context, command.optsWithGlobals()));
  alarms
    .command("acknowledge")
    .description("note that you have looked at an alarm")
    .argument("<number>", "as in the list", alarmNumber)
    .action((number: number, _options, command: Command) =>
      acknowledge(context, number, command.optsWithGlobals()),
    );
}

async function serveVru(context: CliContext, options: GlobalOptions): Promise<void> {
  const settings = readSettings(context.environment);
  // With a database of its own, the data directory is only needed if the PIN key is there.
  const dataDir =
    settings.databaseUrl === undefined
      ? existingStorage(context, options).dataDir
      : (options.dataDir ?? settings.dataDir);
  const log = createLog(settings.logLevel ?? "info");
  const vru = await startVru({ ...settings, dataDir, log, platform: context.platform });
  context.say(`The telephone service takes calls at ${vru.callsUrl}. Ctrl-C stops it.`);
  await context.untilStopped();
  await vru.close();
}

async function list(context: CliContext, options: ListOptions): Promise<void> {
  const which = options.all ? "all" : "open";
  const cases = await withStorage(context, options, (deps) => listCases(deps, which));
  if (options.json) return context.out(json(cases));
  if (cases.length === 0) return context.out(options.all ? "No case yet." : "No open case.");
  context.out(
    table(
      ["CASE", "OPENED", "ABOUT", "MESSAGE", "ACCOUNT", "STATE"],
      cases.map((reported) => [
        reported.caseNumber,
        moment(reported.openedAt),
        reported.category,
        lengthOf(reported),
        reported.accountId,
        reported.closedAt === null ? "open" : "closed",
      ]),
    ),
  );
}

async function show(context: CliContext, number: string, options: GlobalOptions): Promise<void> {
  const reported = await withStorage(context, options, (deps) => showCase(deps, number));
  context.out(options.json ? json(reported) : describe(reported));
}

async function close(context: CliContext, number: string, options: GlobalOptions): Promise<void> {
  const closed = await withStorage(context, options, (deps) => closeCase(deps, number));
  context.out(options.json ? json(closed) : `The case ${number} is closed.`);
}

function describe(reported: CaseOverview): string {
  const { recordingUrl: url, closedAt, closedBy } = reported;
  return fields([
    ["case", reported.caseNumber],
    ["about", reported.category],
    ["account", reported.accountId],
    ["opened", moment(reported.openedAt)],
    ["message", lengthOf(reported)],
    ...(url === null ? [] : [["recording", url] as const]),
    ...(closedAt === null
      ? []
      : [["closed", `${moment(closedAt)} by ${closedBy ?? "somebody"}`] as const]),
  ]);
}

function lengthOf({ recordingUrl, recordingSeconds }: CaseOverview): string {
  if (recordingUrl === null) return "none";
  return recordingSeconds === null ? "yes" : `${recordingSeconds} s`;
}

async function alarmList(context: CliContext, options: ListOptions): Promise<void> {
  const which = options.all ? "all" : "open";
  const alarms = await withStorage(context, options, (deps) => listAlarms(deps, which));
  if (options.json) return context.out(json(alarms));
  if (alarms.length === 0) return context.out(options.all ? "No alarm yet." : "No open alarm.");
  context.out(
    table(
      ["ALARM", "RAISED", "WHAT", "ACCOUNT", "DEVICE", "STATE"],
      alarms.map((raised) => [
        String(raised.alarm),
        moment(raised.raisedAt),
        raised.kind,
        raised.accountId ?? "-",
        raised.deviceId ?? "-",
        raised.acknowledgedBy === null ? "open" : `acknowledged by ${raised.acknowledgedBy}`,
      ]),
    ),
  );
}

async function acknowledge(
  context: CliContext,
  alarm: number,
  options: GlobalOptions,
): Promise<void> {
  await withStorage(context, options, (deps) => acknowledgeAlarm(deps, alarm));
  context.out(
    options.json ? json({ alarm, acknowledged: true }) : `The alarm ${alarm} is acknowledged.`,
  );
}

function alarmNumber(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) {
    throw new InvalidArgumentError("Expected an alarm's number, as in the list.");
  }
  return Number(text);
}
