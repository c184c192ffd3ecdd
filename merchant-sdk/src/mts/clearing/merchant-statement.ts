/** The operator's signed statement over a time: for the merchant's accounting, and as evidence. */
import {
  ChitError,
  type MerchantStatement,
  readMerchantStatementAnswer,
  verifyMerchantStatement,
} from "@chit/protocol";
import { askIssuer } from "./ask-issuer.ts";
import type { ClearingDeps } from "./clearing-deps.ts";

/** A statement, and the signed document that it was read from: keep that one. */
export interface SignedStatement {
  readonly statement: MerchantStatement;
  /** A JWS. */
  readonly document: string;
}

/**
 * Fetches the statement over the settlements that ended at or after `from` and before `until` (seconds), verified.
 *
 * @throws {IssuerRefusal} {@link IssuerUnavailable} as the TPS says; {ChitError} when it does not verify
 */
export async function fetchStatement(
  deps: ClearingDeps,
  from: number,
  until: number,
): Promise<SignedStatement> {
  const answer = await askIssuer(deps, { request: "statement", from, until });
  const document = readMerchantStatementAnswer(answer);
  const { merchantId } = deps.certificate;
  const statement = await deps.issuerKeys.verifiedBy((list) =>
    verifyMerchantStatement(deps.crypto, list, document, { merchantId }),
  );
  if (statement.from !== from || statement.until !== until) {
    throw new ChitError("transaction-mismatch", "The statement is over another time. Ask again.");
  }
  return { statement, document };
}
