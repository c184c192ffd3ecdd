/**
 * The TPS's HTTP server. Handlers get the exact bytes received and answer the exact bytes to send. The routes are in
 * `http/`, a file for each of those who call them.
 */
import { LIMITS as PROTOCOL_LIMITS } from "@chit/protocol";
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { addApplicationRoutes } from "./http/application-routes.ts";
import { addBatchRoutes } from "./http/batch-routes.ts";
import { addHealthRoutes } from "./http/health-routes.ts";
import { addLogRoutes } from "./http/log-routes.ts";
import { addMerchantRoutes } from "./http/merchant-routes.ts";
import { answerOtherMethods } from "./http/methods.ts";
import type { Metrics } from "./http/metrics.ts";
import { problemFor, refuseConnection } from "./http/problem.ts";
import { addProtocolRoutes } from "./http/protocol-routes.ts";
import { addPublicRoutes } from "./http/public-routes.ts";
import { CORS, sendProblem } from "./http/reply.ts";
import { LIMITS } from "./limits.ts";
import { createPaymentPipeline } from "./payment/pipeline.ts";
import type { PaymentDeps } from "./payment/process.ts";

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
  answerOtherMethods(app);
  const payments = createPaymentPipeline(deps, metrics);
  metrics?.watchPayments(payments.underWay);
  addProtocolRoutes(app, deps, payments);
  addPublicRoutes(app, deps);
  addHealthRoutes(app, deps, payments, isDraining);
  addApplicationRoutes(app, deps);
  addBatchRoutes(app, deps);
  addMerchantRoutes(app, deps);
  addLogRoutes(app, deps);
  return app;
}
