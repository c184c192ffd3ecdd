/** A refusal that travels as problem details (RFC 9457). */
import {
  ChitError,
  createProblem,
  type Problem,
  type ProblemCode,
  problemCodeFor,
} from "@chit/protocol";
import { isUnavailable } from "../store/database.ts";

/** Thrown by a handler; `detail` says what to do, in a sentence. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** The problem that answers an error, whatever it is. Nothing of an unexpected error is told. */
export function problemFor(error: unknown): Problem {
  if (error instanceof HttpProblem) return createProblem(error.code, error.message);
  if (error instanceof ChitError) return createProblem(problemCodeFor(error.code), error.message);
  const { code } = error as { code?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return createProblem(
      "message-too-large",
      "Send a message of the size that the protocol allows.",
    );
  }
  if (code === "FST_ERR_CTP_INVALID_CONTENT_LENGTH" || code === "FST_ERR_BAD_URL") {
    return createProblem("malformed-message", "The HTTP request is not well formed.");
  }
  if (isUnavailable(error)) {
    return createProblem("unavailable", "Send the identical bytes again in a moment.");
  }
  return createProblem("internal-error", "Send the identical bytes again later.");
}
