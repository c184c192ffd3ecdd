/** Opening a TPS's storage: database, migrations, keys outside of the database. */
import { mkdir } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { resolve } from "node:path";
import { nodeCrypto } from "@chit/protocol/node";
import type { TpsDeps } from "./deps.ts";
import { OperatorError } from "./errors.ts";
import { loadOutsideKeys, readSecret, writeSecret } from "./keys/outside-keys.ts";
import { adoptPinKey, openPinKeys, type PinKeys, readPinKeys } from "./keys/pin-keys.ts";
import { createVault, outsideKeyId } from "./keys/vault.ts";
import { migrateMain } from "./places/migrate-main.ts";
import { openPlaces, type Places } from "./places/places.ts";
import type { Platform } from "./platform.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { acquireEmbeddedPostgres, type EmbeddedPostgres } from "./store/embedded-postgres.ts";
import { checkDatabaseUrl, reachDatabase } from "./store/reach-database.ts";

/** Where a TPS keeps its things. */
export interface StorageOptions {
  /** Keys, and the embedded database unless `databaseUrl` is given. Made where there is none. */
  readonly dataDir: string;
  /** A PostgreSQL of your own. */
  readonly databaseUrl?: string | undefined;
  /** The process's environment: CHIT_PIN_KEY, CHIT_MASTER_KEY. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Take the PIN keys that are given, or make one, though the database knows others: for when they are lost. */
  readonly pinKeysLost?: boolean;
}

/** An opened TPS: what operations need, and how to leave. */
export interface OpenedTps {
  readonly deps: TpsDeps;
  /** What keeps `deps.pinVault` up to date in a process that stays. */
  readonly pinKeys: PinKeys;
  close(): Promise<void>;
}

const DATABASE_NAME = "chit";

/**
 * Opens the storage and brings its schema up to date.
 *
 * @throws {OperatorError} `database-unavailable`, `outside-key-missing`, `setting-invalid`, `migration-changed`
 */
export async function openStorage(
  platform: Platform,
  options: StorageOptions,
  onDatabaseError: (error: Error) => void,
): Promise<OpenedTps> {
  const dataDir = resolve(options.dataDir);
  const environment = options.environment ?? {};
  if (options.databaseUrl !== undefined) checkDatabaseUrl(options.databaseUrl, "DATABASE_URL");
  await mkdir(dataDir, { recursive: true }).catch((cause: Error) => {
    throw new OperatorError(
      "setting-invalid",
      `The data directory ${dataDir} cannot be made: ${cause.message}. Choose another (--data-dir, CHIT_DATA_DIR).`,
      { cause },
    );
  });
  const masterKeys = await loadOutsideKeys("master", dataDir, environment, platform);
  const masterVault = createVault("master", masterKeys, platform.randomBytes);
  const postgres =
    options.databaseUrl === undefined ? await startEmbedded(platform, dataDir) : undefined;
  const url = options.databaseUrl ?? postgres?.url(DATABASE_NAME) ?? "";
  let database: Database | undefined;
  let places: Places | undefined;
  let pinKeys: PinKeys;
  try {
    if (postgres !== undefined) await createDatabase(postgres, onDatabaseError);
    database = openDatabase(url, onDatabaseError);
    if (postgres === undefined) await reachDatabase(database, url, "DATABASE_URL");
    await migrateMain(database, onDatabaseError);
    places = await openPlaces(database, onDatabaseError);
    if (postgres !== undefined) await admitVru(platform, database, postgres, dataDir);
    pinKeys = await openTpsPinKeys(platform, database, { ...options, dataDir });
  } catch (error) {
    await places?.close();
    await database?.close();
    await postgres?.release();
    throw error;
  }
  const opened = database;
  return {
    deps: {
      database: opened,
      places,
      crypto: nodeCrypto(platform.randomBytes),
      platform,
      pinVault: pinKeys.vault,
      masterVault,
      operatorName: computerAccount(),
    },
    pinKeys,
    async close() {
      await places?.close();
      await opened.close();
      await postgres?.release();
    },
  };
}

/** A key is made for a database that knows none; never for one whose key is missing, unless it is lost for good. */
async function openTpsPinKeys(
  platform: Platform,
  database: Database,
  { dataDir, environment = {}, pinKeysLost = false }: StorageOptions,
): Promise<PinKeys> {
  const load = (create?: Platform) => loadOutsideKeys("pin", dataDir, environment, create);
  const known = await readPinKeys(database);
  const held = await load(known.length === 0 || pinKeysLost ? platform : undefined);
  if (pinKeysLost) return uncheckedPinKeys(platform, held);
  await database.transaction((tx) =>
    adoptPinKey(tx, held.map(outsideKeyId), platform.nowSeconds()),
  );
  const process = processName();
  return openPinKeys({ database, platform }, () => load(), { kind: "tps", process });
}

function uncheckedPinKeys(platform: Platform, held: readonly Uint8Array[]): PinKeys {
  const vault = createVault("pin", held, platform.randomBytes);
  return { vault, refresh: async () => undefined, leave: async () => undefined };
}

/** In words for the operator. */
export function processName(): string {
  return `${hostname()}, process ${process.pid}`;
}

/** For the operator's log. In a container the process's user may have no name. */
function computerAccount(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

async function startEmbedded(platform: Platform, dataDir: string): Promise<EmbeddedPostgres> {
  const password = await readSecret(dataDir, "database-password", () => newPassword(platform));
  return acquireEmbeddedPostgres(platform, {
    dataDirectory: dataDir,
    password: password ?? "",
  });
}

async function createDatabase(
  postgres: EmbeddedPostgres,
  onError: (error: Error) => void,
): Promise<void> {
  const server = openDatabase(postgres.url("postgres"), onError);
  try {
    const found = await server.query("select 1 as found from pg_database where datname = $1", [
      DATABASE_NAME,
    ]);
    if (found.length === 0) await server.query(`create database ${DATABASE_NAME}`);
  } finally {
    await server.close();
  }
}

/** The telephone unit enters the embedded database as `chit_vru`, by a URL that only it needs to read. */
async function admitVru(
  platform: Platform,
  database: Database,
  postgres: EmbeddedPostgres,
  dataDir: string,
): Promise<void> {
  const fresh = () => newPassword(platform);
  const password = (await readSecret(dataDir, "vru-database-password", fresh)) ?? "";
  const url = postgres.url(DATABASE_NAME, { name: "chit_vru", password });
  if ((await readSecret(dataDir, VRU_DATABASE_URL_FILE)) === url) return;
  // The password is ours: letters and digits only, so quoting it is safe; this statement takes no parameters.
  await database.query(`alter role chit_vru login password '${password}'`);
  await writeSecret(dataDir, VRU_DATABASE_URL_FILE, url);
}

/** In the data directory's `secrets`: how the telephone unit reaches the embedded database. */
export const VRU_DATABASE_URL_FILE = "vru-database-url";

function newPassword(platform: Platform): string {
  return Buffer.from(platform.randomBytes(24)).toString("hex");
}
