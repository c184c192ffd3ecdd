/** The telephone service as a process of its own. Settings come from the environment: docs/TELEPHONE.md. */
import { secureUrl } from "@chit/protocol";
import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import { createLog, LOG_LEVELS } from "../http/log.ts";
import { startVru, type VruOptions } from "./start.ts";

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

function readSettings(environment: NodeJS.ProcessEnv): VruOptions {
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
    host: settings.CHIT_VRU_HOST,
    port: settings.CHIT_VRU_PORT,
    logLevel: settings.CHIT_LOG_LEVEL,
  };
}

try {
  const settings = readSettings(process.env);
  const log = createLog(settings.logLevel ?? "info");
  const vru = await startVru({ ...settings, log });
  log.info({ url: vru.url, webhook: vru.callsUrl }, "The telephone service takes calls.");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      vru.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`error: ${error.message} (${error.code})\n`);
  process.exit(1);
}
