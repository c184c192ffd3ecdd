/** Guessing id and passcode, and forging who calls (threat 24). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenedAccount } from "../../src/accounts/accounts.ts";
import { renewPasscode } from "../../src/accounts/telephone-access.ts";
import { acknowledgeAlarm, listAlarms } from "../../src/telephone/alarms.ts";
import { lockSeconds } from "../../src/vru/identification.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
import type { Call } from "./support/phone.ts";
import { createWorld, identify, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

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
  it("threat 24: ends the call after three wrong pairs; a wrong id sounds like a wrong passcode", async () => {
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

  it("threat 24: locks the account out for longer and longer, says nothing of it, and lets a right one in after", async () => {
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

  it("threat 24: is capped for all accounts together; then nobody is identified, and the operator is told once", async () => {
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
    const raised = await listAlarms(world.deps, "open");
    expect(raised.filter(({ kind }) => kind === "failures-of-the-hour")).toHaveLength(1);
    world.clock.seconds += 3600;
    expect((await identify(await world.dial(), account)).heard.join()).toContain("check number");
  });

  it("takes longer after each failure, and never for ever", () => {
    const growing = [1, 2, 3, 4, 5, 8, 9, 50, 5_000].map(lockSeconds);
    expect(growing).toEqual([0, 0, 60, 120, 240, 1_920, 3_600, 3_600, 3_600]);
  });
});

describe("a caller id", () => {
  const victim = "+4930111222";

  it("threat 24: lets nobody in, whosever it is", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    // The holder always calls from here.
    await (await identify(await world.dial(victim), account)).hangUp();
    const forged = await identify(await world.dial(victim), wrong(account, "telephonePasscode"));
    expect(forged.heard[0]).toContain("do not match");
    // And the holder from anywhere.
    const abroad = await identify(await world.dial("+33140000000"), account);
    expect(abroad.heard.join()).toContain("check number");
  });

  it("with too many wrong tries waits for the next hour, before everybody has to; others do not notice", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    const attacker = "+4930666666";
    const nobody = wrong(account, "telephoneId");
    for (let failure = 0; failure < VRU_LIMITS.callerFailuresInAnHour; failure++) {
      await identify(await world.dial(attacker), nobody);
    }
    const throttled = await identify(await world.dial(attacker), nobody);
    expect(throttled.heard[0]).toContain("too many wrong tries from this telephone");
    expect(throttled.over).toBe(true);
    expect(await world.eventsOf(throttled)).toContain("caller-throttled");
    // Not even a right pair is looked at, and nothing is counted any more.
    expect((await identify(await world.dial(attacker), account)).over).toBe(true);
    const [total] = await world.database.query(
      "select failures from vru_failures where hour = $1",
      [Math.floor(world.clock.seconds / 3_600)],
    );
    expect(total).toEqual({ failures: VRU_LIMITS.callerFailuresInAnHour });

    expect((await identify(await world.dial(), account)).heard.join()).toContain("check number");
    world.clock.seconds += 3_600;
    const later = await identify(await world.dial(attacker), account);
    expect(later.heard.join()).toContain("check number");
  });

  it("that is withheld is one of many that share a larger cap", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    await identify(await world.dial("anonymous"), wrong(account, "telephoneId"));
    await identify(await world.dial("sip:mallory@example.org"), wrong(account, "telephoneId"));
    const counted = await world.database.query(
      "select failures from vru_caller_failures where hour = $1",
      [Math.floor(world.clock.seconds / 3_600)],
    );
    expect(counted).toEqual([{ failures: 2 }]);
    await world.database.query("update vru_caller_failures set failures = $1", [
      VRU_LIMITS.withheldFailuresInAnHour - 1,
    ]);
    await identify(await world.dial("Restricted"), wrong(account, "telephoneId"));
    expect((await identify(await world.dial("anonymous"), account)).over).toBe(true);
    expect((await identify(await world.dial(), account)).over).toBe(false);
  });

  it("is stored as a MAC that is another one each hour", async () => {
    const macs = new Set<string>();
    for (let hour = 0; hour < 2; hour++) {
      nextHour();
      await identify(await world.dial(victim), {
        ...(await world.openAccount()),
        telephonePasscode: "00000000",
      });
      const rows = await world.database.query<{ caller: Buffer }>(
        "select caller from vru_caller_failures order by hour desc limit 1",
      );
      macs.add(rows[0]?.caller.toString("hex") ?? "");
    }
    expect(macs.size).toBe(2);
  });
});

describe("the operator", () => {
  it("hears of an account at which somebody guesses again and again, and of a wallet that its holder does not know", async () => {
    nextHour();
    const account = await world.openAccount();
    const stranger = await world.addWallet(account, "Not mine");
    world.logged.length = 0;
    for (let failure = 0; failure < VRU_LIMITS.failuresBeforeAlarm; failure++) {
      nextHour();
      await identify(await world.dial(), wrong(account, "telephonePasscode"));
    }
    nextHour();
    const call = await identify(await world.dial(), account);
    await call.press("2");

    const { accountId } = account;
    const mine = async (which: "open" | "all") =>
      (await listAlarms(world.deps, which)).filter((alarm) => alarm.accountId === accountId);
    const [wallet, attack, ...more] = await mine("open");
    expect(wallet).toMatchObject({ kind: "wrong-check-number", deviceId: stranger.deviceId });
    expect(attack).toMatchObject({ kind: "account-under-attack", deviceId: null });
    expect(more).toEqual([]);
    for (const code of ["wrong-check-number", "account-under-attack"]) {
      const lines = world.logged.filter((line) => line.includes(`"code":"${code}"`));
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain(accountId);
    }

    await acknowledgeAlarm(world.deps, wallet?.alarm ?? 0);
    expect(await mine("open")).toEqual([attack]);
    expect((await mine("all"))[0]).toMatchObject({ acknowledgedBy: "tester" });
    await expect(acknowledgeAlarm(world.deps, 999_999)).rejects.toMatchObject({
      code: "alarm-unknown",
    });
  });

  it("gives out a new passcode, which ends a lock-out; the old one is void", async () => {
    nextHour();
    const account = await world.openAccount();
    await world.addWallet(account);
    const bad = wrong(account, "telephonePasscode");
    for (let failure = 0; failure < 3; failure++) await identify(await world.dial(), bad);
    const renewed = await renewPasscode(world.deps, account.accountId);
    expect(renewed.telephoneId).toBe(account.telephoneId);
    expect(renewed.telephonePasscode).not.toBe(account.telephonePasscode);
    const old = await identify(await world.dial(), account);
    expect(old.heard[0]).toContain("do not match");
    const fresh = await identify(await world.dial(), { ...account, ...renewed });
    expect(fresh.heard.join()).toContain("check number");
  });

  it("whoever is in a call with the old passcode gets nothing in it any more", async () => {
    nextHour();
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const thief = await identify(await world.dial(), account);
    const others = await world.openAccount();
    await world.addWallet(others);
    const bystander = await identify(await world.dial(), others);
    await renewPasscode(world.deps, account.accountId);
    await thief.press("1");
    expect(thief.heard.join()).toContain("call again");
    expect((await world.device(wallet)).pin_state).toBe("awaiting-pin");
    expect(await world.eventsOf(thief)).toEqual([
      "call-began",
      "caller-known",
      "call-ended:passcode-renewed",
    ]);
    await bystander.press("1");
    expect(bystander.heard.join()).toContain("Your new PIN");
  });
});
