/** What the log holds of a payment, and how its place is asked for. */
import * as v from "valibot";
import { toBase64url, utf8 } from "../bytes.ts";
import { LABELS } from "../labels.ts";
import { LIMITS } from "../limits.ts";
import { header, message, messageBytes, parseMessage, whole } from "../schema.ts";
import { labelledHash } from "../transcript.ts";
import { LOG_PATH } from "./checkpoint.ts";

/**
 * The entry of a proof-of-payment: a hash of its exact text, 32 bytes. The proof's random `jti` keeps it from being
 * guessed, so that the log tells how many payments there were, and when, and nothing else.
 */
export function logEntry(proof: string): Uint8Array {
  return labelledHash(LABELS.logEntry, utf8(proof));
}

/** Where an entry's place in the log is asked for (GET); answered with {@link LogEntryAnswer}. */
export function logEntryPath(entry: Uint8Array): string {
  return `${LOG_PATH}/entries/${toBase64url(entry)}`;
}

const answerSchema = v.variant("type", [
  message({ ...header("log-entry"), index: whole(0, Number.MAX_SAFE_INTEGER) }),
  message({
    ...header("log-entry-awaited"),
    /** In how many seconds the log takes up new proofs next. */
    seconds: whole(0, LIMITS.logWaitSeconds),
  }),
]);

/** The entry's index, or that it is not in the log (yet). */
export type LogEntryAnswer = v.InferOutput<typeof answerSchema>;

/** The TPS's answer. `index` null: not in the log; `seconds` until it takes up new proofs next. */
export function createLogEntryAnswer(index: number | null, seconds: number): Uint8Array {
  return messageBytes(
    index === null
      ? { v: 1, type: "log-entry-awaited", seconds: Math.min(seconds, LIMITS.logWaitSeconds) }
      : { v: 1, type: "log-entry", index },
  );
}

/** Reads the answer; nothing of it is believed before the inclusion proof verifies. @throws {ChitError} */
export function decodeLogEntryAnswer(body: Uint8Array): LogEntryAnswer {
  return parseMessage(answerSchema, body);
}
