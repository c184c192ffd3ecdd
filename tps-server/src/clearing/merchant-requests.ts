/** What merchants ask for after the sale: their settlement reports and the pages of these. */
import {
  ChitError,
  createMerchantStatementAnswer,
  createReportsAnswer,
  decodeMerchantRequest,
  type MerchantRequest,
  LIMITS as PROTOCOL_LIMITS,
  utf8,
  verifyMerchantRequest,
} from "@chit/protocol";
import { OperatorError } from "../errors.ts";
import { HttpProblem } from "../http/problem.ts";
import { readSigningKeys } from "../merchants/signing-keys.ts";
import { merchantStatement, type Span } from "../statements/merchant-statement.ts";
import { one } from "../store/database.ts";
import type { ClearingDeps } from "./deps.ts";

/**
 * Answers a merchant's request.
 *
 * @param document the exact JWS received
 * @returns the exact bytes of the answer, JSON
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`, `authentication-failed`
 * @throws {HttpProblem} `merchant-key-unknown`, `issuer-mismatch`, `request-outdated`, `report-unknown`;
 * `malformed-message` for a statement over too long a time
 */
export async function answerMerchantRequest(
  deps: ClearingDeps,
  document: string,
): Promise<Uint8Array> {
  const { iss: merchantId, request } = await verifyRequest(deps, document);
  switch (request.request) {
    case "reports":
      return readReports(deps, merchantId, request.after);
    case "report-page":
      return readPage(deps, merchantId, request.cycle, request.page);
    case "statement":
      return readStatement(deps, merchantId, request);
  }
}

async function readStatement(
  deps: ClearingDeps,
  merchantId: string,
  span: Span,
): Promise<Uint8Array> {
  try {
    const ring = deps.keyRings.current();
    return createMerchantStatementAnswer(await merchantStatement(deps, ring, merchantId, span));
  } catch (error) {
    // More settlements than a statement holds: the merchant asks for a shorter time.
    if (!(error instanceof OperatorError && error.code === "setting-invalid")) throw error;
    throw new HttpProblem("malformed-message", error.message);
  }
}

async function verifyRequest(deps: ClearingDeps, document: string): Promise<MerchantRequest> {
  const { merchantId, kid } = decodeMerchantRequest(document);
  const key = (await readSigningKeys(deps.database, merchantId)).get(kid);
  if (key === undefined) {
    throw new HttpProblem(
      "merchant-key-unknown",
      "Sign with the key of a certificate of this merchant that is not revoked.",
    );
  }
  const { origin } = deps.keyRings.current().issuer;
  try {
    return verifyMerchantRequest(deps.crypto, key, document, {
      issuer: origin,
      now: deps.platform.nowSeconds(),
    });
  } catch (error) {
    if (!(error instanceof ChitError)) throw error;
    switch (error.code) {
      case "transaction-mismatch":
        throw new HttpProblem("issuer-mismatch", error.message);
      case "expired":
      case "not-yet-valid":
        throw new HttpProblem("request-outdated", error.message);
      default:
        throw error;
    }
  }
}

async function readReports(
  { database }: Pick<ClearingDeps, "database">,
  merchantId: string,
  after: number,
): Promise<Uint8Array> {
  const most = PROTOCOL_LIMITS.reportsTold;
  const rows = await database.query<{ document: string }>(
    `select document from settlement_reports where merchant_id = $1 and cycle > $2 order by cycle limit ${most + 1}`,
    [merchantId, after],
  );
  return createReportsAnswer(
    rows.slice(0, most).map(({ document }) => document),
    rows.length > most,
  );
}

async function readPage(
  { database }: Pick<ClearingDeps, "database">,
  merchantId: string,
  cycle: number,
  page: number,
): Promise<Uint8Array> {
  const row = one(
    await database.query<{ content: string }>(
      "select content from settlement_report_pages where merchant_id = $1 and cycle = $2 and page = $3",
      [merchantId, cycle, page],
    ),
  );
  if (row === undefined) {
    throw new HttpProblem("report-unknown", "Ask for reports first, and for the pages they name.");
  }
  return utf8(row.content);
}
