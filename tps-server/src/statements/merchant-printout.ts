/** A merchant's statement as a table. */
import type { MerchantStatement } from "@chit/protocol";
import { decimal, type Printout, second } from "./printout.ts";

/** @param operator who settles */
export function merchantPrintout(statement: MerchantStatement, operator: string): Printout {
  const { scale, currency } = statement;
  const cell = (amount: bigint) => decimal(amount, scale);
  const money = (amount: bigint) => `${cell(amount)} ${currency}`;
  const counted = ({ count, amount }: { count: number; amount: bigint }) =>
    `${money(amount)} (${count})`;
  return {
    title: `Statement for ${statement.name}`,
    facts: [
      ["merchant", statement.merchantId],
      ["settled by", `${operator}, ${statement.iss}`],
      ["settlements from", `${second(statement.from)} UTC`],
      ["until before", `${second(statement.until)} UTC`],
      ["made", `${second(statement.iat)} UTC`],
      ["number", statement.jti],
      ["owed before", money(statement.opening)],
    ],
    columns: [
      { heading: "Cycle" },
      { heading: "Until (UTC)" },
      { heading: "Payments" },
      { heading: "Amount", amount: true },
      { heading: "Fees", amount: true },
      { heading: "Refunds", amount: true },
      { heading: "Held back", amount: true },
      { heading: "Returned", amount: true },
      { heading: "Paid out", amount: true },
      { heading: "Owed", amount: true },
      { heading: "Currency" },
    ],
    rows: statement.cycles.map((cycle) => [
      String(cycle.cycle),
      second(cycle.until),
      String(cycle.payments.count),
      cell(cycle.payments.amount),
      cell(cycle.fees),
      cell(cycle.refunds.amount),
      cell(cycle.heldBack.amount),
      cell(cycle.returned.amount),
      cell(cycle.payout?.amount ?? 0n),
      cell(cycle.closing),
      currency,
    ]),
    sums: [
      ["payments", counted(statement.payments)],
      ["fees", money(statement.fees)],
      ["refunds", counted(statement.refunds)],
      ["held back", counted(statement.heldBack)],
      ["returned", counted(statement.returned)],
      ["paid out", counted(statement.payouts)],
      ["owed after", money(statement.closing)],
    ],
  };
}
