/** What the background does for the pages about statements and paying in. */
import { askRecords } from "../cts/account-records.ts";
import type { CtsDeps } from "../cts/deps.ts";
import { accountStatement, statementMonths } from "../cts/statements.ts";
import type { RequestHandlers } from "./requests.ts";

export function statementHandlers(
  deps: CtsDeps,
): Pick<RequestHandlers, "statementMonths" | "statement" | "funding"> {
  return {
    statementMonths: ({ accountKey }) => statementMonths(deps, accountKey),
    statement: ({ accountKey, month }) => accountStatement(deps, accountKey, month),
    async funding({ accountKey }) {
      const answer = await askRecords(deps, accountKey, { wish: "funding" });
      if (answer.outcome === "no-funding") return { details: null };
      const { reference, holder, iban, bic, text } = answer;
      return { details: { reference, holder, iban, bic, text } };
    },
  };
}
