/** `batch process|list|show`: merchants' refund orders. */
import type { Command } from "commander";
import { processBatches } from "../clearing/batches.ts";
import { type BatchDetails, listBatches, showBatch } from "../clearing/list-batches.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { loadKeyRing } from "../keys/key-ring.ts";
import { type CliContext, type GlobalOptions, withStorage } from "./context.ts";
import { fields, json, moment, money, table } from "./output.ts";

/** Adds the commands. */
export function addBatchCommands(program: Command, context: CliContext): void {
  const batch = program.command("batch").description("merchants' batches of refund orders");
  batch
    .command("process")
    .description("execute the refund orders that wait; a running server does so by itself")
    .action((_options, command: Command) => process(context, command.optsWithGlobals()));
  batch
    .command("list")
    .description("list batches that wait, the latest first")
    .option("--all", "processed ones too")
    .action((_options, command: Command) => list(context, command.optsWithGlobals()));
  batch
    .command("show")
    .description("show a batch, and what became of its refund orders")
    .argument("<batch>")
    .action((id: string, _options, command: Command) =>
      show(context, id, command.optsWithGlobals()),
    );
}

async function process(context: CliContext, options: GlobalOptions): Promise<void> {
  const processed = await withStorage(context, options, async (deps) => {
    const ring = await loadKeyRing(deps);
    return processBatches({ ...deps, keyRings: { current: () => ring } });
  });
  context.out(
    options.json
      ? json({ processed })
      : `Batches processed: ${processed === 0 ? "none waited" : processed}.`,
  );
}

async function list(
  context: CliContext,
  options: GlobalOptions & { readonly all?: boolean },
): Promise<void> {
  const all = options.all === true;
  const batches = await withStorage(context, options, (deps) => listBatches(deps, { all }));
  if (options.json) return context.out(json(batches));
  if (batches.length === 0) return context.out(all ? "There is no batch yet." : "No batch waits.");
  context.out(
    table(
      ["BATCH", "MERCHANT", "ORDERS", "RECEIVED", "PROCESSED"],
      batches.map((one) => [
        one.batchId,
        one.merchant,
        String(one.orders),
        moment(one.receivedAt),
        one.processedAt === null ? "waits" : moment(one.processedAt),
      ]),
    ),
  );
}

async function show(context: CliContext, id: string, options: GlobalOptions): Promise<void> {
  await withStorage(context, options, async (deps) => {
    const batches = await showBatch(deps, id);
    const issuer = await readIssuer(deps.database);
    const text = () => batches.map((batch) => describe(batch, (amount) => money(amount, issuer)));
    context.out(options.json ? json(batches) : text().join("\n\n"));
  });
}

function describe(batch: BatchDetails, amount: (units: bigint) => string): string {
  return [
    fields([
      ["batch", batch.batchId],
      ["merchant", `${batch.merchant} (${batch.merchantId})`],
      ["received", moment(batch.receivedAt)],
      ["processed", batch.processedAt === null ? "waits" : moment(batch.processedAt)],
    ]),
    table(
      ["ORDER", "TRANSACTION NUMBER", "REFUNDED", "OUTCOME", "PAYMENTS", "GIVEN BACK"],
      batch.orders.map((order) => [
        order.orderId,
        order.transactionNumber,
        `${amount(order.refunded)} of ${amount(order.of)}`,
        [order.outcome ?? "waits", order.reason].filter((part) => part !== null).join(": "),
        String(order.payments),
        amount(order.given),
      ]),
    ),
  ].join("\n\n");
}
