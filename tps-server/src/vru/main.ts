/** The telephone service as a process of its own. Settings come from the environment: docs/TELEPHONE.md. */
import { OperatorError } from "../errors.ts";
import { createLog } from "../http/log.ts";
import { readSettings } from "./settings.ts";
import { startVru } from "./start.ts";

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
