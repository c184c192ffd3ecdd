import { parseValue } from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settle } from "../../src/vru/call.ts";
import {
  type Caller,
  type CallState,
  callStateSchema,
  FIRST_STATE,
} from "../../src/vru/call-state.ts";
import type { CallEvent, EffectResult, Step } from "../../src/vru/call-step.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
import { scriptOf } from "../../src/vru/script.ts";
import { toTwiml } from "../../src/vru/twiml.ts";
import { readTwiml } from "./support/phone.ts";
import { advance, caller, setting, wallet } from "./support/states.ts";

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
