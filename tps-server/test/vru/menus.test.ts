/** What an identified caller may do besides PINs: whole calls through the real webhooks. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fundAccount, type OpenedAccount } from "../../src/accounts/accounts.ts";
import { setAccountStatus } from "../../src/accounts/holds.ts";
import { showAccount } from "../../src/accounts/show.ts";
import { speltDigits } from "./support/phone.ts";
import { createWorld, identify, type World } from "./support/world.ts";

const OPERATOR_NUMBER = "+4930987654";
let world: World;
beforeAll(async () => {
  world = await createWorld({ operatorNumber: OPERATOR_NUMBER });
});
afterAll(() => world.close());

/** An account with 25 euros and two wallets that have PINs, and a call that has reached the main menu. */
async function caller(language = "1") {
  const account = await world.openAccount();
  await fundAccount(world.deps, account.accountId, 250_000n, "opening");
  const laptop = await world.addWallet(account, "Laptop");
  const desktop = await world.addWallet(account, "Desktop");
  await world.database.query(
    "update devices set pin_state = 'locked', count = 7 where account_id = $1",
    [account.accountId],
  );
  return { account, laptop, desktop, call: await identify(await world.dial(), account, language) };
}

async function statusOf({ accountId }: OpenedAccount) {
  return showAccount(world.deps, accountId);
}

describe("the main menu", () => {
  it("offers what there is, in sentences with the key at their end", async () => {
    const { call } = await caller();
    expect(call.heard).toEqual([
      "en-GB: For a new PIN and your wallets, press 1.",
      "en-GB: For your balance, press 2.",
      "en-GB: For your last payments, press 3.",
      "en-GB: For a hold, press 4.",
      "en-GB: To report a problem, press 5.",
      "en-GB: For a person, press 9.",
      "en-GB: Star repeats, 0 goes back.",
    ]);
  });

  it("is left and come back to with 0, and everything is repeated with a star", async () => {
    const { call } = await caller("2");
    const menu = call.heard;
    for (const [key, first] of [
      ["1", "Für Laptop"],
      ["2", "Ihr Guthaben beträgt 25 Euro."],
      ["3", "Ihre letzten Zahlungen"],
      ["4", "Um Ihr Konto anzuhalten"],
      ["5", "Ein verlorener"],
    ] as const) {
      await call.press(key);
      const { heard } = call;
      expect(heard[0]).toContain(first);
      await call.press("*");
      expect(call.heard).toEqual(heard);
      await call.press("0");
      expect(call.heard).toEqual(menu);
    }
    await call.press("0");
    expect(call.heard).toEqual(menu);
  });

  it("says that the account is on hold", async () => {
    const { account } = await caller();
    await setAccountStatus(world.deps, account.accountId, "held");
    const { heard } = await identify(await world.dial(), account);
    expect(heard[0]).toBe("en-GB: Your account is on hold: nothing can be paid.");
  });
});

describe("numbers that are keyed in", () => {
  it("are asked for again after a star, wherever it comes, and left with 0; no guess is counted", async () => {
    const account = await world.openAccount();
    const call = await (await world.dial()).press("1");
    await call.press("1234*678");
    expect(call.heard).toEqual(["en-GB: Please key in your telephone id: 8 digits."]);
    await call.press("0#");
    expect(call.heard[0]).toContain("For English, press 1.");
    await call.press("2");
    await call.press(account.telephoneId);
    await call.press("0#");
    expect(call.heard[0]).toContain("Telefonkennung ein");
    await call.press(account.telephoneId);
    await call.press("*#");
    expect(call.heard[0]).toContain("Telefonkennwort: 8 Ziffern");
    await call.press(account.telephonePasscode);
    expect(await world.eventsOf(call)).toEqual(["call-began", "caller-known"]);
  });
});

describe("balance and payments", () => {
  it("are read for this call's account, anew each time, and each reading is on record", async () => {
    const { account, call } = await caller();
    await call.press("2");
    expect(call.heard[0]).toBe("en-GB: Your balance is 25 euros.");
    await fundAccount(world.deps, account.accountId, 5n, "interest");
    await call.press("*");
    expect(call.heard[0]).toBe("en-GB: Your balance is 25.0005 euros.");
    await call.press("0");
    await call.press("3");
    expect(call.heard.filter((sentence) => sentence.includes("paid in"))).toHaveLength(2);
    expect(await world.eventsOf(call)).toEqual([
      "call-began",
      "caller-known",
      "balance-heard",
      "balance-heard",
      "payments-heard",
    ]);
    const calls = await world.database.query<{ text: string }>(
      "select state::text as text from vru_calls",
    );
    expect(calls.map(({ text }) => text).join()).not.toContain("250");
  });

  it("are the last five payments, the newest first, however many there were", async () => {
    const { account, call } = await caller();
    for (let cents = 1n; cents <= 6n; cents++) {
      world.clock.seconds += 1;
      await fundAccount(world.deps, account.accountId, cents * 100n, `payment ${cents}`);
    }
    await call.press("3");
    const amounts = call.heard.flatMap(
      (text) => /: (0\.0\d|25) euros paid in\./.exec(text)?.[1] ?? [],
    );
    expect(amounts).toEqual(["0.06", "0.05", "0.04", "0.03", "0.02"]);
  });

  it("that nobody asks to hear again lead back to the menu, and then to a goodbye", async () => {
    const { call } = await caller();
    await call.press("2");
    await call.wait();
    expect(call.heard[0]).toContain("For a new PIN");
    await call.wait();
    await call.wait();
    expect(call.over).toBe(true);
  });

  it("are none for an account where nothing happened", async () => {
    const call = await identify(await world.dial(), await world.openAccount());
    await call.press("3");
    expect(call.heard[0]).toBe("en-GB: Nothing was paid yet.");
  });
});

