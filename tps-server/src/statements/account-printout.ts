/** An account's statement as a table. */
import type { AccountStatement, StatementMovement } from "@chit/protocol";
import { decimal, type Printout, second } from "./printout.ts";

const KINDS: Record<StatementMovement["kind"], string> = {
  payment: "payment",
  refund: "refund",
  funding: "paid in",
};

/** @param operator who keeps the account */
export function accountPrintout(statement: AccountStatement, operator: string): Printout {
  const { scale, currency, merchants } = statement;
  const money = (amount: bigint) => `${decimal(amount, scale)} ${currency}`;
  const counted = ({ count, amount }: { count: number; amount: bigint }) =>
    `${money(amount)} (${count})`;
  return {
    title: `Statement for ${statement.month}`,
    facts: [
      ["account", statement.accountId],
      ["kept by", `${operator}, ${statement.iss}`],
      ["month", `${statement.month} (UTC)${statement.complete ? "" : ", still running"}`],
      ["made", `${second(statement.iat)} UTC`],
      ["number", statement.jti],
      ["balance before", money(statement.opening)],
    ],
    columns: [
      { heading: "Time (UTC)" },
      { heading: "Kind" },
      { heading: "Shop or reference" },
      { heading: "In", amount: true },
      { heading: "Out", amount: true },
      { heading: "Balance", amount: true },
      { heading: "Currency" },
      { heading: "Payment" },
      { heading: "Transaction" },
    ],
    rows: statement.movements.map((movement) => {
      const isFunding = movement.kind === "funding";
      const goesOut = movement.kind === "payment";
      return [
        second(movement.at),
        KINDS[movement.kind],
        isFunding ? movement.reference : (merchants.get(movement.merchantId) ?? ""),
        decimal(goesOut ? null : movement.amount, scale),
        decimal(goesOut ? movement.amount : null, scale),
        decimal(movement.balance, scale),
        currency,
        isFunding ? "" : movement.paymentId,
        isFunding ? "" : movement.transactionNumber,
      ];
    }),
    sums: [
      ["paid", counted(statement.payments)],
      ["given back", counted(statement.refunds)],
      ["paid in", counted(statement.fundings)],
      ["balance after", money(statement.closing)],
    ],
  };
}
