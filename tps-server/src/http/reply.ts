/** Bytes in, JSON and problems out: what the routes have in common. */
import { PROBLEM_MEDIA_TYPE, type Problem } from "@chit/protocol";
import type { FastifyReply } from "fastify";
import { HttpProblem } from "./problem.ts";

/** Any web page may speak to the protocol endpoints; no credentials are involved. */
export const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
} as const;

/**
 * Seconds after which a server that cannot answer now is worth asking again. Busy or restarting: a wallet's first pause
 * is as long. Too many batches: two turns of the chores.
 */
const RETRY_AFTER: Record<number, string> = { 503: "1", 429: "20" };

/**
 * The exact bytes of a request's body.
 *
 * @throws {HttpProblem} `malformed-message` when there is none
 */
export function rawBody(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new HttpProblem("malformed-message", "Send the message as the request's body.");
}

export function sendJson(reply: FastifyReply, status: number, value: object): FastifyReply {
  return reply.code(status).header("content-type", "application/json").send(JSON.stringify(value));
}

/** Answers with problem details (RFC 9457). */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const retryAfter = RETRY_AFTER[problem.status];
  if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
  return reply
    .code(problem.status)
    .headers(CORS)
    .header("content-type", PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem));
}
