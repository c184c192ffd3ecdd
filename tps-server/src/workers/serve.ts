/** `serve --workers`: the process that supervises, with the database and the monitoring in its care. */
import { AggregatorRegistry } from "prom-client";
import { createLog, type LogLevel } from "../http/log.ts";
import { listenForMetrics, type MetricsListener } from "../http/metrics.ts";
import { loadKeyRing } from "../keys/key-ring.ts";
import { openStorage, type StorageOptions } from "../open.ts";
import type { Platform } from "../platform.ts";
import { freePort } from "../start.ts";
import { type Supervisor, superviseWorkers } from "./supervise.ts";

/** How to run them. */
export interface WorkersOptions extends StorageOptions {
  readonly workers: number;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly metricsPort: number | undefined;
  readonly logLevel: LogLevel;
  readonly args: readonly string[];
  readonly platform: Platform;
  say(text: string): void;
}

/** Running workers and what serves them. */
export interface RunningWorkers extends Pick<Supervisor, "address" | "replaceAll"> {
  readonly issuer: string;
  close(): Promise<void>;
}

/**
 * Opens the storage, so that the database is up, migrated and sound before the first worker and until after the last;
 * then starts them.
 *
 * @throws {OperatorError} as `startTps` does; `worker-failed`
 */
export async function startWorkers(options: WorkersOptions): Promise<RunningWorkers> {
  const { platform, host, metricsPort, say } = options;
  const log = createLog(options.logLevel);
  const storage = await openStorage(platform, options, (error) =>
    log.error({ err: error }, "A connection to the database broke."),
  );
  let metrics: MetricsListener | undefined;
  try {
    const { issuer } = await loadKeyRing(storage.deps);
    if (metricsPort !== undefined) {
      const all = new AggregatorRegistry();
      metrics = await listenForMetrics(
        () => all.clusterMetrics(),
        { host, port: metricsPort },
        log,
      );
    }
    const port = options.port === 0 ? await freePort(host) : options.port;
    // Of an option that is given twice the last one counts.
    const args = [...options.args, "--port", String(port)];
    const supervisor = await superviseWorkers({ ...options, args, say });
    const { address, replaceAll } = supervisor;
    return {
      issuer: issuer.origin,
      address,
      replaceAll,
      async close() {
        await supervisor.stop();
        await metrics?.close();
        await storage.close();
      },
    };
  } catch (error) {
    await metrics?.close();
    await storage.close();
    throw error;
  }
}
