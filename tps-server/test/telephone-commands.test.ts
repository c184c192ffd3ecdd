/** The operator's commands about the telephone, on a real database. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccount } from "../src/accounts/accounts.ts";
import { cliOf } from "./support/cli.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const run = cliOf(() => world);

describe("account", () => {
  test("passcode makes a new one, and shows it once", async () => {
    const { accountId, telephoneId, telephonePasscode } = await openAccount(world.deps);
    const { code, out, said } = await run("account", "passcode", accountId);
    expect(code).toBe(0);
    expect(out).toContain(telephoneId);
    const shown = /telephone passcode\s+([0-9]{8})\n/.exec(out)?.[1];
    expect(shown).toBeDefined();
    expect(shown).not.toBe(telephonePasscode);
    expect(said).toContain("not shown again");
    const unknown = await run("account", "passcode", "A".repeat(22));
    expect(unknown).toMatchObject({ code: 1, said: expect.stringContaining("(account-unknown)") });
  });

  test("release says when the holder's own hold remains, and lifts it when told to", async () => {
    const { accountId } = await openAccount(world.deps);
    await world.database.query("update accounts set held_by_holder = true where account_id = $1", [
      accountId,
    ]);
    expect((await run("account", "hold", accountId)).out).toContain("is held");
    expect((await run("account", "show", accountId)).out).toMatch(
      /status\s+held by you and by its holder/,
    );
    const released = await run("account", "release", accountId);
    expect(released.out).toContain("is held");
    expect(released.said).toContain("--holders-too");
    const both = await run("account", "release", accountId, "--holders-too");
    expect(both).toMatchObject({ out: `The account ${accountId} is active.\n`, said: "" });
  });
});

describe("case", () => {
  test("list, show and close: from what was reported to what is done with", async () => {
    expect((await run("case", "list")).out).toBe("No open case.\n");
    const { accountId } = await openAccount(world.deps);
    await world.database.query(
      `insert into cases (case_number, account_id, call_id, category, opened_at, recording_url,
                          recording_seconds, recorded_at)
       values ('047113', $1, 'CA1', 'lost-computer', $2, 'https://carrier.example/RE1', 17, $2)`,
      [accountId, world.now],
    );
    expect((await run("case", "list")).out).toMatch(
      /^047113 .* UTC {2}lost-computer {2}17 s .* open$/m,
    );
    const shown = await run("case", "show", "047113");
    expect(shown.out).toMatch(/recording\s+https:\/\/carrier\.example\/RE1/);
    expect((await run("case", "close", "047113")).code).toBe(0);
    expect((await run("case", "list")).out).toBe("No open case.\n");
    expect((await run("case", "list", "--all")).out).toMatch(/^047113 .* closed$/m);
    expect((await run("case", "close", "047113")).said).toContain("(already-done)");
    expect((await run("case", "show", "000000")).said).toContain("(case-unknown)");
  });
});

describe("alarm", () => {
  test("list shows what nobody has looked at; acknowledge takes it off", async () => {
    await world.database.query(
      `insert into alarms (raised_at, kind, call_id) values ($1, 'failures-of-the-hour', 'CA1')`,
      [world.now],
    );
    const listed = JSON.parse((await run("alarm", "list", "--json")).out) as { alarm: number }[];
    expect(listed).toMatchObject([{ kind: "failures-of-the-hour", accountId: null }]);
    const number = String(listed[0]?.alarm);
    expect((await run("alarm", "acknowledge", number)).code).toBe(0);
    expect((await run("alarm", "list")).out).toBe("No open alarm.\n");
    expect((await run("alarm", "list", "--all")).out).toContain("acknowledged by");
    expect((await run("alarm", "acknowledge", "0")).said).toContain("(usage-invalid)");
  });
});

describe("vru", () => {
  test("wants the carrier's token, and a number to which a carrier can connect", async () => {
    expect((await run("vru")).said).toContain("CHIT_VRU_WEBHOOK_TOKEN is not set");
    const environment = { CHIT_VRU_WEBHOOK_TOKEN: "x".repeat(16), CHIT_VRU_OPERATOR_NUMBER: "110" };
    Object.assign(world.environment, environment);
    const { code, said } = await run("vru");
    expect(code).toBe(1);
    expect(said).toContain("CHIT_VRU_OPERATOR_NUMBER: Expected a number such as +4930123456");
  });
});
