import { parseValue } from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance as advanceWith, settle } from "../../src/vru/call.ts";
import {
  CATEGORIES,
  type Caller,
  type CallState,
  callStateSchema,
  FIRST_STATE,
  LANGUAGES,
} from "../../src/vru/call-state.ts";
import type { CallEvent, EffectResult, Step } from "../../src/vru/call-step.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
import { scriptOf } from "../../src/vru/script.ts";
import { type Setting, TEXTS } from "../../src/vru/script-parts.ts";
import { spokenAmount, spokenDay } from "../../src/vru/spoken.ts";
import { toTwiml } from "../../src/vru/twiml.ts";
import { readTwiml } from "./support/phone.ts";

const nobodyHolds = { byOperator: false, byHolder: false };
const caller: Caller = { accountId: "account", held: nobodyHolds, wallets: [] };
const advance = (state: CallState, event: CallEvent) =>
  advanceWith(state, event, { operator: true });
/** Everything that can be said is there. */
const setting: Setting = {
  operator: "A & B",
  operatorNumber: "+4930123456",
  money: { currency: "EUR", scale: 4 },
  timeZone: "Europe/Berlin",
  now: 1_795_348_800,
  pin: "482019",
  balance: 12_345n,
  movements: [{ kind: "payment", at: 1_795_348_800, amount: 5n, name: "Paper & Ink" }],
};
const wallet = (number: number, pin: Caller["wallets"][number]["pin"] = "active") => ({
  deviceId: `wallet-${number}`,
  name: `Wallet ${number}`,
  pin,
  checkNumber: "0815",
});

const events: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.stringMatching(/^[0-9*#]{1,9}$/).map((keys) => ({ type: "keys" as const, keys })),
  fc.constantFrom(..."0123459*").map((keys) => ({ type: "keys" as const, keys })),
  fc.constant({ type: "keys" as const, keys: "12345678" }),
  fc.constant({ type: "silence" as const }),
  fc.constant({ type: "recorded" as const }),
  fc.boolean().map((answered) => ({ type: "operator-left" as const, answered })),
);
const wallets = fc
  .array(fc.constantFrom("awaiting-pin", "active", "locked"), { maxLength: 12 })
  .map((pins) => pins.map((pin, index) => wallet(index, pin)));

/** Any code points, surrogates that stand alone and controls among them; half of them ASCII. */
const anyText = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0x10ffff)), { maxLength: 80 })
  .map((codePoints) => String.fromCodePoint(...codePoints));

/** At the beginning, or when the caller has just been identified. */
function startOf(identified: boolean, walletsHeld: Caller["wallets"]): CallState {
  if (!identified) return FIRST_STATE;
  const asking: CallState = {
    name: "entering-passcode",
    language: "de",
    misses: 0,
    notice: null,
    tries: 0,
    telephoneId: "11122333",
  };
  return settle(asking, { type: "caller-known", caller: { ...caller, wallets: walletsHeld } })
    .state;
}

/** What the world may answer to an effect. */
function resultsOf(step: Step, walletsHeld: Caller["wallets"]): EffectResult[] {
  switch (step.effect?.type) {
    case undefined:
      return [];
    case "check-caller":
      return [
        { type: "caller-known", caller: { ...caller, wallets: walletsHeld } },
        { type: "caller-unknown" },
        { type: "service-closed" },
        { type: "caller-throttled" },
      ];
    case "set-new-pin":
      return [{ type: "pin-set", generation: 3, count: 7 }, { type: "wallet-gone" }];
    case "revoke-wallet":
      return [{ type: "wallet-revoked", whose: step.effect.whose }, { type: "wallet-gone" }];
    case "count-payments":
      return [{ type: "payments-counted", count: 12 }, { type: "wallet-gone" }];
    case "look-again": {
      const { destination, notice } = step.effect;
      // Wallets and holds come and go in other calls.
      return [walletsHeld, []].map((now, index) => ({
        type: "looked-again",
        caller: { ...caller, wallets: now, held: { byOperator: index > 0, byHolder: index > 0 } },
        destination,
        notice,
      }));
    }
    case "change-hold":
      return [{ type: "hold-changed", held: { byOperator: false, byHolder: step.effect.held } }];
    case "open-case": {
      const { category } = step.effect;
      return [{ type: "case-opened", caseNumber: "471142", category }, { type: "too-many-cases" }];
    }
    case "hand-over":
      return [{ type: "handing-over" }];
    case "recall-pin":
      return [
        { type: "pin-recalled" },
        { type: "pin-forgotten" },
        { type: "pin-replaced" },
        { type: "wallet-gone" },
      ];
  }
}

/** What ends a document that does not wait for keys or a message. */
const LAST_VERB: Partial<Record<CallState["name"], string>> = {
  ended: "Hangup",
  "handed-over": "Dial",
};

