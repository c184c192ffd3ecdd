/** Whole calls through the real webhooks against a real PostgreSQL. */
import { INITIAL_MODIFIER, modifyPin } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setAccountStatus } from "../../src/accounts/holds.ts";
import { type Call, speltDigits } from "./support/phone.ts";
import { askForPin, createWorld, type DeviceRow, identify, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** The PIN of the last document, which says it twice. */
function pinHeard(call: Call): string {
  const [pin, again, ...more] = speltDigits(call.heard, 6);
  expect(pin).toBe(again);
  expect(more).toEqual([]);
  if (pin === undefined) throw new Error(`No PIN was said but: ${call.heard.join(" ")}`);
  return pin;
}

/** The device has this PIN, and its modifier is 0. */
function expectPin(device: DeviceRow, pin: string): void {
  const modified = Buffer.from(modifyPin(pin, INITIAL_MODIFIER)).toString("hex");
  expect(device.modifiedPin).toBe(BigInt(`0x${modified}`));
  expect(device.pin_state).toBe("active");
}

/** An account with one wallet that has a PIN already. */
async function accountWithPin() {
  const account = await world.openAccount();
  const wallet = await world.addWallet(account);
  const call = await identify(await world.dial(), account);
  await call.press("1");
  const pin = pinHeard(call);
  await call.hangUp();
  return { account, wallet, pin };
}

describe("activating a wallet", () => {
  it("tells the check number, then a PIN twice, which is the one that the TPS has", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await world.dial();
    expect(call.heard).toEqual([
      "en-GB: Welcome to the telephone service of Bürgergeld & Söhne. For English, press 1.",
      "de-DE: Willkommen beim Telefondienst von Bürgergeld & Söhne. Für Deutsch drücken Sie die 2.",
    ]);
    await call.press("1");
    expect(call.heard.join()).toContain("telephone id");
    await call.press(account.telephoneId);
    expect(call.heard.join()).toContain("passcode");
    await call.press(account.telephonePasscode);
    expect(speltDigits(call.heard, 4)).toEqual([wallet.checkNumber]);
    expect(call.heard.join()).toContain("Chromium on Linux");
    expect((await world.device(wallet)).pin_state).toBe("awaiting-pin");
    await call.press("1");
    expectPin(await world.device(wallet), pinHeard(call));
    expect((await world.device(wallet)).pin_generation).toBe(1n);
    await call.wait();
    expect(call.heard).toEqual(["en-GB: Goodbye."]);
    expect(call.over).toBe(true);
    expect(await world.eventsOf(call)).toEqual([
      "call-began",
      "caller-known",
      "new-pin",
      "call-ended:pin-told",
    ]);
  });

  it.each(["1", "2"])("says a stranger's name last, after the check number (%s)", async (key) => {
    const account = await world.openAccount();
    const patter = "Its check number is 1 … 2 … 3 … 4. If it is the same, press 1. Really, do!";
    const wallet = await world.addWallet(account, patter);
    const { heard } = await identify(await world.dial(), account, key);
    expect(speltDigits(heard, 4)).toEqual([wallet.checkNumber]);
    expect(heard[0]).toContain([...wallet.checkNumber].join(" … "));
    expect(heard.at(-1)).toMatch(/ Its check number is 1 2 3 4 If\.$/);
    expect(heard.slice(0, -1).join()).not.toContain("1 2 3 4");
  });

  it("is done in German as well, in German alone", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await identify(await world.dial(), account, "2");
    await call.press("1");
    expectPin(await world.device(wallet), pinHeard(call));
    await call.wait();
    expect(call.heard).toEqual(["de-DE: Auf Wiederhören."]);
    expect(call.transcript.slice(2).every((sentence) => sentence.startsWith("de-DE"))).toBe(true);
  });

  it("revokes the wallet whose check number is another, and gives out no PIN", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await identify(await world.dial(), account);
    await call.press("2");
    expect(call.heard[0]).toContain("That wallet is shut out and can pay nothing");
    expect(speltDigits(call.transcript, 6)).toEqual([]);
    expect(await world.device(wallet)).toMatchObject({ state: "revoked", pin_generation: 0n });
    expect(await world.eventsOf(call)).toContain("wallet-revoked");
    const again = await identify(await world.dial(), account);
    expect(again.heard[0]).toContain("has no wallet");
    expect((await again.press("1")).heard[0]).toContain("has no wallet");
  });

  it("says so when nothing was activated yet", async () => {
    const call = await identify(await world.dial(), await world.openAccount());
    expect(call.heard[0]).toContain("has no wallet. To add one, open your activation link");
  });
});

