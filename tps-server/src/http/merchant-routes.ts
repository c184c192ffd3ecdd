/** Where merchants ask for their settlement reports. */
import { fromUtf8, MERCHANT_REQUESTS_PATH } from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import type { ClearingDeps } from "../clearing/deps.ts";
import { answerMerchantRequest } from "../clearing/merchant-requests.ts";
import { rawBody } from "./reply.ts";

export function addMerchantRoutes(app: FastifyInstance, deps: ClearingDeps): void {
  app.post(MERCHANT_REQUESTS_PATH, async (request, reply) => {
    const answer = await answerMerchantRequest(deps, fromUtf8(rawBody(request.body)));
    return reply.header("content-type", "application/json").send(Buffer.from(answer));
  });
}
