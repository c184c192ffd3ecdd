/** Payments that only a settlement report tells of: recorded as if their proof had come, or given back. */
import type { ReportEntry, SettlementReport } from "@chit/protocol";
import { errorFields } from "../../logger.ts";
import { adviseShipping } from "../fulfilment.ts";
import { keepReportedPayment } from "../payments.ts";
import type { ClearingDeps } from "./clearing-deps.ts";

type ReportedEntry = Extract<ReportEntry, { entry: "payment" }>;

/**
 * Lets a report's payment count as if its proof had come: the goods are prepared for the wallet that began, or the money
 * goes back where `refunds.latePayments` says so. Known already: nothing changes.
 *
 * @returns whether it was recorded; false also when it is for another amount than the sale's
 */
export async function recordReported(
  deps: ClearingDeps,
  { currency, scale }: Pick<SettlementReport, "currency" | "scale">,
  entry: ReportedEntry,
): Promise<boolean> {
  const { paymentId, transactionNumber, amount, quoteHash, paidAt } = entry;
  const reported = { paymentId, transactionNumber, amount, quoteHash, paidAt, currency, scale };
  if ((await keepReportedPayment(deps, reported)) !== "recorded") return false;
  const sale = await deps.store.find(transactionNumber);
  if (sale?.state !== "paid" || sale.advice !== null) return true;
  try {
    await adviseShipping(deps, sale);
  } catch (error) {
    deps.logger.error(
      { ...errorFields(error), transactionNumber },
      "A settlement report showed that a sale is paid, but its goods cannot be prepared. The wallet asks again.",
    );
  }
  return true;
}