describe("a new PIN", () => {
  it("replaces the old one, unlocks, and begins with modifier 0 again", async () => {
    const { account, wallet, pin } = await accountWithPin();
    await world.database.query(
      `update devices set pin_state = 'locked', modified_pin = null, modified_pin_key_id = null, failures = 5
       where device_id = $1`,
      [wallet.deviceId],
    );
    const call = await identify(await world.dial(), account);
    await call.press("1");
    expect(call.heard[0]).toBe("en-GB: Chromium on Linux. Its PIN is locked.");
    await call.press("1");
    const device = await world.device(wallet);
    expectPin(device, pinHeard(call));
    expect(device).toMatchObject({ failures: 0, pin_generation: 2n });
    expect(pinHeard(call)).not.toBe(pin);
  });

  it("can be heard again and is the same then, until the caller goes back or hangs up", async () => {
    const { account, wallet } = await accountWithPin();
    const call = await askForPin(await identify(await world.dial(), account));
    const pin = pinHeard(call);
    await call.press("*");
    expect(pinHeard(call)).toBe(pin);
    await call.press("8");
    expect(call.heard).toEqual([
      "en-GB: That key has no meaning here.",
      expect.stringContaining("To hear it again, press star."),
    ]);
    await call.press("*");
    expect(pinHeard(call)).toBe(pin);
    await call.press("0");
    expect(call.heard[0]).toContain("For a new PIN and your wallets, press 1.");
    expect((await world.device(wallet)).pin_generation).toBe(2n);
    expect(await world.eventsOf(call)).toContain("pin-repeated");
  });

  it("goes to the wallet that was chosen among several, by number and name", async () => {
    const { account, wallet, pin } = await accountWithPin();
    const second = await world.addWallet(account, "Firefox <work> & play");
    const third = await world.addWallet(account, "Old laptop");
    const call = await identify(await world.dial(), account);
    // Two wait for their first PIN, so the list comes at once.
    expect(call.heard).toEqual([
      "en-GB: For Chromium on Linux, press 1.",
      "en-GB: For the new wallet Firefox work play, press 2.",
      "en-GB: For the new wallet Old laptop, press 3.",
    ]);
    await call.press("4");
    expect(call.heard[0]).toContain("no meaning");
    await call.press("2");
    expect(speltDigits(call.heard, 4)).toEqual([second.checkNumber]);
    await call.press("0");
    await call.press("3");
    expect(speltDigits(call.heard, 4)).toEqual([third.checkNumber]);
    await call.press("1");
    expectPin(await world.device(third), pinHeard(call));
    expectPin(await world.device(wallet), pin);
    expect((await world.device(second)).pin_state).toBe("awaiting-pin");
  });

  it("asks for the new wallet first when exactly one awaits its PIN", async () => {
    const { account } = await accountWithPin();
    const fresh = await world.addWallet(account, "New laptop");
    const call = await identify(await world.dial(), account);
    expect(call.heard.join()).toContain("New laptop");
    await call.press("2");
    expect(call.heard[0]).toContain("shut out");
    expect(call.heard[1]).toContain("For a new PIN and your wallets, press 1.");
    expect((await world.device(fresh)).state).toBe("revoked");
  });

  it("pages through more wallets than a menu has keys", async () => {
    const account = await world.openAccount();
    const wallets = [];
    for (let number = 1; number <= 10; number++) {
      wallets.push(await world.addWallet(account, `Wallet number ${number}`));
    }
    const call = await identify(await world.dial(), account);
    expect(call.heard.at(-1)).toContain("press 9");
    await call.press("9");
    expect(call.heard[0]).toContain("Wallet number 9, press 1");
    await call.press("3");
    expect(call.heard[0]).toContain("no meaning");
    await call.press("2");
    expect(speltDigits(call.heard, 4)).toEqual([wallets[9]?.checkNumber]);
  });

  it("is given out for an account on hold too, which is said", async () => {
    const { account } = await accountWithPin();
    await setAccountStatus(world.deps, account.accountId, "held");
    const call = await identify(await world.dial(), account);
    expect(call.heard[0]).toContain("on hold");
    pinHeard(await askForPin(call));
  });
});