describe("a wallet of the caller's", () => {
  it("tells its transaction count", async () => {
    const { call } = await caller();
    await call.press("1");
    await call.press("2");
    expect(call.heard.slice(0, 2)).toEqual([
      "en-GB: Desktop. Its PIN is locked.",
      "en-GB: For a new PIN, press 1.",
    ]);
    await call.press("2");
    expect(call.heard[0]).toContain("Number of payments of this wallet so far: 7.");
    expect(await world.eventsOf(call)).toContain("count-heard");
    await call.wait();
    expect(call.heard[0]).toBe("en-GB: Desktop. Its PIN is locked.");
  });

  it("is revoked after a second thought, and not before; the others stay", async () => {
    const { call, laptop, desktop } = await caller();
    await call.press("1");
    await call.press("1");
    await call.press("3");
    expect(call.heard).toEqual([
      "en-GB: Laptop will never pay again.",
      "en-GB: To shut it out, press 1. To keep it, press 0.",
    ]);
    await call.press("0");
    expect((await world.device(laptop)).state).toBe("active");
    await call.press("3");
    await call.press("7");
    expect((await world.device(laptop)).state).toBe("active");
    await call.press("1");
    expect(call.heard[0]).toBe("en-GB: That wallet is shut out and can pay nothing.");
    expect((await world.device(laptop)).state).toBe("revoked");
    expect((await world.device(desktop)).state).toBe("active");
    // The only one that is left needs no list.
    await call.press("1");
    expect(call.heard[0]).toContain("Desktop.");
    expect(await world.eventsOf(call)).toContain("wallet-revoked");
  });

  it("is told by its check number when another one has the same name", async () => {
    const account = await world.openAccount();
    const twins = [await world.addWallet(account, "Twin"), await world.addWallet(account, "Twin!")];
    const { heard } = await identify(await world.dial(), account);
    expect(speltDigits(heard, 4)).toEqual(twins.map(({ checkNumber }) => checkNumber));
  });
});

describe("a hold", () => {
  it("is placed and lifted; it is the holder's own", async () => {
    const { account, call } = await caller();
    await call.press("4");
    expect(call.heard[0]).toContain("To place a hold, so that nothing can be paid, press 1.");
    await call.press("1");
    expect(call.heard[0]).toContain("The hold is on.");
    expect(await statusOf(account)).toMatchObject({
      status: "held",
      held: { byOperator: false, byHolder: true },
    });
    await call.press("4");
    expect(call.heard.slice(0, 2)).toEqual([
      "en-GB: You have placed a hold: nothing can be paid.",
      "en-GB: To lift your hold, press 1.",
    ]);
    await call.press("1");
    expect(call.heard[0]).toContain("Your hold is lifted.");
    expect((await statusOf(account)).status).toBe("active");
    expect((await world.eventsOf(call)).slice(2)).toEqual(["hold-placed", "hold-lifted"]);
  });

  it("of the operator is not lifted by telephone, and the voice says so; nor does the operator lift the holder's unasked", async () => {
    const { account, call } = await caller();
    await setAccountStatus(world.deps, account.accountId, "held");
    await call.press("4");
    expect(call.heard[0]).toBe("en-GB: The operator has placed a hold; only they can lift it.");
    expect(call.heard).toContain("en-GB: For a person, press 9.");
    await call.press("9");
    expect(call.dialled).toBe(OPERATOR_NUMBER);
    await call.dialEnds("no-answer");
    await call.press("4");
    await call.press("1");
    await call.press("4");
    await call.press("1");
    expect(call.heard.slice(0, 2)).toEqual([
      "en-GB: Your hold is lifted.",
      "en-GB: Your account is on hold: nothing can be paid.",
    ]);
    expect((await statusOf(account)).held).toEqual({ byOperator: true, byHolder: false });

    await call.press("4");
    await call.press("1");
    const left = await setAccountStatus(world.deps, account.accountId, "active");
    expect(left).toEqual({ byOperator: false, byHolder: true });
    expect((await statusOf(account)).status).toBe("held");
    await setAccountStatus(world.deps, account.accountId, "active", true);
    expect((await statusOf(account)).status).toBe("active");
  });

  it("that two calls at once look at is what the database says, not what a call remembers", async () => {
    const { account, call } = await caller();
    const other = await identify(await world.dial(), account);
    await call.press("4");
    await other.press("4");
    // Both heard that there is none; both place it, at the same time.
    await Promise.all([call.press("1"), other.press("1")]);
    for (const { heard } of [call, other]) expect(heard[0]).toContain("The hold is on.");
    await call.press("4");
    await call.press("1");
    await other.press("4");
    expect(other.heard[0]).toContain("To place a hold");
    expect((await statusOf(account)).status).toBe("active");
  });
});
