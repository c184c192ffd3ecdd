/** Starting a TPS in this process: for `serve`, for the demonstration and for tests. */
import { createServer } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { createApp } from "./app.ts";
import { allChores } from "./chores/all-chores.ts";
import { keepHouse } from "./chores/keep-house.ts";
import { readClearingState } from "./clearing/state.ts";
import type { TpsDeps } from "./deps.ts";
import { listenOn } from "./http/listen.ts";
import { createLog, type LogLevel } from "./http/log.ts";
import { createMetrics, listenForMetrics, type MetricsListener } from "./http/metrics.ts";
import { initialiseIssuer } from "./issuer/issuer.ts";
import type { Issuer } from "./issuer/read-issuer.ts";
import { keepKeyRing } from "./keys/key-ring.ts";
import { keepPinKeys } from "./keys/pin-keys.ts";
import { LIMITS } from "./limits.ts";
import { openStorage, type StorageOptions } from "./open.ts";
import { readOperationsState } from "./operations-state.ts";
import { createDecoy } from "./payment/decoy.ts";
import { type Platform, systemPlatform } from "./platform.ts";
import { countOpenAlarms } from "./telephone/alarms.ts";

/** How to run a TPS. */
export interface TpsOptions extends StorageOptions {
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /**
   * Sets the issuer up, where that was not done before. `origin` is `http://localhost:<port>` unless told.
   * Without it the TPS must have been initialised.
   */
  readonly issuer?: Partial<Issuer>;
  readonly logLevel?: LogLevel;
  readonly log?: FastifyBaseLogger;
  /** Where monitoring may read `/metrics`, on `host`; 0 takes a free port, without it there is none. */
  readonly metricsPort?: number | undefined;
  /**
   * How often chores are done: batches, for example. `by-hand`: only when `runChores` is called. 10 seconds unless told.
   */
  readonly chores?: { readonly everyMilliseconds: number } | "by-hand";
  /** Settles by itself, so many seconds after the last cycle's end; unless told it does not. */
  readonly settleEverySeconds?: number | undefined;
  /** Time and chance; the real ones unless told. */
  readonly platform?: Platform;
}

/** A running TPS. */
export interface RunningTps {
  /** The issuer: the web origin that links and documents name. */
  readonly issuer: string;
  /** Where it listens. */
  readonly address: string;
  /** Where monitoring listens, if it was asked for. */
  readonly metricsAddress: string | undefined;
  /** For operations in the same process: `openAccount(tps.deps)`. */
  readonly deps: TpsDeps;
  /** Does all chores now: collects payments, processes batches. @throws when one of them fails */
  runChores(): Promise<void>;
  /** Answers what is under way, then stops everything that was started. */
  close(): Promise<void>;
}

/** What a demonstration or a test does not care about. */
const DEFAULT_ISSUER = {
  operator: "Chit",
  telephone: "+49 30 000000",
  currency: "EUR",
  scale: 4,
} as const;

/**
 * Starts a TPS and listens.
 *
 * @throws {OperatorError} as `openStorage` does; `not-initialised`, `already-initialised`, `address-unavailable`
 */
export async function startTps(options: TpsOptions): Promise<RunningTps> {
  const platform = options.platform ?? systemPlatform;
  const log = options.log ?? createLog(options.logLevel ?? "info");
  const storage = await openStorage(platform, options, (error) =>
    log.error({ err: error }, "A connection to the database broke."),
  );
  let forgetPinKeys: (() => Promise<void>) | undefined;
  try {
    forgetPinKeys = await keepPinKeys(storage.pinKeys, platform, (error) =>
      log.error({ err: error }, "The PIN keys are not as they should be."),
    );
    const server = await listen(platform, options, storage.deps, log);
    const leave = forgetPinKeys;
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= server
        .close()
        .finally(leave)
        .finally(() => storage.close());
      return closing;
    };
    return { ...server, deps: storage.deps, close };
  } catch (error) {
    await forgetPinKeys?.();
    await storage.close();
    throw error;
  }
}

async function listen(
  platform: Platform,
  options: TpsOptions,
  deps: TpsDeps,
  log: FastifyBaseLogger,
): Promise<Omit<RunningTps, "deps">> {
  const host = options.host ?? "127.0.0.1";
  const port = options.port === 0 ? await freePort(host) : options.port;
  if (options.issuer !== undefined) {
    const origin = `http://localhost:${port}`;
    await initialiseIssuer(deps, { ...DEFAULT_ISSUER, origin, ...options.issuer });
  }
  const keyRings = await keepKeyRing(deps);
  const metrics = createMetrics();
  metrics.watchAlarms(() => countOpenAlarms(deps));
  metrics.watchClearing(() => readClearingState(deps));
  metrics.watchOperations(() => readOperationsState(deps));
  let draining = false;
  const app = createApp({ ...deps, keyRings, decoy: createDecoy(deps) }, log, {
    metrics,
    isDraining: () => draining,
  });
  const stopMaintenance = platform.every(LIMITS.maintenanceMilliseconds, () => {
    keyRings.reload().catch((error: unknown) => log.error({ err: error }, "Keys cannot be read."));
  });
  const house = keepHouse({
    deps: {
      ...deps,
      onFailure: (chore, error) => log.error({ err: error, chore }, "A chore failed."),
    },
    chores: allChores({ ...deps, keyRings }, options.settleEverySeconds),
    every: platform.every,
    everyMilliseconds: choresInterval(options.chores),
  });
  let listener: MetricsListener | undefined;
  let address: string;
  try {
    if (options.metricsPort !== undefined) {
      listener = await listenForMetrics(metrics.text, { host, port: options.metricsPort }, log);
    }
    address = await listenOn(app, {
      host,
      port,
      hostSetting: "--host, CHIT_HOST",
      portSetting: "--port, CHIT_PORT",
    });
  } catch (error) {
    stopMaintenance();
    await house.stop();
    await listener?.close();
    throw error;
  }
  return {
    issuer: keyRings.current().issuer.origin,
    address,
    metricsAddress: listener?.address,
    runChores: house.doNow,
    async close() {
      draining = true;
      stopMaintenance();
      const houseKept = house.stop();
      const stopWaiting = platform.every(LIMITS.drainMilliseconds, () =>
        app.server.closeAllConnections(),
      );
      await app.close().finally(stopWaiting);
      await houseKept;
      await listener?.close();
    },
  };
}

function choresInterval(chores: TpsOptions["chores"]): number | undefined {
  if (chores === "by-hand") return undefined;
  return chores?.everyMilliseconds ?? LIMITS.choresMilliseconds;
}

/** The issuer's origin names the port, and must be known before the server listens. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
