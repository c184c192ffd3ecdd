/** Reading requests and writing answers, on Node's own objects: what Express 4, Express 5 and others share. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createProblem, PROBLEM_MEDIA_TYPE } from "@chit/protocol";
import { Refusal, statusOf } from "../errors.ts";

/** A request as some middleware may have left it. */
interface ReadRequest extends IncomingMessage {
  /** express.raw() leaves a Buffer, express.text() a string, express.json() an object. */
  readonly body?: unknown;
  /** Some hosts keep the exact bytes here. */
  readonly rawBody?: unknown;
}

/**
 * The exact bytes of a request's body.
 *
 * @throws {Refusal} `message-too-large`; `body-already-read` when another middleware read and parsed it
 */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  const { body, rawBody } = request as ReadRequest;
  for (const kept of [rawBody, body]) {
    if (kept instanceof Uint8Array) return withinBound(kept, mostBytes);
  }
  if (request.readableDidRead || request.readableEnded || request.destroyed) {
    if (typeof body === "string") return withinBound(Buffer.from(body, "utf8"), mostBytes);
    throw new Refusal(
      "body-already-read",
      "For the shop's developer: mount merchant.router() before express.json() and other body parsers, or let them leave its paths alone. The protocol needs the exact bytes.",
    );
  }
  return new Uint8Array(await receive(request, mostBytes));
}

/** By the stream's events: an iterator over it costs more than many a message. */
function receive(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length > mostBytes) {
        request.pause();
        reject(tooLarge(mostBytes));
        return;
      }
      pieces.push(piece);
    });
    request.once("end", () =>
      resolve(pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)),
    );
    request.once("error", reject);
    request.once("close", () => reject(new Error("The request broke off.")));
  });
}

function withinBound(body: Uint8Array, mostBytes: number): Uint8Array {
  if (body.length > mostBytes) throw tooLarge(mostBytes);
  return new Uint8Array(body);
}

const tooLarge = (mostBytes: number) =>
  new Refusal("message-too-large", `At most ${mostBytes} bytes are read here.`);

/** Headers of every protocol endpoint: any origin may call it, without credentials; nobody keeps the answer. */
export function protocolHeaders(response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", "content-length, content-type, retry-after");
  response.setHeader("cross-origin-resource-policy", "cross-origin");
  response.setHeader("cache-control", "no-store");
  response.setHeader("x-content-type-options", "nosniff");
}

/** Answers a preflight. */
export function answerPreflight(response: ServerResponse): void {
  response.setHeader("access-control-allow-methods", "GET, POST, OPTIONS");
  response.setHeader("access-control-allow-headers", "content-type");
  response.setHeader("access-control-max-age", "86400");
  response.statusCode = 204;
  response.end();
}

/** Answers with a whole body. */
export function answer(
  response: ServerResponse,
  status: number,
  mediaType: string,
  body: Uint8Array | string,
): void {
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  response.statusCode = status;
  response.setHeader("content-type", mediaType);
  response.setHeader("content-length", bytes.length);
  response.end(bytes);
}

/** Answers with a problem (RFC 9457). */
export function answerProblem(response: ServerResponse, refusal: Refusal): void {
  const problem = createProblem(refusal.code, refusal.message);
  if (problem.status === 503) response.setHeader("retry-after", "30");
  // The rest of a body that was not read would be taken for the next request.
  if (refusal.code === "message-too-large") response.setHeader("connection", "close");
  answer(response, statusOf(refusal), PROBLEM_MEDIA_TYPE, JSON.stringify(problem));
}
