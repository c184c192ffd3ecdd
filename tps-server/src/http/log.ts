/** Logs for operators. Never bodies, headers, addresses of clients or query strings. */
import pino, { type Logger } from "pino";

/** Levels, least talkative first. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger of JSON lines on `destination` (standard output unless told). */
export function createLog(level: LogLevel, destination?: pino.DestinationStream): Logger {
  const options = { level, base: null, serializers: { err: describeError } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What helps to find a fault. A database error's `detail` quotes rows, so it is left out. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: "Something other than an error was thrown." };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === "string" ? { code } : {}),
  };
}
