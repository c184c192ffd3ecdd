import { INITIAL_MODIFIER, modifyPin, toBase64url } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setPin } from "../src/accounts/pin-state.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { migrate } from "../src/store/migrate.ts";
import { databaseUrl } from "./support/database.ts";
import { createWallet, PIN, recordOf, WRONG_PIN } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";
import { admitVru } from "./vru/support/world.ts";

let world: World;
let asVru: Database;
beforeAll(async () => {
  world = await createWorld();
  asVru = openDatabase(await admitVru(world.databaseName), () => undefined);
});
afterAll(async () => {
  await asVru.close();
  await world.close();
});

/** Every value of every row of every table, as text; bytes as hexadecimal. */
async function dump(database: Database): Promise<string> {
  const tables = await database.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public'",
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ text: string }>(`select t::text as text from ${name} t`);
    parts.push(...rows.map((row) => row.text));
  }
  return parts.join("\n");
}

describe("a copy of the database", () => {
  test("holds no PIN and no modified PIN, before, between and after payments", async () => {
    const wallet = await createWallet(world);
    const modified = [modifyPin(PIN, INITIAL_MODIFIER)];
    await wallet.pay({ pin: WRONG_PIN });
    const texts = [await dump(world.database)];
    for (let i = 0; i < 3; i++) {
      await wallet.pay();
      modified.push(modifyPin(PIN, wallet.modifier));
      texts.push(await dump(world.database));
    }
    // The dump does show what is there in clear: otherwise this test would find nothing anywhere.
    expect(texts[3]).toContain(Buffer.from(wallet.signer.publicKey).toString("hex"));
    for (const text of texts) {
      for (const secret of [PIN, WRONG_PIN]) {
        expect(text).not.toMatch(new RegExp(`(?<![0-9a-f])${secret}(?![0-9a-f])`));
      }
      for (const bytes of modified) {
        expect(text).not.toContain(Buffer.from(bytes).toString("hex"));
        expect(text).not.toContain(toBase64url(bytes));
      }
    }
  });

  test("opens no modified PIN without the key kept outside", async () => {
    const wallet = await createWallet(world);
    const [row] = await world.database.query<{ modified_pin: Buffer; modified_pin_key_id: string }>(
      "select modified_pin, modified_pin_key_id from devices where account_id = $1",
      [wallet.accountId],
    );
    if (row === undefined) throw new Error("There is no device.");
    const stored = { keyId: row.modified_pin_key_id, sealed: row.modified_pin };
    const { accountId, deviceId } = wallet;
    const opened = world.deps.pinVault.open(stored, accountId, deviceId);
    expect(Uint8Array.from(opened)).toEqual(modifyPin(PIN, INITIAL_MODIFIER));
    // The master key, which the server also holds, does not open it either.
    expect(() => world.deps.masterVault.open(stored, accountId, deviceId)).toThrow();
    expect(() => world.deps.pinVault.open(stored, deviceId, accountId)).toThrow();
  });

  test("of a locked PIN has not even the sealed one", async () => {
    const wallet = await createWallet(world);
    for (let i = 0; i < 5; i++) await wallet.pay({ pin: WRONG_PIN });
    const rows = await world.database.query<{ modified_pin: Buffer | null }>(
      "select modified_pin from devices where account_id = $1",
      [wallet.accountId],
    );
    expect(rows).toEqual([{ modified_pin: null }]);
  });
});

