/** The web server of the VRU: carriers' webhooks and nothing else. The handler checks, decodes and translates. */
import formBody from "@fastify/formbody";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { LIMITS } from "../limits.ts";
import { isUnavailable } from "../store/database.ts";
import { type ConversationDeps, converse } from "./conversation.ts";
import { VRU_LIMITS } from "./limits.ts";
import { type Form, SIGNATURE_HEADER, verifyWebhook } from "./signature.ts";
import { toTwiml } from "./twiml.ts";
import { decodeWebhook } from "./webhook.ts";

/** Where carriers send what happens in a call (POST), status callbacks included. */
export const CALLS_PATH = "/v1/calls";

/** What the web server needs besides conversations. */
export interface VruAppDeps extends ConversationDeps {
  /** The secret that carrier and VRU share, with which webhooks are signed (at Twilio: the auth token). */
  readonly webhookToken: string;
  /** The origin, and path if any, by which the carrier reaches this server; signatures are over it. */
  publicUrl(): string;
  /** Hears of what went wrong; told no keys, no form and no URL. */
  readonly log: VruLog;
}

/** A log such as pino's, which writes of an error (`err`) no more than name, message and stack. */
export interface VruLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Builds the server; it does not listen yet. */
export async function createVruApp(deps: VruAppDeps): Promise<FastifyInstance> {
  // The framework's own log would have every request in it; ours has what went wrong, and no more.
  const app = fastify({
    logger: false,
    bodyLimit: VRU_LIMITS.webhookBytes,
    requestTimeout: LIMITS.requestMilliseconds,
    forceCloseConnections: "idle",
  });
  await app.register(formBody, { bodyLimit: VRU_LIMITS.webhookBytes });
  app.get("/health", async (_request, reply) => {
    await deps.database.query("select 1");
    return reply.header("cache-control", "no-store").send({ status: "ok" });
  });
  app.post(CALLS_PATH, async (request, reply) => {
    if (!isSigned(deps, request)) {
      deps.log.warn(
        { code: "signature-invalid" },
        "A webhook without a valid signature is refused.",
      );
      return reply.code(403).type("text/plain").send("The webhook's signature does not verify.\n");
    }
    const webhook = decodeWebhook(request.body, request.query);
    if (webhook === undefined) {
      return reply
        .code(400)
        .type("text/plain")
        .send("This is not a webhook of a telephone call.\n");
    }
    const { step, script } = await converse(deps, webhook);
    const action = `${deps.publicUrl()}${CALLS_PATH}?step=${step}`;
    return reply
      .header("cache-control", "no-store")
      .type("text/xml; charset=utf-8")
      .send(toTwiml(script, action));
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) deps.log.error({ err: error }, "A webhook failed.");
    return reply.code(status).type("text/plain").send("The webhook cannot be answered.\n");
  });
  return app;
}

function isSigned(deps: VruAppDeps, request: FastifyRequest): boolean {
  const signature = request.headers[SIGNATURE_HEADER];
  const url = `${deps.publicUrl()}${request.url}`;
  const form = (request.body ?? {}) as Form;
  return typeof signature === "string" && verifyWebhook(deps.webhookToken, url, form, signature);
}

function statusOf(error: unknown): number {
  if (isUnavailable(error)) return 503;
  const { statusCode } = error as { statusCode?: number };
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}
