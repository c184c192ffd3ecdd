/** A TPS's real database with accounts and wallets, and VRUs that serve it. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { deviceCheckNumber, toBase64url } from "@chit/protocol";
import { nodeCrypto } from "@chit/protocol/node";
import { inject } from "vitest";
import { type OpenedAccount, openAccount } from "../../../src/accounts/accounts.ts";
import { openModifiedPin } from "../../../src/accounts/pin-state.ts";
import type { TpsDeps } from "../../../src/deps.ts";
import { createLog } from "../../../src/http/log.ts";
import { newIdentifier } from "../../../src/identifiers.ts";
import { initialiseIssuer } from "../../../src/issuer/issuer.ts";
import { createVault } from "../../../src/keys/vault.ts";
import { type Platform, systemPlatform } from "../../../src/platform.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { type RunningVru, startVru } from "../../../src/vru/start.ts";
import { createTestDatabase, databaseUrl } from "../../support/database.ts";
import { Call, type Carrier } from "./phone.ts";

export const PUBLIC_URL = "https://telephone.example/vru";
export const WEBHOOK_TOKEN = "a token of the carrier";

/** A wallet of an account. */
export interface TestWallet {
  readonly accountId: string;
  readonly deviceId: string;
  readonly checkNumber: string;
}

/** The device's row, its PIN opened as the TPS opens it. */
export interface DeviceRow {
  state: string;
  pin_state: string;
  pin_generation: bigint;
  failures: number;
  /** What PIN + modifier is; undefined while there is no PIN. */
  modifiedPin: bigint | undefined;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Lets the VRU's role in, and gives its URL for one database. Roles belong to the whole server. */
export async function admitVru(databaseName: string): Promise<string> {
  const server = openDatabase(inject("postgresUrl"), () => undefined);
  await server.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock(1)");
    await tx.query("alter role chit_vru login password 'vru'");
  });
  await server.close();
  return databaseUrl(databaseName, { name: "chit_vru", password: "vru" });
}

/** A database of its own, an initialised TPS in it, and one VRU. */
export async function createWorld(options: { readonly operatorNumber?: string } = {}) {
  const { name, database, drop } = await createTestDatabase();
  const clock = { seconds: systemPlatform.nowSeconds() };
  const platform: Platform = { ...systemPlatform, nowSeconds: () => clock.seconds };
  const pinKey = randomBytes(32);
  const deps: TpsDeps = {
    database,
    crypto: nodeCrypto(randomBytes),
    platform,
    pinVault: createVault("pin", [pinKey], randomBytes),
    masterVault: createVault("master", [randomBytes(32)], randomBytes),
    operatorName: "tester",
  };
  await initialiseIssuer(deps, {
    origin: "https://tps.example",
    operator: "Bürgergeld & Söhne",
    telephone: "+49 30 000000",
    currency: "EUR",
    scale: 4,
  });
  const logged: string[] = [];
  const logTo = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  const vruDatabaseUrl = await admitVru(name);
  const start = (): Promise<RunningVru> =>
    startVru({
      databaseUrl: vruDatabaseUrl,
      environment: { CHIT_PIN_KEY: toBase64url(pinKey) },
      webhookToken: WEBHOOK_TOKEN,
      port: 0,
      publicUrl: PUBLIC_URL,
      log: createLog("debug", logTo),
      platform,
      timeZone: "Europe/Berlin",
      operatorNumber: options.operatorNumber,
    });
  let vru = await start();
  const carrier: Carrier = {
    publicUrl: PUBLIC_URL,
    address: () => vru.url,
    token: WEBHOOK_TOKEN,
  };
  return {
    clock,
    deps,
    carrier,
    database,
    /** For the VRU's role, and for the owner of the database. */
    vruDatabaseUrl,
    ownerDatabaseUrl: databaseUrl(name),
    /** Everything that was logged. */
    logged,
    /** Calls, from another number each time unless told. */
    dial: (from?: string) => new Call(carrier, from === undefined ? {} : { from }).dial(),
    openAccount: () => openAccount(deps),
    /** A wallet as an activation leaves it. */
    async addWallet(
      { accountId }: Pick<OpenedAccount, "accountId">,
      name = "Chromium on Linux",
    ): Promise<TestWallet> {
      const { publicKey } = generateKeyPairSync("ed25519");
      const key = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
      const deviceId = newIdentifier(platform);
      clock.seconds += 1;
      await database.query(
        `insert into devices (account_id, device_id, public_key, name, activated_at)
         values ($1, $2, $3, $4, $5)`,
        [accountId, deviceId, key, name, clock.seconds],
      );
      return { accountId, deviceId, checkNumber: deviceCheckNumber(key) };
    },
    async device({ accountId, deviceId }: TestWallet): Promise<DeviceRow> {
      const [row] = await database.query<
        Omit<DeviceRow, "modifiedPin"> & {
          modified_pin: Buffer | null;
          modified_pin_key_id: string | null;
        }
      >("select * from devices where account_id = $1 and device_id = $2", [accountId, deviceId]);
      if (row === undefined) throw new Error("There is no such device.");
      const { modified_pin: sealed, modified_pin_key_id: keyId, ...rest } = row;
      if (sealed === null || keyId === null) return { ...rest, modifiedPin: undefined };
      const open = openModifiedPin(deps.pinVault, { accountId, deviceId }, { sealed, keyId });
      return { ...rest, modifiedPin: BigInt(`0x${Buffer.from(open).toString("hex")}`) };
    },
    /** The audit record of a call. */
    async eventsOf({ callId }: Call): Promise<string[]> {
      const rows = await database.query<{ event: string }>(
        "select event from vru_log where call_id = $1 order by entry",
        [callId],
      );
      return rows.map(({ event }) => event);
    },
    /** A VRU process ends and another takes its place. */
    async restartVru() {
      await vru.close();
      vru = await start();
    },
    async close() {
      await vru.close();
      await drop();
    },
  };
}

/** From the main menu to a new PIN of the account's only wallet. */
export async function askForPin(call: Call): Promise<Call> {
  await call.press("1");
  return call.press("1");
}

/** Keys in language, id and passcode. */
export async function identify(call: Call, account: OpenedAccount, language = "1"): Promise<Call> {
  await call.press(language);
  await call.press(account.telephoneId);
  return call.press(account.telephonePasscode);
}
