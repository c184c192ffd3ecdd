/**
 * What a merchant asks the TPS for after the sale: its settlement reports and their pages. A request is a document
 * signed by the merchant's certified signing key; it changes nothing, so that repeating one within its time does no harm.
 */
import * as v from "valibot";
import type { ProtocolCrypto, Signer } from "./crypto.ts";
import { ChitError } from "./errors.ts";
import { DOCUMENT_TYPES, decodeDocument, signDocument, verifyDocument } from "./jws.ts";
import { LIMITS } from "./limits.ts";
import {
  header,
  identifier,
  jwsUpTo,
  message,
  messageBytes,
  parseMessage,
  time,
  webOrigin,
  whole,
} from "./schema.ts";
import { settlementCycle } from "./settlement-report.ts";

/** Where a TPS takes merchants' requests (POST of the JWS), under the issuer's origin. */
export const MERCHANT_REQUESTS_PATH = "/v1/merchant-requests";

const wishSchema = v.variant("request", [
  /** The reports of later cycles than `after` (0: from the first), the oldest first. */
  message({ request: v.literal("reports"), after: whole(0, Number.MAX_SAFE_INTEGER) }),
  /** One page of a report, counted from 0: its exact bytes. */
  message({
    request: v.literal("report-page"),
    cycle: settlementCycle,
    page: whole(0, LIMITS.reportPages - 1),
  }),
  /** The statement over the settlements that ended at or after `from` and before `until`. */
  message({ request: v.literal("statement"), from: time, until: time }),
]);

/** What a merchant asks for. */
export type MerchantWish = v.InferOutput<typeof wishSchema>;

const requestSchema = message({
  v: v.literal(1),
  /** The merchant id. */
  iss: identifier,
  /** The issuer: the web origin of the TPS that is asked. */
  aud: webOrigin,
  jti: identifier,
  iat: time,
  request: wishSchema,
});

/** A merchant's request. */
export type MerchantRequest = v.InferOutput<typeof requestSchema>;

/** Signs a request with the merchant's certified signing key. `iat` in seconds; `jti` 16 random bytes as base64url. */
export async function createMerchantRequest(
  signer: Signer,
  request: Omit<MerchantRequest, "v">,
): Promise<string> {
  return signDocument(signer, DOCUMENT_TYPES.merchantRequest, { v: 1, ...request });
}

/**
 * Who says it is asking, and the id of the key that signed; nothing is verified yet.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `document-type-wrong`
 */
export function decodeMerchantRequest(document: string): { merchantId: string; kid: string } {
  const { kid, payload } = decodeDocument(document, DOCUMENT_TYPES.merchantRequest, requestSchema);
  return { merchantId: payload.iss, kid };
}

/**
 * Verifies a request under the merchant's signing key, at the TPS with this web origin, at `now` (seconds).
 *
 * @throws {ChitError} as `verifyDocument` does; `transaction-mismatch` when it is meant for another issuer; `expired`,
 * `not-yet-valid` when it is older or newer than the clocks may differ.
 */
export function verifyMerchantRequest(
  crypto: Pick<ProtocolCrypto, "verifyEd25519">,
  publicKey: Uint8Array,
  document: string,
  { issuer, now }: { readonly issuer: string; readonly now: number },
): MerchantRequest {
  const type = DOCUMENT_TYPES.merchantRequest;
  const request = verifyDocument(crypto, publicKey, document, type, requestSchema);
  if (request.aud !== issuer) {
    throw new ChitError(
      "transaction-mismatch",
      `The request is meant for ${request.aud}, not ${issuer}.`,
    );
  }
  if (request.iat < now - LIMITS.clockSkewSeconds) {
    throw new ChitError("expired", "The request is too old. Sign a new one; check the clock.");
  }
  if (request.iat > now + LIMITS.clockSkewSeconds) {
    throw new ChitError("not-yet-valid", "The request is dated in the future. Check the clock.");
  }
  return request;
}

const reportsSchema = message({
  ...header("settlement-reports"),
  reports: v.pipe(v.array(jwsUpTo(LIMITS.reportBytes)), v.maxLength(LIMITS.reportsTold)),
  /** Whether there are later ones: ask again, after the last cycle of these. */
  more: v.boolean(),
});

/** The answer to `reports`: the documents, the oldest first. */
export function createReportsAnswer(reports: readonly string[], more: boolean): Uint8Array {
  return messageBytes({ v: 1, type: "settlement-reports", reports, more });
}

/**
 * Reads the answer to `reports`; the documents in it are not verified yet.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`
 */
export function readReportsAnswer(body: Uint8Array): {
  readonly reports: readonly string[];
  readonly more: boolean;
} {
  const { reports, more } = parseMessage(reportsSchema, body, LIMITS.reportsAnswerBytes);
  return { reports, more };
}
