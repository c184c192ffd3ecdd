/** A TPS's real database with accounts and wallets, and VRUs that serve it. */
import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { deviceCheckNumber } from "@chit/protocol";
import { type OpenedAccount, openAccount } from "../../../src/accounts/accounts.ts";
import { openModifiedPin } from "../../../src/accounts/pin-state.ts";
import { createLog } from "../../../src/http/log.ts";
import { newIdentifier } from "../../../src/identifiers.ts";
import { initialiseIssuer } from "../../../src/issuer/issuer.ts";
import { type OpenedTps, openStorage } from "../../../src/open.ts";
import { type Platform, systemPlatform } from "../../../src/platform.ts";
import { type RunningVru, startVru } from "../../../src/vru/start.ts";
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

/** A database of its own, an initialised TPS in it, and one VRU. */
export async function createWorld() {
  const dataDir = await mkdtemp(join(tmpdir(), "chit-vru-"));
  // The embedded database runs under a user of its own when we are root, and must get through.
  await chmod(dataDir, 0o711);
  const clock = { seconds: systemPlatform.nowSeconds() };
  const platform: Platform = { ...systemPlatform, nowSeconds: () => clock.seconds };
  const tps: OpenedTps = await openStorage(platform, { dataDir }, () => undefined);
  const { deps } = tps;
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
  const start = (): Promise<RunningVru> =>
    startVru({
      dataDir,
      webhookToken: WEBHOOK_TOKEN,
      port: 0,
      publicUrl: PUBLIC_URL,
      log: createLog("debug", logTo),
      platform,
    });
  let vru = await start();
  const carrier: Carrier = {
    publicUrl: PUBLIC_URL,
    address: () => vru.url,
    token: WEBHOOK_TOKEN,
  };
  return {
    dataDir,
    clock,
    deps,
    carrier,
    database: deps.database,
    /** Everything that was logged. */
    logged,
    dial: (callId?: string) => new Call(carrier, callId).dial(),
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
      await deps.database.query(
        `insert into devices (account_id, device_id, public_key, name, activated_at)
         values ($1, $2, $3, $4, $5)`,
        [accountId, deviceId, key, name, clock.seconds],
      );
      return { accountId, deviceId, checkNumber: deviceCheckNumber(key) };
    },
    async device({ accountId, deviceId }: TestWallet): Promise<DeviceRow> {
      const [row] = await deps.database.query<
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
      const rows = await deps.database.query<{ event: string }>(
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
      await tps.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Keys in language, id and passcode. */
export async function identify(call: Call, account: OpenedAccount, language = "1"): Promise<Call> {
  await call.press(language);
  await call.press(account.telephoneId);
  return call.press(account.telephonePasscode);
}