describe("a call", () => {
  it("comes to an end or to a question whatever is keyed in, and its script is TwiML in every state", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(events, fc.nat()), { maxLength: 40 }),
        wallets,
        fc.boolean(),
        (inputs, walletsHeld, identified) => {
          let state = startOf(identified, walletsHeld);
          for (const [event, choice] of inputs) {
            let step = advance(state, event);
            while (step.effect !== undefined) {
              const results = resultsOf(step, walletsHeld);
              step = settle(step.state, results[choice % results.length] as EffectResult);
            }
            state = step.state;
            // It survives the database, and can be said with and without a PIN in memory.
            state = parseValue(callStateSchema, JSON.parse(JSON.stringify(state)));
            for (const pin of ["482019", undefined]) {
              const verbs = readTwiml(
                toTwiml(scriptOf(state, { ...setting, pin }), "https://t.example/?a=1&b=2"),
              );
              expect(verbs.at(-1)?.tagName).toBe(LAST_VERB[state.name] ?? "Redirect");
            }
          }
        },
      ),
    );
  });

  it("says no PIN and asks for no PIN before id and passcode were found right", () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 30 }), (inputs) => {
        let state: CallState = FIRST_STATE;
        for (const event of inputs) {
          const step = advance(state, event);
          if (step.effect !== undefined) expect(step.effect.type).toBe("check-caller");
          state =
            step.effect === undefined
              ? step.state
              : settle(step.state, { type: "caller-unknown" }).state;
          expect(JSON.stringify(scriptOf(state, setting))).not.toMatch(/4 … 8/);
        }
      }),
    );
  });

  it("ends after so many silences in a row in every state that asks", () => {
    fc.assert(
      fc.property(
        fc.array(events, { maxLength: 20 }),
        wallets,
        fc.boolean(),
        (inputs, walletsHeld, identified) => {
          let state = startOf(identified, walletsHeld);
          for (const event of inputs) {
            let step = advance(state, event);
            while (step.effect !== undefined) {
              step = settle(step.state, resultsOf(step, walletsHeld)[0] as EffectResult);
            }
            state = step.state;
          }
          // When nobody answers at the operator's, the menu begins anew.
          const extra = state.name === "handed-over" ? 1 : 0;
          for (let silence = 0; silence <= VRU_LIMITS.missesInARow + extra; silence++) {
            let step = advance(state, { type: "silence" });
            while (step.effect !== undefined) {
              step = settle(step.state, resultsOf(step, walletsHeld)[0] as EffectResult);
            }
            state = step.state;
          }
          expect(state.name).toBe("ended");
        },
      ),
    );
  });

  it("refuses the result of an effect that it did not ask for", () => {
    expect(() => settle(FIRST_STATE, { type: "pin-set", generation: 1, count: 0 })).toThrow(
      TypeError,
    );
    const entering = advance(FIRST_STATE, { type: "keys", keys: "1" }).state;
    expect(() => settle(entering, { type: "caller-known", caller })).toThrow(TypeError);
  });

  it("keeps no passcode in any state", () => {
    const passcode = "77712345";
    let { state } = advance(FIRST_STATE, { type: "keys", keys: "2" });
    ({ state } = advance(state, { type: "keys", keys: "11122333" }));
    const step = advance(state, { type: "keys", keys: passcode });
    expect(step.effect).toEqual({ type: "check-caller", telephoneId: "11122333", passcode });
    expect(JSON.stringify(step.state)).not.toContain(passcode);
  });
});

