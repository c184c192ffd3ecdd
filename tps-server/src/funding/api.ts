/**
 * The operator's programs tell of money at the bank by HTTP: a listener of its own, for the operator's network alone,
 * behind a bearer token (RFC 6750). Wallets and merchants never speak to it.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { identifier, message, PROBLEM_MEDIA_TYPE, parseValue } from "@chit/protocol";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from "fastify";
import type * as v from "valibot";
import { json } from "../cli/output.ts";
import type { TpsDeps } from "../deps.ts";
import { OperatorError, type OperatorErrorCode } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { isUnavailable } from "../store/database.ts";
import {
  assignBankEntry,
  type BankEntryInput,
  enterBankEntry,
  type KnownEntry,
  listWaitingEntries,
  returnBankEntry,
  showBankEntry,
} from "./bank-entries.ts";

const PATH = "/operator/v1/bank-entries";

/** A refusal on this listener: status, and a code of the operator's errors or one of these. */
class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Where an operator's error is the caller's doing. */
const STATUS: Partial<Record<OperatorErrorCode, number>> = {
  "setting-invalid": 400,
  "entry-unknown": 404,
  "account-unknown": 404,
  "already-done": 409,
  "reference-conflict": 409,
  "balance-too-large": 409,
};

/**
 * Builds the listener; it does not listen yet.
 *
 *     POST {PATH}                          an entry → 201, or 200 when it was known
 *     GET  {PATH}?state=unmatched          those that wait, the oldest first
 *     GET  {PATH}/:entryId
 *     POST {PATH}/:entryId/assignment      {"accountId"} → credited
 *     POST {PATH}/:entryId/return          the money was sent back
 *
 * @param token what `Authorization: Bearer …` must have
 */
export function createFundingApi(
  deps: TpsDeps,
  token: string,
  log: FastifyBaseLogger,
): FastifyInstance {
  const app = fastify({
    bodyLimit: LIMITS.bankEntryBytes,
    requestTimeout: LIMITS.requestMilliseconds,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: LIMITS.referenceLength * 3 },
  });
  app.addHook("onRequest", async ({ headers }, reply) => {
    reply.header("cache-control", "no-store");
    if (isToken(headers.authorization, token)) return;
    reply.header("www-authenticate", "Bearer");
    throw new ApiProblem(
      401,
      "token-wrong",
      'Send "Authorization: Bearer" with the token of secrets/funding-token.',
    );
  });
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemFor(error);
    if (problem.status >= 500) log.error({ err: error }, problem.code);
    return reply
      .code(problem.status)
      .header("content-type", PROBLEM_MEDIA_TYPE)
      .send(
        JSON.stringify({
          type: "about:blank",
          status: problem.status,
          code: problem.code,
          detail: problem.message,
        }),
      );
  });
  app.setNotFoundHandler(() => {
    throw new ApiProblem(404, "not-found", `Check method and address: ${PATH}.`);
  });
  app.post(PATH, async (request, reply) => {
    // Checked whole in there.
    const entered = await enterBankEntry(deps, request.body as BankEntryInput, "api");
    return send(reply, entered.isNew ? 201 : 200, entered);
  });
  app.get<{ Querystring: { state?: string } }>(PATH, async (request, reply) => {
    if (request.query.state !== "unmatched") {
      throw new ApiProblem(400, "setting-invalid", "Ask with ?state=unmatched.");
    }
    return send(reply, 200, { entries: await listWaitingEntries(deps) });
  });
  type Named = { Params: { entryId: string } };
  app.get<Named>(`${PATH}/:entryId`, async ({ params }, reply) =>
    send(reply, 200, await showBankEntry(deps, params.entryId)),
  );
  app.post<Named>(`${PATH}/:entryId/assignment`, async ({ params, body }, reply) => {
    const { accountId } = parseBody(message({ accountId: identifier }), body);
    return send(reply, 200, await assignBankEntry(deps, params.entryId, accountId));
  });
  app.post<Named>(`${PATH}/:entryId/return`, async ({ params }, reply) =>
    send(reply, 200, await returnBankEntry(deps, params.entryId)),
  );
  return app;
}

function send(reply: FastifyReply, status: number, value: KnownEntry | object): FastifyReply {
  return reply.code(status).header("content-type", "application/json").send(json(value));
}

function parseBody<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  try {
    return parseValue(schema, body);
  } catch (error) {
    throw new ApiProblem(400, "setting-invalid", (error as Error).message);
  }
}

/** Compared as hashes: neither content nor length is told by the time that it takes. */
function isToken(header: string | undefined, token: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(header ?? ""), hash(`Bearer ${token}`));
}

function problemFor(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof OperatorError) {
    return new ApiProblem(STATUS[error.code] ?? 500, error.code, error.message);
  }
  if (isUnavailable(error)) {
    return new ApiProblem(
      503,
      "unavailable",
      "The database does not answer. Send it again in a moment.",
    );
  }
  const { statusCode } = error as { statusCode?: unknown };
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return new ApiProblem(statusCode, "malformed-message", "Send a JSON object of a few lines.");
  }
  return new ApiProblem(500, "internal-error", "Send it again later.");
}
