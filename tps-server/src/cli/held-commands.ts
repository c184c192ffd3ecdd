/** `settlement held-back|release|refund`. */
import type { Command } from "commander";
import {
  type HeldPayment,
  listHeldPayments,
  refundHeldPayment,
  releaseHeldPayment,
} from "../clearing/held-back.ts";
import { type Issuer, readIssuer } from "../issuer/read-issuer.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment, money } from "./output.ts";

/** Adds the commands to `settlement`. */
export function addHeldCommands(settlement: Command, context: CliContext): void {
  settlement
    .command("held-back")
    .description("list payments whose device signature did not verify")
    .option("--all", "those that were decided about too")
    .action((_options, command: Command) => heldBack(context, command.optsWithGlobals()));
  settlement
    .command("release")
    .description("let the next settlement credit a payment that was held back")
    .argument("<payment>")
    .action((id: string, _options, command: Command) =>
      release(context, id, command.optsWithGlobals()),
    );
  settlement
    .command("refund")
    .description("give a payment that was held back to the account that it was taken from")
    .argument("<payment>")
    .action((id: string, _options, command: Command) =>
      refund(context, id, command.optsWithGlobals()),
    );
}

async function heldBack(
  context: CliContext,
  options: GlobalOptions & { all?: boolean },
): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const held = await listHeldPayments(deps, options.all ? "all" : "open");
    if (options.json) return context.out(json(held));
    if (held.length === 0) return context.out("No payment is held back.");
    const issuer = await readIssuer(deps.database);
    context.out(held.map((payment) => describeHeld(payment, issuer)).join("\n\n"));
  });
}

const REASONS: Readonly<Record<HeldPayment["reason"], string>> = {
  "signature-invalid": "the device's signature does not verify",
  "order-differs": "the device signed another order",
  "device-unknown": "there is no such device",
  "payment-missing": "there is no such payment, or it was denied",
  "copy-differs": "the settlement's copy differs from the payment",
};

function describeHeld(held: HeldPayment, issuer: Issuer): string {
  return fields([
    ["payment", held.paymentId],
    ["why", `${REASONS[held.reason]} (${held.reason})`],
    ["amount", money(held.amount, issuer)],
    ["paid", moment(held.paidAt)],
    ["merchant", `${held.merchant} (${held.merchantId})`],
    ["transaction", held.transactionNumber],
    ["account", held.accountId],
    ["device", held.deviceId],
    ["settlement", String(held.cycle)],
    ...(held.refunded === 0n ? [] : [["refunded", money(held.refunded, issuer)] as const]),
    ...(held.decision === null
      ? []
      : [["decision", `${held.decision} by ${held.decidedBy}`] as const]),
  ]);
}

async function release(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, (deps) => releaseHeldPayment(deps, id));
  context.out(
    options.json
      ? json({ paymentId: id, decision: "released" })
      : `The payment ${id} is credited by the next settlement.`,
  );
}

async function refund(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const issuer = await readIssuer(deps.database);
    const given = await refundHeldPayment(deps, id);
    context.out(
      options.json
        ? json({ paymentId: id, decision: "refunded", given })
        : `${money(given, issuer)} of the payment ${id} went back to its account.`,
    );
  });
}
