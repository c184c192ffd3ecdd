/** One good message of each kind with the way in which its receiver takes it, for properties over all kinds. */
import { readFileSync } from "node:fs";
import type { ProtocolCrypto } from "@chit/protocol";
import { type Json, readMessage, type VectorFile } from "./vectors/form.ts";
import { type Context, operate } from "./vectors/operations.ts";

/** The kinds that travel by themselves. */
export const KINDS = [
  "key-list",
  "merchant-certificate",
  "merchant-application",
  "proof-of-payment",
  "denial-of-payment",
  "refund-order",
  "batch",
  "batch-received",
  "batch-result",
  "settlement-report",
  "settlement-report-page",
  "merchant-request",
  "settlement-reports",
  "quote",
  "session-initiation",
  "quote-authentication",
  "request-for-payment",
  "payment-response",
  "forwarded-verdict",
  "shipping-advice",
  "send-goods",
  "goods",
  "recovery",
  "recovery-acknowledgment",
  "activation",
  "activation-response",
  "account-status",
  "account-status-response",
  "devices",
  "devices-response",
  "account-records",
  "account-records-response",
  "account-statement",
  "merchant-statement",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Specimen {
  readonly kind: Kind;
  readonly bytes: Uint8Array;
  readonly context: Context;
  readonly result: Json;
  receive(crypto: ProtocolCrypto, bytes: Uint8Array): Promise<Json>;
}

/** The first positive vector of a kind. */
export function specimen(kind: Kind): Specimen {
  const url = new URL(`./vectors/${kind}.json`, import.meta.url);
  const file = JSON.parse(readFileSync(url, "utf8")) as VectorFile;
  const [vector] = file.positive;
  if (vector === undefined) throw new Error(`${kind} has no vector.`);
  const context = { ...file.context, ...vector.context };
  return {
    kind,
    bytes: readMessage(vector.message),
    context,
    result: vector.result,
    receive: (crypto, bytes) => operate(kind, crypto, context, bytes),
  };
}
