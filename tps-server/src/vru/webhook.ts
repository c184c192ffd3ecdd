/** A carrier's webhook, from its form and our own query to what happened in the call. */
import * as v from "valibot";
import type { Webhook } from "./conversation.ts";
import { VRU_LIMITS } from "./limits.ts";

// Only a reference: where the carrier keeps a recording. The operator opens it, so it is an address and no more.
const recordingUrl = v.pipe(
  v.string(),
  v.maxLength(VRU_LIMITS.recordingUrlLength),
  v.check((text) => isPlainHttps(URL.parse(text)), "Expected an https address."),
  // Escapes whatever could do something to a terminal.
  v.transform((text) => new URL(text).href),
  v.maxLength(VRU_LIMITS.recordingUrlLength),
);

// Carriers send some thirty fields and add others at any time: these are read, the rest is signed and ignored.
const formSchema = v.object({
  CallSid: v.pipe(
    v.string(),
    v.regex(/^[\w.:-]+$/, "Expected a call's name."),
    v.maxLength(VRU_LIMITS.callIdLength),
  ),
  /** Keys; `hangup` where a recording ended by that. */
  Digits: v.optional(v.pipe(v.string(), v.regex(/^([0-9*#]{0,32}|hangup)$/, "Expected keys."))),
  CallStatus: v.optional(v.pipe(v.string(), v.maxLength(32))),
  /** Proves nothing: it slows guessing, and is never looked up. */
  From: v.optional(v.string()),
  RecordingUrl: v.optional(recordingUrl),
  RecordingDuration: v.optional(
    v.pipe(v.string(), v.regex(/^[0-9]{1,5}$/, "Expected seconds."), v.transform(Number)),
  ),
  DialCallStatus: v.optional(v.pipe(v.string(), v.maxLength(32))),
});

const querySchema = v.strictObject({
  step: v.optional(v.pipe(v.string(), v.regex(/^[1-9][0-9]{0,8}$/), v.transform(Number))),
  /** The case that a recording is for. */
  case: v.optional(v.pipe(v.string(), v.regex(/^[0-9]{6}$/))),
});

/** What `CallStatus` says when nobody is on the line any more. */
const OVER = new Set(["completed", "busy", "failed", "no-answer", "canceled"]);
/** What `DialCallStatus` says when the operator was there. */
const ANSWERED = new Set(["completed", "answered"]);

/** Decodes a webhook whose signature was checked; undefined when it is none of a call. */
export function decodeWebhook(body: unknown, query: unknown): Webhook | undefined {
  const form = v.safeParse(formSchema, body);
  const own = v.safeParse(querySchema, { ...(query as object) });
  if (!form.success || !own.success) return undefined;
  const { CallSid: callId, From: callerId, RecordingUrl: url } = form.output;
  const { step, case: caseNumber } = own.output;
  const isRecording = url !== undefined && caseNumber !== undefined;
  return {
    callId,
    callerId,
    step,
    event: eventOf(form.output),
    recording: isRecording
      ? { caseNumber, url, seconds: form.output.RecordingDuration }
      : undefined,
  };
}

function eventOf(form: v.InferOutput<typeof formSchema>): Webhook["event"] {
  const { Digits: keys, CallStatus: status, DialCallStatus: dialled, RecordingUrl: url } = form;
  if (keys === "hangup" || (status !== undefined && OVER.has(status))) return { type: "hung-up" };
  if (dialled !== undefined) return { type: "operator-left", answered: ANSWERED.has(dialled) };
  if (url !== undefined) return { type: "recorded" };
  return keys === undefined || keys === "" ? { type: "silence" } : { type: "keys", keys };
}

function isPlainHttps(url: URL | null): boolean {
  return url !== null && url.protocol === "https:" && url.username === "" && url.password === "";
}
