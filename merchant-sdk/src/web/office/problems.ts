/** What a person is told when something fails; the log gets the rest. */
import { ChitError } from "@chit/protocol";
import { MerchantError } from "../../errors.ts";
import { errorFields } from "../../logger.ts";
import { IssuerRefusal, IssuerUnavailable } from "../../mts/clearing/issuer-client.ts";
import { OfficeProblem } from "./answer.ts";
import type { Visit } from "./visit.ts";

/** Any error as a problem. */
export function problemOf({ deps }: Visit, error: unknown): OfficeProblem {
  const problem = translate(error);
  if (problem.status >= 500) {
    deps.mts.logger.error(errorFields(error), "A page of the back office failed.");
  }
  return problem;
}

function translate(error: unknown): OfficeProblem {
  if (error instanceof OfficeProblem) return error;
  const cause = { cause: error };
  if (error instanceof IssuerUnavailable) return new OfficeProblem("unavailable", 503, cause);
  if (error instanceof IssuerRefusal) return new OfficeProblem("refused", 502, cause);
  if (error instanceof ChitError) return new OfficeProblem("inconsistent", 502, cause);
  if (!(error instanceof MerchantError)) return new OfficeProblem("failed", 500, cause);
  switch (error.code) {
    case "sale-unknown":
      return new OfficeProblem("sale", 404, cause);
    case "finding-unknown":
      return new OfficeProblem("gone", 409, cause);
    case "sale-paid":
      return new OfficeProblem("over", 409, cause);
    case "refund-invalid":
    case "price-invalid":
      return new OfficeProblem("amount", 400, cause);
    case "options-invalid":
      return new OfficeProblem("form", 400, cause);
    case "key-list-expired":
      return new OfficeProblem("unavailable", 503, cause);
    default:
      return new OfficeProblem("failed", 500, cause);
  }
}
