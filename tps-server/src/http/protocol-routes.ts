/** What wallets send to the TPS: sealed messages in, sealed replies out. */
import {
  ACCOUNT_RECORDS_PATH,
  ACCOUNT_STATUS_PATH,
  ACTIVATIONS_PATH,
  DEVICES_PATH,
  PAYMENTS_PATH,
} from "@chit/protocol";
import type { FastifyInstance } from "fastify";
import { answerDevices } from "../accounts/devices.ts";
import { answerAccountStatus } from "../accounts/status.ts";
import { activateDevice } from "../activation/activate.ts";
import type { PaymentPipeline } from "../payment/pipeline.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { answerAccountRecords } from "../statements/records.ts";
import { rawBody } from "./reply.ts";

export function addProtocolRoutes(
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
