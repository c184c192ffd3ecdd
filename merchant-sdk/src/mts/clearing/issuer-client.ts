/** Posting documents to the TPS and reading what it answers, in the background: never on a sale's path. */
import { type ProblemCode, readProblem } from "@chit/protocol";
import { MERCHANT_LIMITS } from "../../limits.ts";
import type { ClearingDeps } from "./clearing-deps.ts";

/** An answer of the TPS. */
export interface IssuerAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** The TPS says no, and why. */
export class IssuerRefusal extends Error {
  override readonly name = "IssuerRefusal";
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The TPS cannot be reached, is busy, or what answers is no TPS: the same again later. */
export class IssuerUnavailable extends Error {
  override readonly name = "IssuerUnavailable";
}

/**
 * Posts a document.
 *
 * @param mostBytes what is read of the answer
 * @throws {IssuerRefusal} {@link IssuerUnavailable}
 */
export async function postDocument(
  { fetch, closing }: Pick<ClearingDeps, "fetch" | "closing">,
  url: string,
  document: string,
  mostBytes: number,
): Promise<IssuerAnswer> {
  let answer: IssuerAnswer;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/jose" },
      body: document,
      redirect: "error",
      signal: AbortSignal.any([closing, AbortSignal.timeout(MERCHANT_LIMITS.issuerTimeoutMs)]),
    });
    answer = { status: response.status, body: await readAtMost(response, mostBytes) };
  } catch (cause) {
    const problem = cause instanceof Error ? (cause.cause ?? cause) : cause;
    const words = problem instanceof Error ? problem.message : String(problem);
    throw new IssuerUnavailable(`${url} cannot be reached (${words}). Check the network.`, {
      cause,
    });
  }
  if (answer.status >= 200 && answer.status < 300) return answer;
  const problem = readProblem(answer.body);
  const says = problem === undefined ? "no reason given" : `${problem.detail} [${problem.code}]`;
  if (problem === undefined || answer.status === 429 || answer.status >= 500) {
    throw new IssuerUnavailable(`${url} answered ${answer.status}: ${says}`);
  }
  throw new IssuerRefusal(problem.code, problem.detail);
}

async function readAtMost(response: Response, mostBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > mostBytes) throw new Error(`The answer has more than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}
