/** Guessing, forging and repeating (threats 24, 25 and what webhooks add to them). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fundAccount, type OpenedAccount } from "../../src/accounts/accounts.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { lockSeconds } from "../../src/vru/identification.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
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

/** The next hour: locks are over and the total begins again. */
function nextHour(): void {
  world.clock.seconds += 2 * VRU_LIMITS.longestLockSeconds;
}

function wrong(account: OpenedAccount, part: "telephoneId" | "telephonePasscode"): OpenedAccount {
  const digits = account[part];
  return { ...account, [part]: `${(Number(digits[0]) + 1) % 10}${digits.slice(1)}` };
}

async function access(account: OpenedAccount) {
  const [row] = await world.database.query<{ failed_attempts: number; locked_until: bigint }>(
    "select failed_attempts, locked_until from telephone_access where account_id = $1",
    [account.accountId],
  );
  if (row === undefined) throw new Error("There is no such account.");
  return row;
}

/** Connections to this database that wait for a lock. */
async function waitingForLocks(): Promise<number> {
  const rows = await world.database.query(
    `select 1 from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}

describe("guessing id and passcode", () => {
  it("ends the call after three wrong pairs; a wrong id sounds like a wrong passcode", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    const heard = [];
    for (const part of ["telephoneId", "telephonePasscode"] as const) {
      const call = await identify(await world.dial(), wrong(account, part));
      expect(call.heard[0]).toContain("do not match");
      for (let more = 0; more < 2; more++) {
        await call.press(wrong(account, part).telephoneId);
        await call.press(wrong(account, part).telephonePasscode);
      }
      expect(call.over).toBe(true);
      heard.push(call.transcript);
    }
    expect(heard[0]).toEqual(heard[1]);
    expect(await access(account)).toMatchObject({ failed_attempts: 3 });
  });

  it("locks the account out for longer and longer, says nothing of it, and lets a right one in after", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    const guess = async (as: OpenedAccount) => identify(await world.dial(), as);
    const bad = wrong(account, "telephonePasscode");
    for (let failure = 0; failure < 3; failure++) await guess(bad);
    const { locked_until: until } = await access(account);
    expect(Number(until)).toBe(world.clock.seconds + 60);

    // Locked out: the right passcode is refused like a wrong one, and nothing gets longer by it.
    const refused = await guess(account);
    expect(refused.heard).toEqual((await guess(bad)).heard);
    expect(await world.eventsOf(refused)).toContain("caller-locked-out");
    expect(await access(account)).toEqual({ failed_attempts: 3, locked_until: until });

    world.clock.seconds += 60;
    await guess(bad);
    expect(Number((await access(account)).locked_until)).toBe(world.clock.seconds + 120);
    world.clock.seconds += 120;
    expect((await guess(account)).heard.join()).toContain("check number");
    expect(await access(account)).toEqual({ failed_attempts: 0, locked_until: 0n });
  });

  it("is counted when it is done in many calls at once", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    const bad = wrong(account, "telephonePasscode");
    const calls = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const call = await (await world.dial()).press("1");
        return call.press(bad.telephoneId);
      }),
    );
    // Nobody is judged before all of them wait to be.
    let guesses: Promise<Call>[] = [];
    await world.database.transaction(async (tx) => {
      await tx.query("select 1 from telephone_access where account_id = $1 for update", [
        account.accountId,
      ]);
      guesses = calls.map((call) => call.press(bad.telephonePasscode));
      await expect
        .poll(() => waitingForLocks(), { timeout: 15_000, interval: 20 })
        .toBe(calls.length);
    });
    await Promise.all(guesses);
    expect(await access(account)).toMatchObject({ failed_attempts: 3 });
  });

  it("is capped for all accounts together; then nobody is identified, and the operator is told once", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    await world.database.query("insert into vru_failures (hour, failures) values ($1, $2)", [
      Math.floor(world.clock.seconds / 3600),
      VRU_LIMITS.failuresInAnHour - 1,
    ]);
    world.logged.length = 0;
    await identify(await world.dial(), wrong(account, "telephoneId"));
    const right = await identify(await world.dial(), account);
    expect(right.heard.join()).toContain("in an hour");
    expect(right.over).toBe(true);
    await identify(await world.dial(), account);
    expect(world.logged.filter((line) => line.includes("failures-of-the-hour"))).toHaveLength(1);
    world.clock.seconds += 3600;
    expect((await identify(await world.dial(), account)).heard.join()).toContain("check number");
  });

  it("takes longer after each failure, and never for ever", () => {
    const growing = [1, 2, 3, 4, 5, 8, 9, 50, 5_000].map(lockSeconds);
    expect(growing).toEqual([0, 0, 60, 120, 240, 1_920, 3_600, 3_600, 3_600]);
  });
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
    nextHour();
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
  it("PINs and passcodes are in no log and nowhere in the database", async () => {
    nextHour();
    const account = await world.openAccount();
    await fundAccount(world.deps, account.accountId, 10_000n, "canary");
    await world.addWallet(account);
    const failed = wrong(account, "telephonePasscode");
    const call = await identify(await world.dial(), failed);
    await call.press(account.telephoneId);
    await call.press(account.telephonePasscode);
    await call.press("1");
    const [pin] = speltDigits(call.heard, 6);
    await call.press("1");
    const secrets = [account.telephonePasscode, failed.telephonePasscode, pin ?? "", WEBHOOK_TOKEN];
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
  });
});
