/** Forging and repeating webhooks, the rights of the role, and secrets (threat 25). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fundAccount } from "../../src/accounts/accounts.ts";
import { type Database, openDatabase, type Queryable } from "../../src/store/database.ts";
import { startVru } from "../../src/vru/start.ts";
import { Call, speltDigits } from "./support/phone.ts";
import { createWorld, identify, PUBLIC_URL, WEBHOOK_TOKEN, type World } from "./support/world.ts";

let world: World;
let asVru: Database;
beforeAll(async () => {
  world = await createWorld();
  asVru = openDatabase(world.vruDatabaseUrl, () => undefined);
});
afterAll(async () => {
  await asVru.close();
  await world.close();
});

describe("a webhook", () => {
  it("without the carrier's signature is refused, whatever it says, and nothing happens", async () => {
    const before = await world.database.query("select * from vru_calls");
    const call = new Call({ ...world.carrier, token: "another token" });
    await expect(call.dial()).rejects.toThrow("403");
    const bare = await fetch(`${world.carrier.address()}/v1/calls`, {
      method: "POST",
      body: new URLSearchParams({ CallSid: "CA1" }),
    });
    expect(bare.status).toBe(403);
    expect(await world.database.query("select * from vru_calls")).toEqual(before);
  });

  it("cannot be sent again with other keys", async () => {
    const call = await world.dial();
    const { action } = call;
    const fields = { CallSid: call.callId, Digits: "1" };
    const { status } = await fetch(action.replace(PUBLIC_URL, world.carrier.address()), {
      method: "POST",
      headers: { "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" },
      body: new URLSearchParams(fields),
    });
    expect(status).toBe(403);
    await call.press("1");
    expect(call.heard.join()).toContain("telephone id");
  });

  it("that comes twice is answered twice and counts once, PIN included", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await identify(await world.dial(), account);
    // In the same moment, and once more when the first answer is long there.
    const { action } = call;
    const send = () => call.post(action, { Digits: "1" });
    const documents = [...(await Promise.all([send(), send(), send()])), await send()];
    expect(new Set(documents.map(({ body }) => body)).size).toBe(1);
    expect(speltDigits([documents[0]?.body ?? ""], 6)).toHaveLength(2);
    expect((await world.device(wallet)).pin_generation).toBe(1n);

    const fresh = new Call(world.carrier);
    const begin = () => fresh.post(`${PUBLIC_URL}/v1/calls`, {});
    const [one, other] = await Promise.all([begin(), begin()]);
    expect(one).toEqual(other);
    expect(await world.eventsOf(fresh)).toEqual(["call-began"]);
  });

  it.each([
    ["no call", { CallSid: "" }],
    ["a call's name that is none", { CallSid: "'; drop table accounts; --" }],
    ["a call's name without end", { CallSid: "C".repeat(200) }],
    ["keys that no telephone has", { Digits: "12ab" }],
    ["too many keys", { Digits: "1".repeat(40) }],
  ])("with %s is refused", async (_what, fields) => {
    const { status } = await new Call(world.carrier).post(`${PUBLIC_URL}/v1/calls`, fields);
    expect(status).toBe(400);
  });

  it("with another query, or a body without end, is refused", async () => {
    const call = new Call(world.carrier);
    for (const query of ["step=0", "step=x", "step=1&step=2", "step=1&more=1"]) {
      expect((await call.post(`${PUBLIC_URL}/v1/calls?${query}`, {})).status).toBe(400);
    }
    const long = await call.post(`${PUBLIC_URL}/v1/calls`, { Junk: "x".repeat(20_000) });
    expect(long.status).toBe(413);
  });
});

describe("the role of the VRU", () => {
  it.each([
    "update accounts set balance = balance + 1",
    "select balance from accounts",
    "insert into fundings (account_id, reference, amount, balance_after, funded_at) values ('a', 'b', 1, 1, 1)",
    "select modified_pin from devices",
    "select last_reply from devices",
    "update devices set count = 0",
    "delete from devices",
    "select passcode_hash from telephone_access; update telephone_access set passcode_hash = ''",
    "select sealed_private_key from keys",
    "select * from payments",
    "select * from fundings",
    "update accounts set held_by_operator = false",
    "select recording_url from cases",
    "update cases set closed_at = 0",
    "delete from cases",
    "select * from alarms",
    "select * from refunds",
    "insert into refunds select * from refunds",
    "select * from refund_orders",
    "select * from batches",
    "select * from merchant_payments",
    "update merchant_accounts set balance = 0",
    "select * from collection",
    "select * from chores",
    "update alarms set acknowledged_at = 1",
    "insert into vru_log (at, call_id, event, written_in) values (1, 'c', 'caller-known', '1')",
    "select vru_reading('c', 1, 'nothing')",
    "select * from vru_log",
    "delete from vru_log",
    "update vru_log set event = 'nothing'",
    "create table mine (a int)",
    "set role postgres",
  ])("may not: %s", async (sql) => {
    await expect(asVru.query(sql)).rejects.toThrow(/permission denied/);
  });

  it("reads a balance for a call in which somebody was identified, on record, and for no other", async () => {
    const account = await world.openAccount();
    await fundAccount(world.deps, account.accountId, 10_000n, "first");
    const { accountId } = account;
    const claim = (tx: Queryable, callId: string) =>
      tx.query(
        "insert into vru_log (at, call_id, account_id, event) values (1, $1, $2, 'caller-known')",
        [callId, accountId],
      );
    const readings = ["select vru_balance($1, 1)", "select * from vru_payments($1, 1)"];
    for (const reading of readings) {
      await expect(asVru.query(reading, ["no call"])).rejects.toThrow(/Nobody was identified/);
      // Whoever has the role could claim it and take it back: what may still be undone is no record.
      const undone = asVru.transaction(async (tx) => {
        await claim(tx, "a claim");
        await tx.query(reading, ["a claim"]);
      });
      await expect(undone).rejects.toThrow(/Nobody was identified/);
      const inside = asVru.transaction(async (tx) => {
        await tx.query("savepoint inside");
        await claim(tx, "a claim");
        await tx.query("release savepoint inside");
        await tx.query(reading, ["a claim"]);
      });
      await expect(inside).rejects.toThrow(/Nobody was identified/);
    }
    await claim(asVru, "a call");
    for (const reading of readings) await asVru.query(reading, ["a call"]);
    const left = await world.database.query<{ event: string }>(
      "select event from vru_log where account_id = $1 order by entry",
      [accountId],
    );
    expect(left.map(({ event }) => event)).toEqual([
      "caller-known",
      "balance-heard",
      "payments-heard",
    ]);
  });

  it("is asked for: a VRU that could touch money does not start", async () => {
    const start = startVru({
      databaseUrl: world.ownerDatabaseUrl,
      environment: { CHIT_PIN_KEY: "A".repeat(43) },
      webhookToken: WEBHOOK_TOKEN,
      port: 0,
      logLevel: "silent",
    });
    await expect(start).rejects.toMatchObject({ code: "setting-invalid" });
  });
});

describe("secrets", () => {
  it("threat 25: PINs, passcodes and callers' numbers are in no log and nowhere in the database", async () => {
    const account = await world.openAccount();
    await fundAccount(world.deps, account.accountId, 10_000n, "canary");
    await world.addWallet(account);
    const from = "+4915799887766";
    const call = await world.dial(from);
    const wrong = `${(Number(account.telephonePasscode[0]) + 1) % 10}${account.telephonePasscode.slice(1)}`;
    await identify(call, { ...account, telephonePasscode: wrong });
    await call.press(account.telephoneId);
    await call.press(account.telephonePasscode);
    await call.press("1");
    const [pin] = speltDigits(call.heard, 6);
    await call.press("*");
    // All the rest that a caller may do.
    for (const key of ["0", "2", "0", "3", "0", "4", "1", "1", "2", "0", "0", "5", "4"]) {
      await call.press(key);
    }
    await call.speak();
    await call.wait();
    const secrets = [account.telephonePasscode, wrong, pin ?? "", WEBHOOK_TOKEN, from];
    expect(pin).toMatch(/^[0-9]{6}$/);
    const tables = await world.database.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public'",
    );
    let searched = "";
    for (const { name } of tables) {
      const rows = await world.database.query<{ row: string }>(
        `select t::text as row from ${name} t`,
      );
      searched += rows.map(({ row }) => row).join("\n");
    }
    // The search finds what is there.
    expect(searched).toContain(account.telephoneId);
    for (const secret of secrets) {
      expect(searched).not.toContain(secret);
      expect(world.logged.join()).not.toContain(secret);
      // bytea prints as hex.
      expect(searched).not.toContain(Buffer.from(secret).toString("hex"));
    }
    expect(await world.eventsOf(call)).toEqual([
      "call-began",
      "caller-unknown",
      "caller-known",
      "new-pin",
      "pin-repeated",
      "balance-heard",
      "payments-heard",
      "hold-placed",
      "count-heard",
      "case-opened",
      "case-recorded",
      "call-ended:case-told",
    ]);
  });
});
