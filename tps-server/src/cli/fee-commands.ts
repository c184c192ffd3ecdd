/** `fees show|set`. */
import { formatDecimal, parseDecimal } from "@chit/protocol";
import type { Command } from "commander";
import { type FeeRateOverview, listFeeRates, setFeeRate } from "../clearing/fees.ts";
import { OperatorError } from "../errors.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { json, moment, money, table } from "./output.ts";

/** Adds the commands. */
export function addFeeCommands(program: Command, context: CliContext): void {
  const fees = program.command("fees").description("what payments cost merchants");
  fees
    .command("show")
    .description("show the rate for all, and merchants' own")
    .action((_options, command: Command) => showFees(context, command.optsWithGlobals()));
  fees
    .command("set")
    .description("set the rate for all, or one merchant's own; from the next settlement on")
    .option("--percent <share>", 'of each payment, with at most two decimals, such as "1.50"')
    .option("--fixed <amount>", 'for each payment, such as "0.05"')
    .option("--merchant <merchant>", "this merchant's own rate")
    .option("--default", "take the merchant's own rate away")
    .action((_options, command: Command) => setFees(context, command.optsWithGlobals()));
}

async function showFees(context: CliContext, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const rates = await listFeeRates(deps);
    if (options.json) return context.out(json(rates));
    const issuer = await readIssuer(deps.database);
    context.out(
      table(
        ["MERCHANT", "PERCENT", "FIXED", "SINCE", "ID"],
        rates.map((rate) => describeRate(rate, issuer)),
        { right: [1, 2] },
      ),
    );
  });
}

function describeRate(rate: FeeRateOverview, issuer: Issuer): string[] {
  return [
    rate.name ?? "all others",
    `${formatDecimal(BigInt(rate.basisPoints), 2)} %`,
    money(rate.fixed, issuer),
    rate.changedAt === null ? "-" : moment(rate.changedAt),
    rate.merchantId ?? "-",
  ];
}

interface FeeOptions extends GlobalOptions {
  readonly percent?: string;
  readonly fixed?: string;
  readonly merchant?: string;
  readonly default?: boolean;
}

async function setFees(context: CliContext, options: FeeOptions): Promise<void> {
  const { percent, fixed, merchant = null, default: remove = false } = options;
  if (
    remove ? merchant === null || percent !== undefined || fixed !== undefined : !percent && !fixed
  ) {
    throw new OperatorError(
      "usage-invalid",
      "Give --percent or --fixed or both; or --merchant with --default.",
    );
  }
  await withStorage(context, options, async (deps) => {
    const { scale } = await readIssuer(deps.database);
    const rate = {
      basisPoints: Number(parseDecimal(percent ?? "0", 2)),
      fixed: parseDecimal(fixed ?? "0", scale),
    };
    await setFeeRate(deps, merchant, remove ? null : rate);
  });
  await showFees(context, options);
}
