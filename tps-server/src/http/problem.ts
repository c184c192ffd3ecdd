/** A refusal that travels as problem details (RFC 9457). */
import type { Socket } from "node:net";
import {
  ChitError,
  createProblem,
  PROBLEM_MEDIA_TYPE,
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
  const refused = refusedByFramework(error);
  if (refused !== undefined) return refused;
  if (isUnavailable(error)) {
    return createProblem("unavailable", "Send the identical bytes again in a moment.");
  }
  return createProblem("internal-error", "Send the identical bytes again later.");
}

/** What Fastify itself found wrong with a request, before any handler saw it. */
function refusedByFramework(error: unknown): Problem | undefined {
  const { statusCode } = error as { statusCode?: unknown };
  if (typeof statusCode !== "number" || statusCode < 400 || statusCode >= 500) return undefined;
  if (statusCode === 413) {
    const detail = "Send a message of the size that the protocol allows.";
    return createProblem("message-too-large", detail);
  }
  if (statusCode === 404 || statusCode === 414) {
    return createProblem("not-found", "Check the address.");
  }
  return createProblem("malformed-message", "The HTTP request is not well formed.");
}

/** Answers bytes that are no HTTP request, or come too slowly, and hangs up. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== "ECONNRESET" && socket.writable) {
    const problem = createProblem("malformed-message", "The HTTP request is not well formed.");
    const body = JSON.stringify(problem);
    socket.write(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