describe("a caller who does not manage", () => {
  it("is asked again after silence and wrong keys, then sent away", async () => {
    const account = await world.openAccount();
    const call = await world.dial();
    await call.wait();
    await call.press("7");
    expect(call.heard).toHaveLength(2);
    await call.press("1");
    await call.press("123#");
    expect(call.heard[0]).toBe("en-GB: That was not 8 digits.");
    await call.press("#");
    expect(call.heard[0]).toBe("en-GB: I heard no key.");
    await call.press(`${account.telephoneId}#`);
    await call.wait();
    await call.wait();
    expect(call.heard.join()).toContain("passcode");
    await call.wait();
    expect(call.heard).toEqual(["en-GB: Please call again when you are ready. Goodbye."]);
    expect(call.over).toBe(true);
    expect(await world.eventsOf(call)).toEqual(["call-began", "call-ended:no-answer"]);
  });

  it("hears both languages when none was chosen", async () => {
    const call = await world.dial();
    for (let silence = 0; silence < 3; silence++) await call.wait();
    expect(call.heard.map((sentence) => sentence.slice(0, 5))).toEqual(["en-GB", "de-DE"]);
    expect(call.over).toBe(true);
  });

  it("may hang up at any time: the PIN stays as it was before it was set, or is the new one", async () => {
    const { account, wallet, pin } = await accountWithPin();
    const early = await identify(await world.dial(), account);
    await early.hangUp();
    expectPin(await world.device(wallet), pin);
    expect(await world.eventsOf(early)).toEqual([
      "call-began",
      "caller-known",
      "call-ended:hung-up",
    ]);

    const late = await askForPin(await identify(await world.dial(), account));
    const unheard = pinHeard(late);
    await late.hangUp();
    expectPin(await world.device(wallet), unheard);
    expect(await world.eventsOf(late)).toContain("new-pin");

    const again = await askForPin(await identify(await world.dial(), account));
    expectPin(await world.device(wallet), pinHeard(again));
  });
});

describe("two calls at once for one account", () => {
  it("each tell a PIN, the later one is valid, and the earlier call says so instead of repeating", async () => {
    const { account, wallet } = await accountWithPin();
    const first = await askForPin(await identify(await world.dial(), account));
    const second = await askForPin(await identify(await world.dial(), account));
    expectPin(await world.device(wallet), pinHeard(second));
    await first.press("*");
    expect(speltDigits(first.heard, 6)).toEqual([]);
    expect(first.heard[0]).toContain("newer PIN");
    await second.press("*");
    expectPin(await world.device(wallet), pinHeard(second));
  });

  it("set PINs in the same moment: one after the other, and the last one holds", async () => {
    const { account, wallet } = await accountWithPin();
    const calls = await Promise.all(
      [1, 2, 3, 4].map(async () => (await identify(await world.dial(), account)).press("1")),
    );
    await Promise.all(calls.map((call) => call.press("1")));
    const device = await world.device(wallet);
    expect(device.pin_generation).toBe(5n);
    const pins = calls.map(pinHeard).map(BigInt);
    expect(pins).toContain(device.modifiedPin);
  });

  it("revoke in one what the other is about to give a PIN: no PIN is given", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const first = await identify(await world.dial(), account);
    const second = await identify(await world.dial(), account);
    await second.press("2");
    await first.press("1");
    expect(speltDigits(first.heard, 6)).toEqual([]);
    expect(first.heard[0]).toContain("shut out already");
    expect((await world.device(wallet)).pin_generation).toBe(0n);
  });
});
