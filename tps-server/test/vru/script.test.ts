import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CATEGORIES, type CallState, LANGUAGES } from "../../src/vru/call-state.ts";
import { scriptOf } from "../../src/vru/script.ts";
import { TEXTS } from "../../src/vru/script-parts.ts";
import { spokenAmount, spokenDay } from "../../src/vru/spoken.ts";
import { toTwiml } from "../../src/vru/twiml.ts";
import { readTwiml } from "./support/phone.ts";
import { advance, anyText, caller, setting, wallet } from "./support/states.ts";

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
      t.refund("22 November", "25 euros", "Paper Ink"),
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
