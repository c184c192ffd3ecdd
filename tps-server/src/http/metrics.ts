/** What monitoring counts, in Prometheus' format. No account, device, merchant or address is in any of it. */
import cluster from "node:cluster";
import fastify, { type FastifyBaseLogger } from "fastify";
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";
import type { ClearingState } from "../clearing/state.ts";
import { LIMITS } from "../limits.ts";
import type { OperationsState } from "../operations-state.ts";
import type { Outcome } from "../payment/answer.ts";
import type { PaymentObserver } from "../payment/pipeline.ts";
import { listenOn } from "./listen.ts";
import { addClearingGauges, addOperationsGauges } from "./state-metrics.ts";

/** What a server counts while it answers. */
export interface Metrics extends PaymentObserver {
  /** One HTTP request: the route as it was declared, never the address that was asked for. */
  requestAnswered(method: string, route: string, status: number, seconds: number): void;
  /** Asked when metrics are read. */
  watchPayments(underWay: () => number): void;
  /** Asked when metrics are read. While it fails, the last number stays. */
  watchAlarms(open: () => Promise<number>): void;
  /** The same for what is done apart from payments. */
  watchClearing(read: () => Promise<ClearingState>): void;
  /** The same for keys, settlements, audits and processes. */
  watchOperations(read: () => Promise<OperationsState>): void;
  /** The exposition text. */
  text(): Promise<string>;
}

/** Seconds: a payment takes some milliseconds, and nothing may take longer than the database's patience. */
const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15];
const SIZES = [1, 2, 4, 8, 16, 32, LIMITS.paymentBatchSize];

const OUTCOMES: readonly (Outcome | "failed")[] = [
  ...(["paid", "denied", "wrong-pin", "pin-locked", "awaiting-pin", "pin-changed"] as const),
  ...(["out-of-sequence", "device-revoked", "refused", "repeated", "failed"] as const),
];

/** The metrics of one server. In a worker they are also told to the process that started it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "chit_http_request_seconds",
    help: "HTTP requests by route and status, and how long they took.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers,
  });
  const payments = new Counter({
    name: "chit_payments_total",
    help: "Requests-for-payment by outcome; repeated: the stored reply again; failed: not judged.",
    labelNames: ["outcome"],
    registers,
  });
  // From 0 on: of a counter that first appears as 1 nobody sees the increase.
  for (const outcome of OUTCOMES) payments.inc({ outcome }, 0);
  const batches = new Histogram({
    name: "chit_payment_batch_size",
    help: "Requests-for-payment that one transaction answered.",
    buckets: SIZES,
    registers,
  });
  const turnedAway = new Counter({
    name: "chit_payments_turned_away_total",
    help: "Requests-for-payment answered 503 because too many were under way.",
    registers,
  });
  let underWay = () => 0;
  new Gauge({
    name: "chit_payments_under_way",
    help: "Requests-for-payment taken and not answered yet.",
    registers,
    collect() {
      this.set(underWay());
    },
  });
  new Gauge({
    name: "chit_payments_under_way_limit",
    help: "How many requests-for-payment may be under way; beyond it they are answered 503.",
    registers,
  }).set(LIMITS.paymentsUnderWay);
  let openAlarms = async () => 0;
  new Gauge({
    name: "chit_alarms_open",
    help: "Alarms of the telephone service that nobody has acknowledged.",
    // All servers read the same table.
    aggregator: "max",
    registers,
    async collect() {
      const open = await openAlarms().catch(() => undefined);
      if (open !== undefined) this.set(open);
    },
  });
  if (cluster.isWorker) answerPrimary(registry);
  return {
    requestAnswered(method, route, status, seconds) {
      requests.observe({ method, route, status }, seconds);
    },
    batchCommitted(processed) {
      batches.observe(processed.length);
      for (const one of processed) {
        if (one.kind === "answered") payments.inc({ outcome: one.outcome });
        if (one.kind === "failed") payments.inc({ outcome: "failed" });
      }
    },
    paymentTurnedAway: () => turnedAway.inc(),
    watchPayments(count) {
      underWay = count;
    },
    watchAlarms(count) {
      openAlarms = count;
    },
    watchClearing: addClearingGauges(registry),
    watchOperations: addOperationsGauges(registry),
    text: () => registry.metrics(),
  };
}

/** Lets the process that started this worker read the registry: the library's listener comes with its object. */
function answerPrimary(registry: Registry): void {
  AggregatorRegistry.setRegistries(registry);
  new AggregatorRegistry();
}

/** A listener for monitoring alone, on a port that no proxy forwards. */
export interface MetricsListener {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics`.
 *
 * @param text the exposition
 * @throws {OperatorError} `address-unavailable`
 */
export async function listenForMetrics(
  text: () => Promise<string>,
  where: { readonly host: string; readonly port: number },
  log: FastifyBaseLogger,
): Promise<MetricsListener> {
  const app = fastify({ requestTimeout: LIMITS.requestMilliseconds, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    log.error({ err: error }, "The metrics cannot be read.");
    return reply.code(503).send();
  });
  app.get("/metrics", async (_request, reply) =>
    reply.header("content-type", Registry.PROMETHEUS_CONTENT_TYPE).send(await text()),
  );
  const address = await listenOn(app, {
    ...where,
    hostSetting: "--host, CHIT_HOST",
    portSetting: "--metrics-port, CHIT_METRICS_PORT",
  });
  return { address, close: () => app.close() };
}
