/** Where merchants send their batches, and ask how far they are by sending the identical bytes again. */
import {
  BATCHES_PATH,
  createBatchReceived,
  fromUtf8,
  LIMITS as PROTOCOL_LIMITS,
} from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import type { ClearingDeps } from "../clearing/deps.ts";
import { receiveBatch } from "../clearing/receive-batch.ts";
import { LIMITS } from "../limits.ts";
import { HttpProblem } from "./problem.ts";
import { rawBody } from "./reply.ts";

export function addBatchRoutes(app: FastifyInstance, deps: ClearingDeps): void {
  let underWay = 0;
  app.post(BATCHES_PATH, { bodyLimit: PROTOCOL_LIMITS.batchBytes }, async (request, reply) => {
    const document = fromUtf8(rawBody(request.body));
    if (underWay >= LIMITS.batchesAtOnce) {
      throw new HttpProblem("unavailable", "Send the identical bytes again in a moment.");
    }
    underWay += 1;
    try {
      const batch = await receiveBatch(deps, document);
      switch (batch.state) {
        case "received":
          return reply
            .code(202)
            .header("content-type", "application/json")
            .send(Buffer.from(createBatchReceived(batch.batchId)));
        case "processed":
          return reply.header("content-type", "application/jwt").send(batch.result);
      }
    } finally {
      underWay -= 1;
    }
  });
}
