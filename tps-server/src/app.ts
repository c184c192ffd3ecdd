/** The TPS's HTTP endpoints. Handlers get the exact bytes received and answer the exact bytes to send. */
import {
  ACCOUNT_RECORDS_PATH,
  ACCOUNT_STATUS_PATH,
  ACTIVATION_PAGE_PATH,
  ACTIVATIONS_PATH,
  createProblem,
  DEVICES_PATH,
  fromUtf8,
  JWKS_PATH,
  KEY_LIST_PATH,
  PAYMENTS_PATH,
  PROBLEM_MEDIA_TYPE,
  LIMITS as PROTOCOL_LIMITS,
  type Problem,
} from "@chit/protocol";
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from "fastify";
import { answerDevices } from "./accounts/devices.ts";
import { answerAccountStatus } from "./accounts/status.ts";
import { activateDevice } from "./activation/activate.ts";
import { homePage } from "./activation/home-page.ts";
import { ACTIVATION_ASSETS, ACTIVATION_PAGE_HEADERS, activationPage } from "./activation/page.ts";
import { OperatorError } from "./errors.ts";
import type { Metrics } from "./http/metrics.ts";
import { HttpProblem, problemFor, refuseConnection } from "./http/problem.ts";
import { LIMITS } from "./limits.ts";
import { readApplication, registerApplication } from "./merchants/applications.ts";
import { createPaymentPipeline, type PaymentPipeline } from "./payment/pipeline.ts";
import type { PaymentDeps } from "./payment/process.ts";
import { answerAccountRecords } from "./statements/records.ts";

const APPLICATIONS_PATH = "/v1/merchant-applications";
const HEALTH_PATH = "/health";
const READY_PATH = "/ready";
const HOME_PATH = "/";

/** Every address and the method that it takes, for answers to others. */
const METHODS: Record<string, string> = {
  [PAYMENTS_PATH]: "POST",
  [ACTIVATIONS_PATH]: "POST",
  [ACCOUNT_STATUS_PATH]: "POST",
  [DEVICES_PATH]: "POST",
  [ACCOUNT_RECORDS_PATH]: "POST",
  [APPLICATIONS_PATH]: "POST",
  [KEY_LIST_PATH]: "GET, HEAD",
  [JWKS_PATH]: "GET, HEAD",
  [ACTIVATION_PAGE_PATH]: "GET, HEAD",
  [HEALTH_PATH]: "GET, HEAD",
  [READY_PATH]: "GET, HEAD",
  [HOME_PATH]: "GET, HEAD",
};

/** Any web page may speak to the protocol endpoints; no credentials are involved. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
} as const;

/** What a server may be given besides. */
export interface AppOptions {
  /** Counts what happens. */
  readonly metrics?: Metrics;
  /** Whether the server is about to stop, so that nobody should send it more. */
  readonly isDraining?: () => boolean;
}

/** Builds the server; it does not listen yet. */
export function createApp(
  deps: PaymentDeps,
  log: FastifyBaseLogger,
  { metrics, isDraining = () => false }: AppOptions = {},
): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: PROTOCOL_LIMITS.sealedMessageBytes,
    requestTimeout: LIMITS.requestMilliseconds,
    connectionTimeout: LIMITS.requestMilliseconds,
    // Idle connections are closed at once on shutdown, busy ones when they have their answer.
    forceCloseConnections: "idle",
    // What arrives on an open connection during shutdown is still answered.
    return503OnClosing: false,
    clientErrorHandler: refuseConnection,
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply, problemFor(error));
    },
  });
  // The exact bytes, whatever they are called: a browser's simple request is text/plain or nothing.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({ ...CORS, "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });
  app.addHook("onResponse", async (request, reply) => {
    const { url: route = "none", method = request.method } = request.routeOptions;
    const milliseconds = Math.round(reply.elapsedTime);
    log.info({ method, route, status: reply.statusCode, milliseconds }, "request");
    metrics?.requestAnswered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
  });
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemFor(error);
    if (problem.status >= 500) log.error({ err: error }, problem.title);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    const allow = path.startsWith(`${APPLICATIONS_PATH}/`) ? "GET, HEAD" : METHODS[path];
    if (allow === undefined) {
      return sendProblem(reply, createProblem("not-found", "Check the address."));
    }
    reply.header("allow", `${allow}, OPTIONS`);
    if (request.method !== "OPTIONS") {
      return sendProblem(reply, createProblem("method-not-allowed", `Use ${allow}.`));
    }
    return reply
      .headers({
        "access-control-allow-methods": `${allow}, OPTIONS`,
        "access-control-allow-headers": "*",
        "access-control-max-age": "86400",
      })
      .code(204)
      .send();
  });
  const payments = createPaymentPipeline(deps, metrics);
  metrics?.watchPayments(payments.underWay);
  addProtocolRoutes(app, deps, payments);
  addPublicRoutes(app, deps);
  addHealthRoutes(app, deps, payments, isDraining);
  addMerchantRoutes(app, deps);
  return app;
}