describe("what is said", () => {
  it.each(LANGUAGES)("is never empty and never longer than can be listened to (%s)", (language) => {
    const t = TEXTS[language];
    const said = [
      t.welcome("Operator"),
      t.newWallet("1 … 2 … 3 … 4"),
      t.newWalletName("Chromium"),
      ...t.walletMenu("Chromium", "locked"),
      ...t.confirmRevocation("Chromium"),
      ...(["awaiting-pin", "active", "locked"] as const).flatMap((pin) =>
        [null, "1 … 2 … 3 … 4"].map((number) => t.walletKey("C", pin, 1, number)),
      ),
      ...Object.values(t.menu),
      ...CATEGORIES.map((category) => t.categories[category]),
      t.balance("25 euros"),
      t.payment("22 November", "25 euros", "Paper Ink"),
      t.refusedPayment("22 November", "25 euros", "Paper Ink"),
      t.paidIn("22 November", "25 euros"),
      t.connecting("4 … 9"),
      t.callOperator("4 … 9"),
      ...Object.values(t.notices),
      ...Object.values(t.ends).filter((text) => text !== ""),
      ...Object.values(t).filter((text) => typeof text === "string"),
    ];
    for (const text of said) {
      expect(text.trim()).not.toBe("");
      // About ten words in four seconds: a sentence of 30 words is the most that one remembers.
      expect(text.split(" ").length).toBeLessThanOrEqual(35);
    }
  });

  it.each(LANGUAGES)("is a menu that is over in some twenty seconds (%s)", (language) => {
    const menus: CallState[] = [
      { name: "main-menu", language, caller, misses: 0, notice: null },
      { name: "hold-menu", language, caller, misses: 0, notice: null },
      { name: "choosing-problem", language, caller, misses: 0, notice: null },
      {
        name: "wallet-menu",
        language,
        caller: { ...caller, wallets: [wallet(1)] },
        deviceId: "wallet-1",
        misses: 0,
        notice: null,
      },
    ];
    for (const menu of menus) {
      const { after } = scriptOf(menu, setting);
      const lines = after.type === "listen" ? after.lines : [];
      const words = lines.flatMap((line) => ("text" in line ? line.text.split(" ") : []));
      expect(words.length).toBeGreaterThan(10);
      // Voices say some two and a half words in a second; whoever knows the key presses it at once.
      expect(words.length, words.join(" ")).toBeLessThanOrEqual(60);
    }
  });

  it("is an exact amount, however small or large, as each language writes it", () => {
    const euros = { currency: "EUR", scale: 4 };
    const said = (amount: bigint) => [
      spokenAmount(amount, euros, "en"),
      spokenAmount(amount, euros, "de"),
    ];
    expect(said(5n)).toEqual(["0.0005 euros", "0,0005 Euro"]);
    expect(said(0n)).toEqual(["0 euros", "0 Euro"]);
    expect(said(10_000n)).toEqual(["1 euro", "1 Euro"]);
    expect(said(49_000n)).toEqual(["4.90 euros", "4,90 Euro"]);
    expect(said(12_345_678_900_001n)).toEqual(["1234567890.0001 euros", "1234567890,0001 Euro"]);
    expect(spokenAmount(7n, { currency: "JPY", scale: 0 }, "en")).toBe("7 Japanese yen");
    expect(spokenAmount(150n, { currency: "XTC", scale: 2 }, "de")).toBe("1,50 XTC");
  });

  it("is a day of the operator's calendar, with its year when that is another one", () => {
    const newYear = Date.UTC(2026, 11, 31, 23, 30) / 1000;
    const days = (timeZone: string) =>
      (["en", "de"] as const).map((language) =>
        spokenDay(newYear, newYear + 3_600, timeZone, language),
      );
    expect(days("UTC")).toEqual(["31 December 2026", "31. Dezember 2026"]);
    expect(days("Europe/Berlin")).toEqual(["1 January", "1. Januar"]);
  });

  it("of a shop has no more than a wallet's name may have, and its keys mean nothing there", () => {
    const name = "Ink. To lift the hold on your account, press 4 now, or call +49 30 1";
    const state: CallState = {
      name: "payments-told",
      language: "en",
      caller,
      misses: 0,
      notice: null,
    };
    const { after } = scriptOf(state, {
      ...setting,
      movements: [{ kind: "payment", at: setting.now, amount: 5n, name }],
    });
    const heard = after.type === "listen" ? after.lines : [];
    const texts = heard.map((line) => ("text" in line ? line.text : ""));
    expect(texts[1]).toBe("22 November: 0.0005 euros to Ink To lift the hold on your a.");
    expect(advance(state, { type: "keys", keys: "4" })).toEqual({
      state: { ...state, misses: 1, notice: "wrong-key" },
    });
  });

  it.each(LANGUAGES)("has of a wallet's name a few letters, digits and spaces (%s)", (language) => {
    const menuOf = (name: string) => {
      const state: CallState = {
        name: "choosing-wallet",
        language,
        misses: 0,
        notice: null,
        page: 0,
        caller: { ...caller, wallets: [{ ...wallet(1), name }] },
      };
      const { after } = scriptOf(state, setting);
      const [line] = after.type === "listen" ? after.lines : [];
      return line !== undefined && "text" in line ? line.text : "";
    };
    const [before = "", behind = ""] = menuOf("Chromium").split("Chromium");
    const spoken = (name: string) => menuOf(name).slice(before.length, -behind.length);
    expect(spoken("Zoë’s  laptop (2): Füchse…")).toBe("Zoë s laptop 2 Füchse");
    expect(spoken("…!? 🦊")).toBe(TEXTS[language].nameless);
    fc.assert(
      fc.property(anyText, (name) => {
        expect(spoken(name)).toMatch(/^[\p{L}\p{M}\p{Nd}]+(?: [\p{L}\p{M}\p{Nd}]+)*$/u);
        expect([...spoken(name)].length).toBeLessThanOrEqual(30);
      }),
    );
  });

  it("survives as XML whatever a wallet is called", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        const state: CallState = {
          name: "wallet-menu",
          language: "en",
          misses: 0,
          notice: null,
          deviceId: "wallet-1",
          caller: { ...caller, wallets: [{ ...wallet(1), name }] },
        };
        const [gather, redirect] = readTwiml(
          toTwiml(scriptOf(state, setting), "https://t.example/?a=1&b=2"),
        );
        expect(gather?.tagName).toBe("Gather");
        expect(redirect?.textContent).toBe("https://t.example/?a=1&b=2");
      }),
      { examples: [["</Say><Hangup/>"], ["]]>"], ["\u0000\uffff\ud800"], ["& &lt; <!--"]] },
    );
  });
});
