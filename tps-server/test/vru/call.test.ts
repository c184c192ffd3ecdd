import { parseValue } from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advance,
  type CallEvent,
  type EffectResult,
  type Step,
  settle,
} from "../../src/vru/call.ts";
import {
  type Caller,
  type CallState,
  callStateSchema,
  FIRST_STATE,
  LANGUAGES,
} from "../../src/vru/call-state.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
import { scriptOf, TEXTS } from "../../src/vru/script.ts";
import { toTwiml } from "../../src/vru/twiml.ts";
import { readTwiml } from "./support/phone.ts";

const caller: Caller = { accountId: "account", held: false, wallets: [] };
const wallet = (number: number, pin: Caller["wallets"][number]["pin"] = "active") => ({
  deviceId: `wallet-${number}`,
  name: `Wallet ${number}`,
  pin,
  checkNumber: "0815",
});

const events: fc.Arbitrary<CallEvent> = fc.oneof(
  fc.stringMatching(/^[0-9*#]{1,9}$/).map((keys) => ({ type: "keys" as const, keys })),
  fc.constantFrom(..."0129").map((keys) => ({ type: "keys" as const, keys })),
  fc.constant({ type: "keys" as const, keys: "12345678" }),
  fc.constant({ type: "silence" as const }),
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
      ];
    case "set-new-pin":
      return [{ type: "pin-set", generation: 3, count: 7 }, { type: "wallet-gone" }];
    case "revoke-wallet":
      return [{ type: "wallet-revoked" }, { type: "wallet-gone" }];
    case "recall-pin":
      return [
        { type: "pin-recalled" },
        { type: "pin-forgotten" },
        { type: "pin-replaced" },
        { type: "wallet-gone" },
      ];
  }
}

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
                toTwiml(scriptOf(state, { operator: "A & B", pin }), "https://t.example/?a=1&b=2"),
              );
              expect(verbs.at(-1)?.tagName).toBe(state.name === "ended" ? "Hangup" : "Redirect");
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
          expect(JSON.stringify(scriptOf(state, { operator: "A", pin: "482019" }))).not.toMatch(
            /4 … 8/,
          );
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
          for (let silence = 0; silence <= VRU_LIMITS.missesInARow; silence++) {
            state = advance(state, { type: "silence" }).state;
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
      t.walletMenu("Chromium", "locked"),
      ...(["awaiting-pin", "active", "locked"] as const).map((pin) => t.walletKey("C", pin, 1)),
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
      const { after } = scriptOf(state, { operator: "", pin: undefined });
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
          toTwiml(scriptOf(state, { operator: "", pin: undefined }), "https://t.example/?a=1&b=2"),
        );
        expect(gather?.tagName).toBe("Gather");
        expect(redirect?.textContent).toBe("https://t.example/?a=1&b=2");
      }),
      { examples: [["</Say><Hangup/>"], ["]]>"], ["\u0000\uffff\ud800"], ["& &lt; <!--"]] },
    );
  });
});
