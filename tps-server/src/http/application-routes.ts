/** Where merchants apply for a certificate and fetch it. */
import { fromUtf8 } from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import { OperatorError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readApplication, registerApplication } from "../merchants/applications.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { HttpProblem } from "./problem.ts";
import { rawBody, sendJson } from "./reply.ts";

const APPLICATIONS_PATH = "/v1/merchant-applications";

export function addApplicationRoutes(app: FastifyInstance, deps: PaymentDeps): void {
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
