/** The carrier's side of the line: webhooks, signed. */
import { createHmac } from "node:crypto";

/** How a carrier reaches the service. */
export interface Carrier {
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Webhook that answers a new call (POST). */
  readonly voiceUrl: string;
  /** Webhook that is told when a call has ended; null: nobody wants to know. */
  readonly statusUrl: string | null;
  /** The secret shared with the service, under which webhooks are signed. */
  readonly authToken: string;
  /** A fresh name for a call. */
  readonly newCallId: () => string;
  /** The number that calls come from. Default: one that is kept free for films and stories. */
  readonly from?: string;
}

/** What carriers tell of every call. */
function formOf(carrier: Carrier, callId: string, status: "in-progress" | "completed") {
  return {
    CallSid: callId,
    AccountSid: "AC00000000000000000000000000000000",
    From: carrier.from ?? "+4930231250001",
    To: "+4930231250000",
    CallStatus: status,
    Direction: "inbound",
    ApiVersion: "2010-04-01",
  };
}

/** One webhook: the call, and what is new of it. */
export function sendWebhook(
  carrier: Carrier,
  url: string,
  callId: string,
  news: Readonly<Record<string, string>>,
  status: "in-progress" | "completed" = "in-progress",
): Promise<Response> {
  const form = { ...formOf(carrier, callId, status), ...news };
  return carrier.fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": signWebhook(carrier.authToken, url, form),
    },
    body: new URLSearchParams(form).toString(),
  });
}

/** A carrier's signature: HMAC-SHA1 over the URL and the sorted parameters, name then value, in base64. */
export function signWebhook(token: string, url: string, form: Record<string, string>): string {
  const parameters = Object.keys(form)
    .sort()
    .map((name) => `${name}${form[name]}`);
  return createHmac("sha1", token)
    .update(url + parameters.join(""), "utf8")
    .digest("base64");
}
