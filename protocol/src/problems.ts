/**
 * Every refusal that travels as an HTTP error: problem details (RFC 9457) with a stable `code`. `title` says
 * what was wrong, `detail` what to do. The table is the one list of codes and statuses of MTS and TPS.
 */
import * as v from "valibot";
import { fromUtf8 } from "./bytes.ts";
import type { ChitErrorCode } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** Media type of a problem. */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** Code → HTTP status and title. */
export const PROBLEMS = {
  // Both servers.
  "malformed-message": { status: 400, title: "The message is not as the protocol describes it." },
  "message-too-large": { status: 413, title: "The message is too large." },
  "authentication-failed": { status: 400, title: "The message does not open or verify." },
  "sealing-key-unknown": { status: 409, title: "The message is sealed to a key not held here." },
  "not-found": { status: 404, title: "There is nothing at this address." },
  "method-not-allowed": { status: 405, title: "This address takes another method." },
  "body-already-read": { status: 500, title: "Another middleware read the request's body first." },
  "internal-error": { status: 500, title: "Something went wrong on this server." },
  unavailable: { status: 503, title: "The service is busy or being restarted." },
  // The MTS.
  "transaction-unknown": { status: 404, title: "This shop knows no such transaction number." },
  "quote-expired": { status: 410, title: "The quote has expired." },
  "quote-mismatch": { status: 409, title: "This is not the quote that the shop made." },
  "session-taken": { status: 409, title: "Another wallet has already begun this transaction." },
  "session-missing": { status: 409, title: "No session was initiated for this transaction." },
  "already-paid": { status: 409, title: "Somebody has paid for this transaction already." },
  "payer-link-closed": { status: 410, title: "Nobody else is asked to pay for this any more." },
  "address-required": { status: 422, title: "These goods need a shipping address." },
  "address-unwanted": { status: 422, title: "These goods need no shipping address." },
  "loyalty-unwanted": { status: 422, title: "The shop did not ask to recognise anybody." },
  "certificate-expired": { status: 503, title: "The shop's certificate has expired." },
  "proof-invalid": { status: 422, title: "The proof-of-payment does not verify." },
  "proof-mismatch": { status: 409, title: "The proof-of-payment is for another quote or amount." },
  "signing-key-unknown": {
    status: 409,
    title: "The proof is signed by a key that the shop does not know yet.",
  },
  "not-paid": { status: 402, title: "No proof-of-payment has arrived for this transaction." },
  "goods-unknown": { status: 404, title: "This transaction has no such goods." },
  "session-expired": { status: 410, title: "The session's keys for these goods have expired." },
  "goods-unavailable": { status: 503, title: "The goods cannot be read just now." },
  refunded: { status: 410, title: "What was paid for this transaction is given back." },
  cancelled: { status: 410, title: "The shop has cancelled this transaction." },
  "goods-changed": { status: 409, title: "The goods are no longer the ones that were advised." },
  // The TPS.
  "issuer-mismatch": { status: 421, title: "The request is meant for another issuer." },
  "application-invalid": { status: 422, title: "The merchant application does not verify." },
  "application-unknown": { status: 404, title: "No such merchant application." },
  "merchant-key-unknown": {
    status: 422,
    title: "The document is signed by a key that is not certified, or was revoked.",
  },
  "batch-invalid": { status: 422, title: "The batch has an order that does not verify." },
  "batch-conflict": { status: 409, title: "Another batch came before under the same id." },
  "too-many-batches": { status: 429, title: "Too many batches of this merchant wait." },
  "request-outdated": { status: 409, title: "The request was signed at another time than now." },
  "report-unknown": { status: 404, title: "There is no such settlement report." },
} as const satisfies Record<string, { status: number; title: string }>;

/** A code of {@link PROBLEMS}. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A problem as it travels. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
}

/** The body of a problem. `detail` says what to do, in a sentence; what is too long to be read is cut off. */
export function createProblem(code: ProblemCode, detail: string): Problem {
  const { status, title } = PROBLEMS[code];
  const most = LIMITS.problemDetailLength;
  return { type: `urn:chit:problem:${code}`, title, status, detail: detail.slice(0, most), code };
}

/** The problem that answers a protocol error at a boundary. */
export function problemCodeFor(code: ChitErrorCode): ProblemCode {
  return Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : "malformed-message";
}

const problemSchema = v.object({
  code: v.picklist(Object.keys(PROBLEMS) as ProblemCode[]),
  detail: v.pipe(v.string(), v.maxLength(LIMITS.problemDetailLength)),
});

/** Reads a problem from an error's body; undefined when it is none (a proxy's page, say). */
export function readProblem(body: Uint8Array): { code: ProblemCode; detail: string } | undefined {
  try {
    const result = v.safeParse(problemSchema, JSON.parse(fromUtf8(body)));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
