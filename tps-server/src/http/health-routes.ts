/** For supervisors and load balancers: whether to start this process anew, and whether to send it requests. */
import type { FastifyInstance } from "fastify";
import { LIMITS } from "../limits.ts";
import type { PaymentPipeline } from "../payment/pipeline.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { expectPartitions } from "../places/partitions.ts";
import { HttpProblem } from "./problem.ts";
import { sendJson } from "./reply.ts";

const HEALTH_PATH = "/health";
const READY_PATH = "/ready";

export function addHealthRoutes(
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
    // A server that is away from its database, or cannot write down payments of these months, is not ready.
    await expectPartitions(deps);
    return sendJson(reply, 200, { status: "ready" });
  });
}
