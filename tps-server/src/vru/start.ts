/** Starts a VRU: its own connection, its own web server. For `main.ts`, and for programs that run one within. */
import type { AddressInfo } from "node:net";
import { OperatorError } from "../errors.ts";
import { listenOn } from "../http/listen.ts";
import { createLog, type LogLevel } from "../http/log.ts";
import { loadOutsideKeys, readSecret } from "../keys/outside-keys.ts";
import { keepPinKeys, openPinKeys } from "../keys/pin-keys.ts";
import { processName, VRU_DATABASE_URL_FILE } from "../open.ts";
import { type Platform, systemPlatform } from "../platform.ts";
import { type Database, one, openDatabase } from "../store/database.ts";
import { checkDatabaseUrl, reachDatabase } from "../store/reach-database.ts";
import { ALARM_TEXTS } from "./alarms.ts";
import { CALLS_PATH, createVruApp, type VruLog } from "./app.ts";
import { sweepCalls } from "./call-store.ts";
import { VRU_LIMITS } from "./limits.ts";
import { createPinMemory } from "./pin-memory.ts";
import type { Money } from "./spoken.ts";
import { sweepFailures } from "./throttle.ts";

/** What a VRU is told by whoever runs it. */
export interface VruOptions {
  /** The TPS's data directory, where PIN key and database URL are found when they are not given otherwise. */
  readonly dataDir?: string | undefined;
  /** Connection URL of the TPS's database for the role `chit_vru`. */
  readonly databaseUrl?: string | undefined;
  /** The process's environment: CHIT_PIN_KEY. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The secret with which the carrier signs its webhooks (at Twilio: the auth token). */
  readonly webhookToken: string;
  /** 127.0.0.1 unless told. */
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** How the carrier reaches this server, without a slash at the end. Default: the address it listens on. */
  readonly publicUrl?: string | undefined;
  /** Number (E.164) of a person, with whom callers are connected; without it no menu offers that. */
  readonly operatorNumber?: string | undefined;
  /** In which payments have their days (`Europe/Berlin`). Default: that of this machine. */
  readonly timeZone?: string | undefined;
  readonly logLevel?: LogLevel;
  readonly log?: VruLog;
  /** Time and chance; the real ones unless told. */
  readonly platform?: Platform;
}

/** A VRU that takes calls. */
export interface RunningVru {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** The webhook to tell the carrier (voice, POST, and status callback). */
  readonly callsUrl: string;
  /** Finishes what is under way, then closes server and connection. */
  close(): Promise<void>;
}

/**
 * Starts a VRU. The TPS whose accounts it serves must have been initialised, and its database must run.
 *
 * @throws {OperatorError} `setting-invalid` (also when the database role may do too much or too little),
 *   `outside-key-missing`, `not-initialised`, `database-unavailable`, `address-unavailable`
 */
export async function startVru(options: VruOptions): Promise<RunningVru> {
  const platform = options.platform ?? systemPlatform;
  const log = options.log ?? createLog(options.logLevel ?? "info");
  const { dataDir, environment = {} } = options;
  const loadPinKeys = () => loadOutsideKeys("pin", dataDir, environment);
  await loadPinKeys();
  const databaseUrl = await databaseUrlOf(options);
  const database = openDatabase(databaseUrl, (err) =>
    log.warn({ err }, "A connection to the database broke."),
  );
  let forgetPinKeys: (() => Promise<void>) | undefined;
  try {
    await reachDatabase(database, databaseUrl, "CHIT_VRU_DATABASE_URL");
    await checkRights(database);
    const issuer = await readIssuer(database);
    const pinKeys = await openPinKeys({ database, platform }, loadPinKeys, {
      kind: "vru",
      process: processName(),
    });
    forgetPinKeys = await keepPinKeys(pinKeys, platform, (err) =>
      log.error({ err }, "The PIN keys are not as they should be."),
    );
    const leave = forgetPinKeys;
    let publicUrl = options.publicUrl;
    const app = await createVruApp({
      database,
      platform,
      log,
      service: {
        ...issuer,
        operatorNumber: options.operatorNumber,
        timeZone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
      throttleSecret: options.webhookToken,
      pinVault: pinKeys.vault,
      pins: createPinMemory(platform.nowSeconds),
      webhookToken: options.webhookToken,
      publicUrl: () => publicUrl ?? "",
      alarm: ({ kind }) => log.error({ code: kind }, ALARM_TEXTS[kind]),
    });
    await listenOn(app, {
      host: options.host ?? "127.0.0.1",
      port: options.port,
      hostSetting: "CHIT_VRU_HOST",
      portSetting: "CHIT_VRU_PORT",
    });
    const url = addressOf(app.server.address() as AddressInfo);
    publicUrl ??= url;
    const stopSweeping = platform.every(VRU_LIMITS.sweepMilliseconds, () => {
      sweep(database, platform.nowSeconds()).catch((err: unknown) =>
        log.error({ err }, "Old calls could not be removed."),
      );
    });
    return {
      url,
      callsUrl: `${publicUrl}${CALLS_PATH}`,
      async close() {
        stopSweeping();
        await app.close();
        await leave();
        await database.close();
      },
    };
  } catch (error) {
    await forgetPinKeys?.();
    await database.close();
    throw error;
  }
}

/** The URL given, or the one that the TPS leaves for us when its database is the embedded one. */
async function databaseUrlOf({ databaseUrl, dataDir }: VruOptions): Promise<string> {
  const url =
    databaseUrl ??
    (dataDir === undefined ? undefined : await readSecret(dataDir, VRU_DATABASE_URL_FILE));
  if (url === undefined) {
    throw new OperatorError(
      "setting-invalid",
      "The telephone service needs a database URL for the role chit_vru, or the data directory of a TPS that runs its own database. Start the TPS first.",
    );
  }
  if (databaseUrl !== undefined) checkDatabaseUrl(databaseUrl, "CHIT_VRU_DATABASE_URL");
  return url;
}

/** Removes old calls and the counts of past hours. */
async function sweep(database: Database, now: number): Promise<void> {
  await database.transaction(async (tx) => {
    await sweepCalls(tx, now);
    await sweepFailures(tx, now);
  });
}

/** A VRU that could touch money is set up wrong, even if it never does. */
async function checkRights(database: Database): Promise<void> {
  const rights = one(
    await database.query<{ tooMuch: boolean; pins: boolean }>(
      `select has_column_privilege('accounts', 'balance', 'select, update')
              or has_column_privilege('accounts', 'held_by_operator', 'update')
              or has_table_privilege('payments', 'select')
              or has_column_privilege('devices', 'modified_pin', 'select') as "tooMuch",
              has_column_privilege('devices', 'modified_pin', 'update') as pins`,
    ),
  );
  if (rights === undefined || rights.tooMuch || !rights.pins) {
    throw new OperatorError(
      "setting-invalid",
      "The telephone service must connect as the role chit_vru, which may set PINs and neither read them nor touch money. Check the user in its database URL.",
    );
  }
}

async function readIssuer(database: Database): Promise<{ operator: string; money: Money }> {
  const issuer = one(
    await database.query<{ operator: string } & Money>(
      "select operator, currency, scale from issuer",
    ),
  );
  if (issuer === undefined) {
    throw new OperatorError(
      "not-initialised",
      'This TPS has no settings yet. Run "chit-tps init".',
    );
  }
  const { operator, currency, scale } = issuer;
  return { operator, money: { currency, scale } };
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
