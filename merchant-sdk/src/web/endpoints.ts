/** The protocol's endpoints below the mount path: session, proof, goods, quotes, and what the pages need. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { GOODS_MEDIA_TYPE, LIMITS } from "@chit/protocol";
import { Refusal, refusalFor, statusOf } from "../errors.ts";
import { errorFields } from "../logger.ts";
import type { MtsDeps } from "../mts/deps.ts";
import { payerQuoteBytes } from "../mts/payer.ts";
import { acceptProof, authenticateQuote, deliverGoods, quoteBytes } from "../mts/purchase.ts";
import { answerRecovery } from "../mts/recovery.ts";
import { answer, answerPreflight, answerProblem, protocolHeaders, readBody } from "./http.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";

const JSON_TYPE = "application/json";

type Handler = (
  deps: MtsDeps,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
) => Promise<void>;

interface Endpoint {
  readonly method: "GET" | "POST";
  readonly handle: Handler;
}

/** Steps 3 and 4. */
const session: Handler = async (deps, request, response) => {
  const body = await readBody(request, LIMITS.sealedMessageBytes);
  answer(response, 200, JSON_TYPE, await authenticateQuote(deps, body));
};

/** Steps 7 and 8, or a receipt for whoever else forwards; 204 for a denial, which has no answer. */
const proof: Handler = async (deps, request, response) => {
  const body = await readBody(request, LIMITS.keyListBytes + LIMITS.jwsBytes);
  const reply = await acceptProof(deps, body);
  if (reply !== null) return answer(response, 200, JSON_TYPE, reply);
  response.statusCode = 204;
  response.end();
};

/** Steps 9 and 10. */
const goods: Handler = async (deps, request, response) => {
  const delivery = await deliverGoods(deps, await readBody(request, LIMITS.sendGoodsBytes));
  try {
    response.statusCode = 200;
    response.setHeader("content-type", GOODS_MEDIA_TYPE);
    response.setHeader("content-length", delivery.length);
    await pipeline(delivery.body, response);
    await delivery.sent();
  } finally {
    await delivery.close();
  }
};

/** Recovery after the sale. */
const recovery: Handler = async (deps, request, response) => {
  const body = await readBody(request, LIMITS.sealedMessageBytes);
  answer(response, 200, JSON_TYPE, await answerRecovery(deps, body));
};

/** Step 2, fetched by the wallet. */
const quote: Handler = async (deps, _request, response, transactionNumber) => {
  answer(response, 200, JSON_TYPE, await quoteBytes(deps, transactionNumber));
};

/** The same for whoever pays for somebody else: `<transaction number>/<key of the link>`. */
const payersQuote: Handler = async (deps, _request, response, name) => {
  const [transactionNumber = "", key = ""] = name.split("/");
  answer(response, 200, JSON_TYPE, await payerQuoteBytes(deps, transactionNumber, key));
};

const page =
  (mediaType: string, text: string): Handler =>
  async (_deps, _request, response) => {
    response.setHeader("cache-control", "public, max-age=300");
    answer(response, 200, `${mediaType}; charset=utf-8`, text);
  };

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["session", { method: "POST", handle: session }],
  ["proof", { method: "POST", handle: proof }],
  ["goods", { method: "POST", handle: goods }],
  ["recovery", { method: "POST", handle: recovery }],
  ["page.js", { method: "GET", handle: page("text/javascript", PAGE_SCRIPT) }],
  ["page.css", { method: "GET", handle: page("text/css", PAGE_STYLE) }],
]);

/** The endpoint at a path below the mount path, and what the path names. */
function findEndpoint(path: string): { endpoint: Endpoint; name: string } | undefined {
  const name = /^quotes\/([^/]+)$/.exec(path)?.[1];
  if (name !== undefined) return { endpoint: { method: "GET", handle: quote }, name };
  const link = /^pay\/([^/]+\/[^/]+)\/quote$/.exec(path)?.[1];
  if (link !== undefined) return { endpoint: { method: "GET", handle: payersQuote }, name: link };
  const endpoint = ENDPOINTS.get(path);
  return endpoint === undefined ? undefined : { endpoint, name: "" };
}

/**
 * Answers a request below the mount path. Never throws: a failure becomes a problem, or a broken connection
 * when the answer had begun.
 *
 * @param path below the mount path, without the leading slash
 * @returns false when there is no such endpoint
 */
export async function answerEndpoint(
  deps: MtsDeps,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<boolean> {
  const found = findEndpoint(path);
  if (found === undefined) return false;
  protocolHeaders(response);
  try {
    if (request.method === "OPTIONS") {
      answerPreflight(response);
      return true;
    }
    const { endpoint, name } = found;
    const isHead = request.method === "HEAD" && endpoint.method === "GET";
    if (request.method !== endpoint.method && !isHead) {
      response.setHeader("allow", `${endpoint.method}, OPTIONS`);
      throw new Refusal("method-not-allowed", `Use ${endpoint.method}.`);
    }
    await endpoint.handle(deps, request, response, name);
  } catch (error) {
    fail(deps, response, path, error);
  }
  return true;
}

function fail(deps: MtsDeps, response: ServerResponse, path: string, error: unknown): void {
  // No more of the path: a payer's has the link's key.
  const [endpoint] = path.split("/");
  if (response.headersSent || response.destroyed) {
    // The wallet went away, or the goods broke off: it notices by the length and resumes.
    if (!response.writableFinished) response.destroy();
    deps.logger.info({ ...errorFields(error), endpoint }, "An answer broke off.");
    return;
  }
  const refusal = refusalFor(error);
  if (statusOf(refusal) >= 500) {
    deps.logger.error(
      { ...errorFields(refusal.cause ?? refusal), endpoint },
      "A wallet's request could not be answered.",
    );
  }
  response.removeHeader("content-length");
  answerProblem(response, refusal);
}
