/** The ledger is restored to any moment from a base backup and the log behind it, as docs/OPERATING.md says. */
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { audit } from "../src/clearing/audit/audit.ts";
import { initialiseIssuer } from "../src/issuer/issuer.ts";
import { type OpenedTps, openStorage } from "../src/open.ts";
import { systemPlatform } from "../src/platform.ts";
import type { Database } from "../src/store/database.ts";
import { databaseUser } from "../src/store/postgres-binaries.ts";
import { createWallet, recordOf, type Wallet } from "./support/wallet.ts";
import { ISSUER, worldOn } from "./support/world.ts";

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function directory(name: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `chit-${name}-`));
  ending.push(() => rm(path, { recursive: true, force: true }));
  await giveToDatabase(path);
  return path;
}

/** The database's own user must be able to write there. */
async function giveToDatabase(...paths: string[]): Promise<void> {
  const { uid, gid } = await databaseUser();
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) await chown(path, uid, gid);
}

async function open(dataDir: string): Promise<OpenedTps> {
  const opened = await openStorage(systemPlatform, { dataDir }, () => undefined);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= opened.close();
    return closing;
  };
  ending.push(close);
  return { ...opened, close };
}

/** From now on every finished segment of the database's log is copied to `archive`. Takes a restart. */
async function archiveTo(dataDir: string, archive: string): Promise<void> {
  const { deps, close } = await open(dataDir);
  await deps.database.query("alter system set archive_mode = on");
  // The path is ours; this statement takes no parameters.
  await deps.database.query(`alter system set archive_command = 'cp %p ${archive}/%f'`);
  await close();
}

/** A copy of the running database's files, between the two calls that make it one. */
async function baseBackup(database: Database, dataDir: string, base: string): Promise<void> {
  // Both calls on one connection, or the first is undone.
  await database.transaction(async (tx) => {
    await tx.query("select pg_backup_start('base', true)");
    await cp(join(dataDir, "postgres"), base, {
      recursive: true,
      filter: (source) => !/\/(postmaster\.pid|pg_wal\/.+)$/.test(source),
    });
    const [stopped] = await tx.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop()",
    );
    await writeFile(join(base, "backup_label"), stopped?.labelfile ?? "");
  });
}

/** A new data directory with the base, told to go on along the archived log until `moment`. */
async function restore(
  dataDir: string,
  base: string,
  archive: string,
  moment: string,
): Promise<string> {
  const restored = await directory("restored");
  await cp(join(dataDir, "secrets"), join(restored, "secrets"), { recursive: true });
  const cluster = join(restored, "postgres");
  await cp(base, cluster, { recursive: true });
  await writeFile(join(cluster, "recovery.signal"), "");
  await writeFile(
    join(cluster, "postgresql.auto.conf"),
    `restore_command = 'cp ${archive}/%f %p'\nrecovery_target_time = '${moment}'\nrecovery_target_action = 'promote'\n`,
  );
  const within = (await readdir(cluster, { recursive: true })).map((name) => join(cluster, name));
  await chmod(cluster, 0o700);
  await giveToDatabase(cluster, ...within);
  return restored;
}

/** The time by the database's own clock, after which a new transaction is surely later. */
async function momentOf(database: Database): Promise<string> {
  const [row] = await database.query<{ moment: string }>(
    "select clock_timestamp()::text as moment, pg_sleep(0.01)",
  );
  return row?.moment ?? "";
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  await expect.poll(holds, { timeout: 15_000 }).toBe(true);
}

const paidBy = async (wallet: Wallet, count: number) => {
  for (let i = 0; i < count; i++) await wallet.pay();
};

test("to a moment between two payments: what was paid by then is there, no more, and every book agrees", async () => {
  const [dataDir, archive, backups] = [
    await directory("data"),
    await directory("archive"),
    await directory("base"),
  ];
  await archiveTo(dataDir, archive);
  const original = await open(dataDir);
  const { database } = original.deps;
  await initialiseIssuer(original.deps, {
    origin: ISSUER,
    operator: "Example Pay",
    telephone: "+49 30 123456",
    currency: "EUR",
    scale: 4,
  });
  const clock = { now: systemPlatform.nowSeconds() };
  const rest = {
    databaseName: "chit",
    environment: { CHIT_PIN_KEY: "", CHIT_MASTER_KEY: "" },
    close: original.close,
  };
  const wallet = await createWallet(await worldOn(original.deps, clock, rest));
  await paidBy(wallet, 2);
  const base = join(backups, "base");
  await mkdir(base);
  await baseBackup(database, dataDir, base);
  await paidBy(wallet, 3);
  const moment = await momentOf(database);
  const atMoment = await recordOf(wallet);
  await paidBy(wallet, 4);
  const [segment] = await database.query<{ name: string }>(
    "select pg_walfile_name(pg_switch_wal()) as name",
  );
  await until(async () => (await readdir(archive)).includes(segment?.name ?? ""));
  expect((await recordOf(wallet)).payments).toBe(9);
  await original.close();

  const { deps } = await open(await restore(dataDir, base, archive, moment));
  const [row] = await deps.database.query<{ payments: bigint; balance: bigint }>(
    `select (select count(*) from payments) as payments, balance from accounts where account_id = $1`,
    [wallet.accountId],
  );
  expect(row).toEqual({ payments: 5n, balance: atMoment.balance });
  expect(await audit(deps, { all: true })).toMatchObject({ isSound: true, difference: 0n });
  // It opens what was sealed, and its wallet is out of sequence: the telephone brings both together again.
  const [device] = await deps.database.query<{ count: bigint }>(
    "select count from devices where account_id = $1",
    [wallet.accountId],
  );
  expect(device?.count).toBe(5n);
  expect(wallet.count).toBe(9);
}, 120_000);
