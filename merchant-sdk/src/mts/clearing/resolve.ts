/** What a person decides about a finding, done. */
import { MerchantError } from "../../errors.ts";
import { happenToAny } from "../happen.ts";
import type { ClearingDeps } from "./clearing-deps.ts";
import { lastReport } from "./fetch-reports.ts";
import type { Resolution } from "./finding.ts";
import { recordReported } from "./reported-payments.ts";

/**
 * Does what a finding proposes. The same again changes nothing.
 *
 * @throws {MerchantError} `sale-unknown`, `refund-invalid`, `finding-unknown`
 */
export async function resolve(deps: ClearingDeps, resolution: Resolution): Promise<void> {
  switch (resolution.action) {
    case "record":
      return record(deps, resolution);
    case "refund":
      return refundAll(deps, resolution.transactionNumber);
    case "send-again": {
      const { batchId } = resolution;
      if ((await deps.store.batch(batchId)) === undefined) throw unknown(`batch ${batchId}`);
      await deps.store.releaseOrders(batchId);
    }
  }
}

async function record(
  deps: ClearingDeps,
  { cycle, index }: Extract<Resolution, { action: "record" }>,
): Promise<void> {
  const report = await lastReport(deps);
  const place = { cycle, index: index - 1 };
  const [booked] = await deps.store.entries({ kind: "all", cycle }, place, 1);
  const entry = booked?.index === index ? booked.entry : undefined;
  if (report === undefined || entry?.entry !== "payment" || entry.state !== "settled") {
    throw unknown(`payment ${index} in the report of cycle ${cycle}`);
  }
  await recordReported(deps, report, entry);
}

/** A number that nobody is known to have paid is cancelled first, so that nothing is delivered for it meanwhile. */
async function refundAll(deps: ClearingDeps, transactionNumber: string): Promise<void> {
  const sale = await deps.store.find(transactionNumber);
  if (sale === undefined) {
    throw new MerchantError("sale-unknown", `This shop has no sale ${transactionNumber}.`);
  }
  if (sale.state === "quoted" || sale.state === "authenticated") {
    await happenToAny(deps, transactionNumber, { type: "cancelled" });
  }
  const everything = { type: "refund-made", amount: null, message: null } as const;
  await happenToAny(deps, transactionNumber, everything);
}

const unknown = (what: string) =>
  new MerchantError(
    "finding-unknown",
    `There is no ${what}. Reconcile again: it may be settled by now.`,
  );
