import {
  createMerchantRequest,
  LIMITS,
  MERCHANT_REQUESTS_PATH,
  type MerchantWish,
  toBase64url,
} from "@chit/protocol";
import type { ClearingDeps } from "./clearing-deps.ts";
import { postDocument } from "./issuer-client.ts";

/**
 * Asks the TPS for something of this merchant's, by a signed request.
 *
 * @throws {IssuerRefusal} {@link IssuerUnavailable}
 */
export async function askIssuer(deps: ClearingDeps, request: MerchantWish): Promise<Uint8Array> {
  const { issuer } = deps.issuerKeys;
  const document = await createMerchantRequest(deps.signer, {
    iss: deps.certificate.merchantId,
    aud: issuer,
    jti: toBase64url(deps.crypto.randomBytes(16)),
    iat: deps.clock(),
    request,
  });
  const url = `${issuer}${MERCHANT_REQUESTS_PATH}`;
  return (await postDocument(deps, url, document, MOST_BYTES)).body;
}

/** The longest of the answers: those to one request are bounded where they are read. */
const MOST_BYTES = Math.max(LIMITS.reportsAnswerBytes, LIMITS.merchantStatementAnswerBytes);