describe("the telephone unit's role", () => {
  test("sets a PIN with which the wallet pays", async () => {
    const wallet = await createWallet(world);
    const result = await asVru.transaction((tx) =>
      setPin(tx, world.deps.pinVault, wallet, "27182818"),
    );
    expect(result).toEqual({ pinGeneration: 2, count: 0 });
    wallet.adoptPin(2, "27182818");
    expect(await wallet.pay()).toMatchObject({ outcome: "paid" });
  });

  test("may set the caps of the telephone access", async () => {
    await asVru.query("update telephone_access set failed_attempts = 1, locked_until = 0");
    await asVru.query("select telephone_id, passcode_hash from telephone_access limit 1");
  });

  test.each([
    ["balances", "select balance from accounts"],
    ["all of an account", "select * from accounts"],
    ["payments", "select payment_id from payments"],
    ["fundings", "select amount from fundings"],
    ["sealed PINs", "select modified_pin from devices"],
    ["stored replies", "select last_reply from devices"],
    ["wrong-PIN replies", "select reply from refused_requests"],
    ["private keys", "select sealed_private_key from keys"],
    ["activation secrets", "select secret_hash from activations"],
    ["merchants", "select name from merchants"],
    ["the operator's log", "select entry from operator_log"],
  ])("cannot read %s", async (_what, sql) => {
    await expect(asVru.query(sql)).rejects.toThrow(/permission denied/);
  });

  test.each([
    ["pay in", "update accounts set balance = 1"],
    ["lift the operator's hold", "update accounts set held_by_operator = false"],
    ["move a count", "update devices set count = 0"],
    ["exchange a device's key", "update devices set public_key = '\\x00'"],
    ["add a device", "insert into devices (account_id) values ('x')"],
    ["change a passcode", "update telephone_access set passcode_hash = ''"],
    ["delete a payment", "delete from payments"],
    ["make a table of its own", "create table mine (a int)"],
    ["become someone else", "set role postgres"],
  ])("cannot %s", async (_what, sql) => {
    await expect(asVru.query(sql)).rejects.toThrow(/permission denied/);
  });
});

describe("the schema", () => {
  test("lets nobody restore a revoked device, not even the telephone unit, which may revoke", async () => {
    const wallet = await createWallet(world);
    const where = "where account_id = $1 and device_id = $2";
    const device = [wallet.accountId, wallet.deviceId];
    await asVru.query(`update devices set state = 'revoked' ${where}`, device);
    for (const database of [asVru, world.database]) {
      await expect(
        database.query(`update devices set state = 'active' ${where}`, device),
      ).rejects.toThrow(/stays revoked/);
    }
    expect(await wallet.pay()).toMatchObject({ outcome: "device-revoked" });
  });

  test("refuses what no code of ours should ever write", async () => {
    const wallet = await createWallet(world);
    const { accountId } = wallet;
    const { database } = world;
    await expect(
      database.query("update accounts set balance = -1 where account_id = $1", [accountId]),
    ).rejects.toThrow(/accounts_balance_check/);
    await expect(
      database.query("update devices set modified_pin = null where account_id = $1", [accountId]),
    ).rejects.toThrow(/check constraint/);
    await wallet.pay();
    // Its count cannot be used again: neither by another payment of the month nor by any later one.
    await expect(
      database.query(
        `insert into payments select account_id, 'other', device_id, count, pin_generation, verdict,
           denial_reason, merchant_id, transaction_number, amount, currency, scale, quote_hash, document,
           request_hash, plain, component, device_signature, balance_after, paid_at
         from payments where account_id = $1`,
        [accountId],
      ),
    ).rejects.toThrow(/payments_.*_counts/);
    for (const [change, refusal] of [
      ["update devices set count = count - 1", /count only grows/],
      ["update devices set device_id = 'another'", /has paid stays/],
      ["delete from devices", /has paid stays/],
    ] as const) {
      await expect(database.query(`${change} where account_id = $1`, [accountId])).rejects.toThrow(
        refusal,
      );
    }
    expect(await recordOf(wallet)).toMatchObject({ payments: 1 });
  });

  test("begins every primary key on the payment path with the account id", async () => {
    const rows = await world.database.query<{ table: string; first: string }>(
      `select i.indrelid::regclass::text as table, a.attname as first
       from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where i.indisprimary`,
    );
    const first = new Map(rows.map((row) => [row.table, row.first]));
    for (const table of ["accounts", "devices", "refused_requests", "payments", "fundings"]) {
      expect([table, first.get(table)]).toEqual([table, "account_id"]);
    }
  });

  test("is migrated once, however many servers start together", async () => {
    await world.database.query("drop schema public cascade");
    await world.database.query("create schema public");
    const others = [1, 2, 3].map(() =>
      openDatabase(databaseUrl(world.databaseName), () => undefined),
    );
    const applied = await Promise.all(others.map((database) => migrate(database)));
    await Promise.all(others.map((database) => database.close()));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    await world.database.query("update schema_migrations set digest = 'other'");
    await expect(migrate(world.database)).rejects.toMatchObject({ code: "migration-changed" });
  });
});
