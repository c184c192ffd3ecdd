/** In every state that a caller can reach: hanging up, a wrong key, silence, and a webhook that comes twice. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fundAccount } from "../../src/accounts/accounts.ts";
import { setAccountStatus } from "../../src/accounts/holds.ts";
import type { CallState } from "../../src/vru/call-state.ts";
import type { Call } from "./support/phone.ts";
import { createWorld, type World } from "./support/world.ts";

/** Keys that lead to each state; `id` and `code` stand for the caller's own. */
const WAYS: Readonly<Record<Exclude<CallState["name"], "ended">, readonly string[]>> = {
  "choosing-language": [],
  "entering-id": ["1"],
  "entering-passcode": ["1", "id"],
  "comparing-check-number": ["1", "id", "code", "1", "2"],
  "main-menu": ["1", "id", "code"],
  "choosing-wallet": ["1", "id", "code", "1"],
  "wallet-menu": ["1", "id", "code", "1", "1"],
  "pin-told": ["1", "id", "code", "1", "1", "1"],
  "count-told": ["1", "id", "code", "1", "1", "2"],
  "confirming-revocation": ["1", "id", "code", "1", "1", "3"],
  "balance-told": ["1", "id", "code", "2"],
  "payments-told": ["1", "id", "code", "3"],
  "hold-menu": ["1", "id", "code", "4"],
  "choosing-problem": ["1", "id", "code", "5"],
  "offering-hold": ["1", "id", "code", "5", "1"],
  recording: ["1", "id", "code", "5", "2"],
  "case-told": ["1", "id", "code", "5", "2", "silence"],
  "handed-over": ["1", "id", "code", "9"],
};
const STATES = Object.keys(WAYS) as (keyof typeof WAYS)[];
/** States that wait for keys. */
const ASKING = STATES.filter((name) => name !== "recording" && name !== "handed-over");

let world: World;
beforeAll(async () => {
  world = await createWorld({ operatorNumber: "+4930987654" });
});
afterAll(() => world.close());

/** A fresh account with a wallet that pays and two new ones, and a call that has come so far. */
async function reach(name: keyof typeof WAYS): Promise<{ call: Call; accountId: string }> {
  const account = await world.openAccount();
  const { accountId, telephoneId, telephonePasscode } = account;
  await fundAccount(world.deps, accountId, 250_000n, "opening");
  await world.addWallet(account, "Laptop");
  await world.database.query("update devices set pin_state = 'locked' where account_id = $1", [
    accountId,
  ]);
  for (const fresh of ["Desktop", "Tablet"]) await world.addWallet(account, fresh);
  // Two new wallets would come before the menu: they come with 0.
  const call = await world.dial();
  for (const step of WAYS[name]) {
    if (step === "silence") await call.wait();
    else await call.press({ id: telephoneId, code: telephonePasscode }[step] ?? step);
    if (step === "code") await call.press("0");
  }
  expect(await stateOf(call)).toBe(name);
  return { call, accountId };
}

async function stateOf({ callId }: Call): Promise<string | undefined> {
  const [row] = await world.database.query<{ name: string }>(
    "select state ->> 'name' as name from vru_calls where call_id = $1",
    [callId],
  );
  return row?.name;
}

/** Everything of an account that a call could change. */
async function everythingOf(accountId: string): Promise<unknown> {
  const of = (sql: string) => world.database.query(sql, [accountId]);
  return [
    await of(
      "select held_by_holder, held_by_operator, balance from accounts where account_id = $1",
    ),
    await of(
      "select device_id, state, pin_state, pin_generation from devices where account_id = $1 order by 1",
    ),
    await of("select case_number, recording_url from cases where account_id = $1"),
  ];
}

describe.each(STATES)("a caller in %s", (name) => {
  it("may hang up: the call is over and on record, and nothing else happens", async () => {
    const { call, accountId } = await reach(name);
    const before = await everythingOf(accountId);
    await call.hangUp();
    expect(await stateOf(call)).toBe("ended");
    const events = await world.eventsOf(call);
    expect(events.at(-1)).toBe("call-ended:hung-up");
    expect(events.filter((event) => event.startsWith("call-ended"))).toHaveLength(1);
    expect(await everythingOf(accountId)).toEqual(before);
  });

  it("may say nothing: after some questions the call is over, and nothing else happens", async () => {
    const { call, accountId } = await reach(name);
    const before = await everythingOf(accountId);
    for (let silences = 0; silences < 4 && !call.over; silences++) {
      if (call.dialled !== undefined && silences === 0) await call.dialEnds("no-answer");
      else await call.wait();
    }
    expect(call.over).toBe(true);
    expect(call.heard.join()).toMatch(/Goodbye|Auf Wiederhören/);
    expect(await everythingOf(accountId)).toEqual(before);
  });
});

describe.each(ASKING)("a caller in %s", (name) => {
  it("who presses a wrong key is asked again; what a right one does is done once, though the carrier asks twice", async () => {
    const { call, accountId } = await reach(name);
    const before = await everythingOf(accountId);
    await call.press(name.startsWith("entering") ? "12#" : "8");
    // The first question is in two languages and has no notice.
    if (name !== "choosing-language") expect(call.heard[0]).toMatch(/no meaning|not 8 digits/);
    expect(await stateOf(call)).toBe(name);
    expect(await everythingOf(accountId)).toEqual(before);

    const { action } = call;
    const first = await call.post(action, { Digits: "1" });
    const after = await everythingOf(accountId);
    const again = await call.post(action, { Digits: "1" });
    expect(again).toEqual(first);
    expect(again.status).toBe(200);
    expect(await everythingOf(accountId)).toEqual(after);
  });
});

it("an account that is held in mid-call is held in the rest of it", async () => {
  const { call, accountId } = await reach("balance-told");
  await setAccountStatus(world.deps, accountId, "held");
  await call.press("0");
  expect(call.heard[0]).toBe("en-GB: Your account is on hold: nothing can be paid.");
});
