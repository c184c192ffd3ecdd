/** `settle` and `settlement list|show|report`. */
import { formatDecimal } from "@chit/protocol";
import { type Command, InvalidArgumentError } from "commander";
import {
  copyReport,
  listSettlements,
  type MerchantSettlement,
  showSettlement,
} from "../clearing/overview.ts";
import { type SettlementProgress, settle } from "../clearing/settle.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { addHeldCommands } from "./held-commands.ts";
import { decimalsFor, fields, json, moment, table } from "./output.ts";

/** Adds the commands. */
export function addSettlementCommands(program: Command, context: CliContext): void {
  program
    .command("settle")
    .description("settle a cycle: verify, credit merchants, put down payouts, sign reports")
    .option("--until <time>", "payments before this time, such as 2026-11-22T00:00:00Z", timeOf)
    .action((_options, command: Command) => settleNow(context, command.optsWithGlobals()));
  const settlement = program
    .command("settlement")
    .description("settlements and what they held back");
  settlement
    .command("list")
    .description("list the cycles")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  settlement
    .command("show")
    .description("show what each merchant was told of a cycle")
    .argument("<cycle>", undefined, cycleOf)
    .action((cycle: number, _options, command: Command) =>
      show(context, cycle, command.optsWithGlobals()),
    );
  settlement
    .command("report")
    .description("print a merchant's signed report with its pages, as JSON")
    .argument("<cycle>", undefined, cycleOf)
    .argument("<merchant>")
    .action((cycle: number, merchant: string, _options, command: Command) =>
      withStorage(context, command.optsWithGlobals(), async (deps) =>
        context.out(json(await copyReport(deps, cycle, merchant))),
      ),
    );
  addHeldCommands(settlement, context);
}

async function settleNow(
  context: CliContext,
  options: GlobalOptions & { until?: number },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const onProgress = options.json ? undefined : tellProgress(context);
    const done = await settle(deps, { until: options.until, onProgress });
    const merchants = await showSettlement(deps, done.cycle);
    if (options.json) return context.out(json({ ...done, merchants }));
    if (done.resumed) context.say(`Settlement ${done.cycle} had been broken off: it is done now.`);
    context.out(
      [
        fields([
          ["settlement", String(done.cycle)],
          ["payments", `${moment(done.from)} to ${moment(done.until)}`],
        ]),
        describeMerchants(merchants, issuer),
      ].join("\n\n"),
    );
    if (merchants.some(({ held }) => held > 0n)) {
      context.say("Payments were held back. Look at them: chit-tps settlement held-back");
    }
    if (merchants.some(({ payout }) => payout > 0n)) {
      context.say("Payouts wait for a file: chit-tps payout file");
    }
  });
}

/** A line for each stage, and another one whenever a tenth more of it is done. */
function tellProgress(context: CliContext): (progress: SettlementProgress) => void {
  let told = "";
  return ({ stage, done, of }) => {
    const tenth = of === 0 ? 0 : Math.floor((done * 10) / of);
    const step = `${stage} ${tenth}`;
    if (step === told) return;
    told = step;
    const what = stage === "crediting" ? "merchants" : "payments";
    context.say(
      stage === "collecting" ? "Collecting payments" : `${STAGES[stage]}: ${done} of ${of} ${what}`,
    );
  };
}

const STAGES = { verifying: "Verifying signatures", crediting: "Crediting" } as const;

function describeMerchants(merchants: readonly MerchantSettlement[], issuer: Issuer): string {
  if (merchants.length === 0) return "Nothing happened for any merchant.";
  const values = merchants.flatMap((each) => [
    ...[each.opening, each.payments, each.fees, each.refunds],
    ...[each.returned, each.payout, each.closing, each.held],
  ]);
  const decimals = decimalsFor(values, issuer);
  const amount = (value: bigint) =>
    value === 0n ? "-" : formatDecimal(value, issuer.scale, decimals);
  const row = (name: string, each: Omit<MerchantSettlement, "merchantId" | "merchant">) => [
    name,
    amount(each.opening),
    String(each.paymentsCount),
    amount(each.payments),
    amount(each.fees),
    amount(each.refunds),
    amount(each.returned),
    amount(each.payout),
    amount(each.closing),
    amount(each.held),
  ];
  const sum = (of: (merchant: MerchantSettlement) => bigint) =>
    merchants.reduce((total, merchant) => total + of(merchant), 0n);
  const all = {
    opening: sum(({ opening }) => opening),
    paymentsCount: merchants.reduce((total, { paymentsCount }) => total + paymentsCount, 0),
    payments: sum(({ payments }) => payments),
    fees: sum(({ fees }) => fees),
    refunds: sum(({ refunds }) => refunds),
    returned: sum(({ returned }) => returned),
    payout: sum(({ payout }) => payout),
    closing: sum(({ closing }) => closing),
    held: sum(({ held }) => held),
  };
  return table(
    [
      `MERCHANT (${issuer.currency})`,
      "OPENING",
      "NUMBER",
      "PAYMENTS",
      "- FEES",
      "- REFUNDS",
      "+ RETURNED",
      "- PAYOUT",
      "CLOSING",
      "HELD BACK",
    ],
    [
      ...merchants.map((merchant) => row(nameOf(merchant, merchants), merchant)),
      ...(merchants.length > 1 ? [row("all", all)] : []),
    ],
    { right: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
  );
}

/** Shops may have the same name: these are told apart. */
function nameOf(
  { merchant, merchantId }: MerchantSettlement,
  all: readonly MerchantSettlement[],
): string {
  const namesakes = all.filter((other) => other.merchant === merchant);
  return namesakes.length > 1 ? `${merchant} (${merchantId})` : merchant;
}

async function list(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const settlements = await listSettlements(deps);
    if (options.json) return context.out(json(settlements));
    if (settlements.length === 0) {
      return context.out('No settlement yet. "chit-tps settle" makes the first.');
    }
    const { scale, currency } = await readIssuer(deps.database);
    const values = settlements.flatMap((each) => [
      ...[each.payments, each.fees, each.refunds, each.held, each.payouts],
    ]);
    const decimals = decimalsFor(values, { scale });
    const amount = (value: bigint) => formatDecimal(value, scale, decimals);
    context.out(
      table(
        ["CYCLE", "UNTIL", "STATE", "MERCHANTS", "PAYMENTS", "FEES", "REFUNDS", "HELD", "PAYOUTS"],
        settlements.map((each) => [
          String(each.cycle),
          moment(each.until),
          each.state,
          String(each.merchants),
          amount(each.payments),
          amount(each.fees),
          amount(each.refunds),
          amount(each.held),
          `${amount(each.payouts)} ${currency}`,
        ]),
        { right: [0, 3, 4, 5, 6, 7, 8] },
      ),
    );
  });
}

async function show(context: CliContext, cycle: number, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const merchants = await showSettlement(deps, cycle);
    const issuer = await readIssuer(deps.database);
    context.out(options.json ? json(merchants) : describeMerchants(merchants, issuer));
  });
}

function timeOf(text: string): number {
  const seconds = Date.parse(text) / 1000;
  if (/^\d{4}-\d\d-\d\dT[\d:]+(Z|[+-]\d\d:\d\d)$/.test(text) && Number.isInteger(seconds)) {
    return seconds;
  }
  throw new InvalidArgumentError("Expected a time with its zone, such as 2026-11-22T00:00:00Z.");
}

function cycleOf(text: string): number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected the number of a settlement.");
}
