/** The settings of the telephone service, from the environment: docs/TELEPHONE.md. */
import { secureUrl } from "@chit/protocol";
import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import { LOG_LEVELS } from "../http/log.ts";
import type { VruOptions } from "./start.ts";

const settingsSchema = v.object({
  CHIT_DATA_DIR: v.optional(v.string()),
  CHIT_VRU_DATABASE_URL: v.optional(v.string()),
  CHIT_VRU_WEBHOOK_TOKEN: v.optional(
    v.pipe(v.string(), v.minLength(16, "Too short for a secret: 16 characters at least.")),
  ),
  CHIT_VRU_PUBLIC_URL: v.optional(
    v.pipe(
      secureUrl,
      v.check((url) => !url.endsWith("/"), "Leave out the slash at the end."),
    ),
  ),
  CHIT_VRU_OPERATOR_NUMBER: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\+[1-9][0-9]{6,14}$/, "Expected a number such as +4930123456, without spaces."),
    ),
  ),
  CHIT_VRU_TIME_ZONE: v.optional(
    v.pipe(v.string(), v.check(isTimeZone, "Expected a time zone such as Europe/Berlin.")),
  ),
  CHIT_VRU_HOST: v.optional(v.string(), "127.0.0.1"),
  CHIT_VRU_PORT: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9]{1,5}$/, "Expected a port number such as 4010."),
      v.transform(Number),
      v.maxValue(65_535, "Expected a whole number up to 65535."),
    ),
    "4010",
  ),
  CHIT_LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS), "info"),
});

/**
 * Reads the settings.
 *
 * @throws {OperatorError} `setting-invalid`; the message never holds a value
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
): VruOptions {
  const parsed = v.safeParse(settingsSchema, environment);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
    throw new OperatorError(
      "setting-invalid",
      `The environment does not fit. ${problems.join(" ")}`,
    );
  }
  const settings = parsed.output;
  if (settings.CHIT_VRU_WEBHOOK_TOKEN === undefined) {
    throw new OperatorError(
      "setting-invalid",
      "CHIT_VRU_WEBHOOK_TOKEN is not set. It is the secret with which your carrier signs its webhooks (at Twilio: the auth token).",
    );
  }
  return {
    dataDir: settings.CHIT_DATA_DIR,
    databaseUrl: settings.CHIT_VRU_DATABASE_URL,
    environment,
    webhookToken: settings.CHIT_VRU_WEBHOOK_TOKEN,
    publicUrl: settings.CHIT_VRU_PUBLIC_URL,
    operatorNumber: settings.CHIT_VRU_OPERATOR_NUMBER,
    timeZone: settings.CHIT_VRU_TIME_ZONE,
    host: settings.CHIT_VRU_HOST,
    port: settings.CHIT_VRU_PORT,
    logLevel: settings.CHIT_LOG_LEVEL,
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
