/**
 * How the wallet speaks HTTP: no cookies, no referrer, no redirects, no cache, no languages of its owner, bounded reads,
 * a time limit.
 * A body travels without Content-Type, so that the browser asks for no permission first (one round trip).
 */
import { concatBytes, LIMITS, readProblem } from "@chit/protocol";
import { RefusedError, UnreachableError } from "./errors.ts";
import { WALLET_LIMITS } from "./limits.ts";

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What HTTP needs of its surroundings. */
export interface HttpDeps {
  readonly fetch: Fetch;
  /** A signal that fires after so many seconds. */
  readonly timeout: (seconds: number) => AbortSignal;
}

/**
 * One exchange: GET without `body`, POST with it.
 *
 * @param most the longest answer that is read
 * @returns the exact bytes of a successful answer
 * @throws {UnreachableError} no answer of the protocol
 * @throws {RefusedError} a problem
 */
export async function exchange(
  deps: HttpDeps,
  url: string,
  body?: Uint8Array,
  most: number = LIMITS.replyBytes,
): Promise<Uint8Array> {
  const signal = deps.timeout(WALLET_LIMITS.exchangeSeconds);
  const response = await send(deps, url, body, signal);
  const received = await readAll(response, most);
  if (response.ok) return received;
  throw problemOf(response, received);
}

/**
 * Sends `body` and hands out the answer as it comes.
 *
 * @throws {UnreachableError} at the start, or while reading when the connection breaks or falls silent
 * @throws {RefusedError} a problem
 */
export async function download(
  deps: HttpDeps,
  url: string,
  body: Uint8Array,
): Promise<AsyncGenerator<Uint8Array>> {
  const controller = new AbortController();
  const begin = deps.timeout(WALLET_LIMITS.exchangeSeconds);
  const response = await raced(send(deps, url, body, controller.signal), begin, controller);
  if (!response.ok) {
    throw problemOf(response, await readAll(response, LIMITS.replyBytes));
  }
  return readPieces(deps, response, controller);
}

async function send(
  deps: HttpDeps,
  url: string,
  body: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await deps.fetch(url, {
      method: body === undefined ? "GET" : "POST",
      ...(body === undefined ? {} : { body: Uint8Array.from(body) }),
      // In place of the browser's own, which tells shoppers apart. (No preflight: a safelisted header.)
      headers: { "accept-language": "*" },
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      cache: "no-store",
      signal,
    });
  } catch (cause) {
    throw new UnreachableError(`${new URL(url).origin} does not answer.`, { cause });
  }
}

async function readAll(response: Response, most: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = await reader?.read().catch((cause: unknown) => {
      throw new UnreachableError("The answer broke off.", { cause });
    });
    if (piece === undefined || piece.done) return concatBytes(...pieces);
    length += piece.value.length;
    if (length > most) {
      await reader?.cancel();
      throw new UnreachableError(`The answer is longer than ${most} bytes.`);
    }
    pieces.push(piece.value);
  }
}

async function* readPieces(
  deps: HttpDeps,
  response: Response,
  controller: AbortController,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const silence = deps.timeout(WALLET_LIMITS.goodsSilenceSeconds);
      const { done, value } = await raced(reader.read(), silence, controller);
      if (done) return;
      yield value;
    }
  } finally {
    controller.abort();
  }
}

/** `work`, unless `limit` fires first: then the connection is given up. */
async function raced<T>(
  work: Promise<T>,
  limit: AbortSignal,
  controller: AbortController,
): Promise<T> {
  const expire = () => controller.abort();
  limit.addEventListener("abort", expire, { once: true });
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof UnreachableError) throw cause;
    throw new UnreachableError("The connection broke off.", { cause });
  } finally {
    limit.removeEventListener("abort", expire);
  }
}

function problemOf(response: Response, body: Uint8Array): Error {
  const problem = readProblem(body);
  // A server that is down or busy, or a proxy's page in its place: not the protocol's last word.
  if (problem === undefined || response.status >= 500) {
    return new UnreachableError(
      problem?.detail ?? `The server answered with status ${response.status}.`,
    );
  }
  return new RefusedError(problem.code, problem.detail);
}