/** Sealed messages in, sealed replies out. */
function addProtocolRoutes(
  app: FastifyInstance,
  deps: PaymentDeps,
  payments: PaymentPipeline,
): void {
  const endpoints = [
    [PAYMENTS_PATH, (_deps: PaymentDeps, body: Uint8Array) => payments.pay(body)],
    [ACTIVATIONS_PATH, activateDevice],
    [ACCOUNT_STATUS_PATH, answerAccountStatus],
    [DEVICES_PATH, answerDevices],
    [ACCOUNT_RECORDS_PATH, answerAccountRecords],
  ] as const;
  for (const [path, answer] of endpoints) {
    app.post(path, async (request, reply) => {
      const bytes = await answer(deps, rawBody(request.body));
      return reply.header("content-type", "application/json").send(Buffer.from(bytes));
    });
  }
}

function addPublicRoutes(app: FastifyInstance, deps: PaymentDeps): void {
  // Wallets and merchants cache the list by its own dates; proxies must not.
  app.get(KEY_LIST_PATH, async (_request, reply) =>
    reply.header("content-type", "application/jwt").send(deps.keyRings.current().keyList.document),
  );
  app.get(JWKS_PATH, async (_request, reply) =>
    reply
      .header("content-type", "application/jwk-set+json")
      .send(deps.keyRings.current().keyList.jwks),
  );
  app.get(HOME_PATH, async (request, reply) =>
    reply
      .headers(ACTIVATION_PAGE_HEADERS)
      .send(homePage(deps.keyRings.current().issuer, request.headers["accept-language"])),
  );
  app.get(ACTIVATION_PAGE_PATH, async (request, reply) =>
    reply
      .headers(ACTIVATION_PAGE_HEADERS)
      .send(activationPage(deps.keyRings.current().issuer, request.headers["accept-language"])),
  );
  for (const [path, { mediaType, content }] of Object.entries(ACTIVATION_ASSETS)) {
    app.get(path, async (_request, reply) =>
      reply.headers({ "content-type": mediaType, "cache-control": "no-cache" }).send(content),
    );
  }
}

/** For supervisors and load balancers: whether to start this process anew, and whether to send it requests. */
function addHealthRoutes(
  app: FastifyInstance,
  deps: PaymentDeps,
  payments: PaymentPipeline,
  isDraining: () => boolean,
): void {
  app.get(HEALTH_PATH, async (_request, reply) => sendJson(reply, 200, { status: "ok" }));
  app.get(READY_PATH, async (_request, reply) => {
    if (isDraining()) throw new HttpProblem("unavailable", "This server is being stopped.");
    if (payments.underWay() >= LIMITS.paymentsUnderWay) {
      throw new HttpProblem("unavailable", "Too many payments are under way.");
    }
    await deps.database.query("select 1 as alive");
    return sendJson(reply, 200, { status: "ready" });
  });
}

function addMerchantRoutes(app: FastifyInstance, deps: PaymentDeps): void {
  app.post(APPLICATIONS_PATH, async (request, reply) => {
    const document = fromUtf8(rawBody(request.body)).trim();
    const { pendingApplications } = LIMITS;
    const registered = await registerApplication(deps, document, pendingApplications).catch(
      toProblem,
    );
    const { applicationId, state, isNew } = registered;
    return sendJson(reply, isNew ? 201 : 200, { applicationId, state });
  });
  app.get<{ Params: { id: string } }>(`${APPLICATIONS_PATH}/:id`, async (request, reply) => {
    const ring = deps.keyRings.current();
    return sendJson(
      reply,
      200,
      await readApplication(deps, ring, request.params.id).catch(toProblem),
    );
  });
}

function rawBody(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  throw new HttpProblem("malformed-message", "Send the message as the request's body.");
}

/** The operator's errors that outsiders may see. */
function toProblem(error: unknown): never {
  if (error instanceof OperatorError) {
    if (error.code === "application-unknown") {
      throw new HttpProblem("application-unknown", "Check the application's id.");
    }
    if (error.code === "application-invalid") {
      throw new HttpProblem("application-invalid", error.message);
    }
    if (error.code === "already-done") throw new HttpProblem("unavailable", error.message);
  }
  throw error;
}

function sendJson(reply: FastifyReply, status: number, value: object): FastifyReply {
  return reply.code(status).header("content-type", "application/json").send(JSON.stringify(value));
}

/** Seconds after which a busy or restarting server is worth asking again; a wallet's first pause is as long. */
const RETRY_AFTER = "1";

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503) reply.header("retry-after", RETRY_AFTER);
  return reply
    .code(problem.status)
    .headers(CORS)
    .header("content-type", PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem));
}
