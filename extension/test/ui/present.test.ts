/** Which screen, which words, which files may be opened: the pages' rules without the pages. */
import { addressSchema, parseValue } from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PurchaseStateName, PurchaseView } from "../../src/messages.ts";
import { href, parseRoute } from "../../src/ui/home/router.ts";
import { conditionWords, readyWords, waitsForOperator } from "../../src/ui/present/accounts.ts";
import { addressLines, draftOf, emptyDraft, readDraft } from "../../src/ui/present/address.ts";
import { countries, likelyCountry } from "../../src/ui/present/countries.ts";
import { failureWords } from "../../src/ui/present/failures.ts";
import { openableType } from "../../src/ui/present/goods.ts";
import { pauseAfter } from "../../src/ui/present/pauses.ts";
import { stages } from "../../src/ui/present/progress.ts";
import {
  firstAccount,
  isPaid,
  payableAccounts,
  paymentScreen,
  timeLeft,
} from "../../src/ui/present/purchase.ts";
import { waitingWords } from "../../src/ui/present/waiting.ts";
import {
  account,
  complete,
  digital,
  inCondition,
  NOW,
  savedAddress,
  secondAccount,
  stepsTo,
  underWay,
} from "../screens/fixtures.ts";

const in_ = (state: PurchaseStateName, changed: Partial<PurchaseView> = {}): PurchaseView => ({
  ...digital,
  state,
  ...changed,
});
const failure = (code: string) => ({ code, detail: "" });

describe("the payment window shows", () => {
  it("the offer while it may be confirmed, with what went wrong before", () => {
    expect(paymentScreen(digital, NOW)).toEqual({ name: "confirm", problem: null });
    const again = in_("quote-authenticated", { waiting: failure("wrong-pin") });
    expect(paymentScreen(again, NOW)).toEqual({ name: "confirm", problem: failure("wrong-pin") });
  });

  it("no offer that has run out", () => {
    expect(paymentScreen(digital, digital.expiresAt)).toMatchObject({ name: "confirm" });
    expect(paymentScreen(digital, digital.expiresAt + 1)).toMatchObject({ why: "expired" });
  });

  it("what is missing where no account fits", () => {
    expect(paymentScreen(in_("quoted", { accounts: [] }), NOW)).toEqual({ name: "no-account" });
  });

  it.each([
    "session-initiated",
    "quote-authenticated",
    "payment-requested",
    "paid",
    "advised",
    "goods-requested",
  ] as const)("the progress while it is %s and runs", (state) => {
    expect(paymentScreen(in_(state, underWay), NOW)).toEqual({ name: "progress", waiting: null });
  });

  it("never a PIN field once the payment was requested, even where the offer has run out", () => {
    const requested = in_("payment-requested", { ...underWay, confirmable: true });
    expect(paymentScreen(requested, digital.expiresAt + 999)).toMatchObject({ name: "progress" });
  });

  it("that it was paid, where it failed after the proof", () => {
    const failed = in_("failed", { steps: stepsTo(8), failure: failure("goods-unavailable") });
    expect(isPaid(failed)).toBe(true);
    expect(paymentScreen(failed, NOW)).toMatchObject({ name: "paid-failed" });
    const before = in_("failed", { steps: stepsTo(4), failure: failure("authentication-failed") });
    expect(paymentScreen(before, NOW)).toMatchObject({ name: "ended", why: "failed" });
  });

  it("an account that can pay before one that cannot", () => {
    const held = { ...account, condition: "held" } as const;
    expect(firstAccount(in_("quoted", { accounts: [held, secondAccount] }))).toBe(
      secondAccount.accountKey,
    );
    expect(firstAccount(in_("quoted", { accounts: [held] }))).toBe(held.accountKey);
    expect(firstAccount(in_("quoted", { accounts: [] }))).toBeNull();
  });

  it("no other account once the session was opened with one", () => {
    const open = { accounts: [account, secondAccount], accountKey: secondAccount.accountKey };
    expect(payableAccounts(in_("quote-authenticated", open))).toEqual([secondAccount]);
    expect(payableAccounts(in_("quoted", { ...open, accountKey: null }))).toHaveLength(2);
  });

  it("how long the offer is good, in minutes, only in its last hour", () => {
    expect(timeLeft(NOW + 3_601, NOW)).toBeNull();
    expect(timeLeft(NOW + 3_600, NOW)).toEqual({ minutes: 60 });
    expect(timeLeft(NOW + 119, NOW)).toEqual({ minutes: 1 });
    expect(timeLeft(NOW + 59, NOW)).toEqual({ moments: true });
  });
});

describe("the progress", () => {
  const states = (purchase: PurchaseView) => stages(purchase).map(({ state }) => state);

  it("goes from stage to stage", () => {
    expect(states(in_("session-initiated"))).toEqual(["now", "later", "later", "later"]);
    expect(states(in_("payment-requested"))).toEqual(["done", "now", "later", "later"]);
    expect(states(in_("paid"))).toEqual(["done", "done", "now", "later"]);
    expect(states(complete)).toEqual(["done", "done", "done", "done"]);
  });

  it("waits where it waits and stops where it stopped", () => {
    expect(states(in_("paid", { waiting: failure("x") }))[2]).toBe("waiting");
    expect(states(in_("denied"))).toEqual(["done", "stopped", "later", "later"]);
    expect(states(in_("failed", { steps: stepsTo(6) }))[2]).toBe("stopped");
  });
});

describe("the words for a failure", () => {
  it("are general ones for a code that nobody knows", () => {
    const general = failureWords(failure("internal-error"));
    expect(failureWords(failure("never-heard-of"))).toEqual(general);
    expect(failureWords(failure("toString"))).toEqual(general);
    expect(failureWords(failure("__proto__"))).toEqual(general);
  });

  it("say of a wait first whether money has moved", () => {
    const code = failure("shop-unreachable");
    expect(waitingWords(in_("session-initiated"), code).title).toBe("fail_shop_unreachable_title");
    expect(waitingWords(in_("payment-requested"), code).title).toBe("checking_title");
    expect(waitingWords(in_("paid"), code).title).toBe("shop_silent_title");
    expect(waitingWords(in_("goods-requested"), code).title).toBe("goods_waiting_title");
  });
});

describe("an account that cannot pay", () => {
  const conditions = [
    "active",
    "pin-changed",
    "awaiting-pin",
    "pin-locked",
    "out-of-sequence",
    "held",
    "device-revoked",
  ] as const;

  it("says what to do, and an account that can pay says nothing", () => {
    for (const condition of conditions) {
      const { notice, pays } = conditionWords(condition);
      expect(notice === null, condition).toBe(pays);
    }
  });

  it("is asked for by itself where a call or the operator can end that, and nowhere else", () => {
    const asked = conditions.filter((condition) => waitsForOperator(inCondition(condition)));
    expect(asked).toEqual(["awaiting-pin", "pin-locked", "out-of-sequence", "held"]);
    // With the new PIN it waits for the count, which is its owner's to enter.
    const called = inCondition("out-of-sequence", { newPin: true, refusedCount: null });
    expect(waitsForOperator(called)).toBe(false);
  });

  it("says that it can again, unless the new PIN is said at its field", () => {
    for (const before of ["awaiting-pin", "pin-locked", "out-of-sequence", "held"] as const) {
      expect(readyWords(before, "active"), before).not.toBeNull();
      expect(readyWords(before, "pin-changed"), before).toBeNull();
    }
    expect(readyWords("held", "pin-locked")).toBeNull();
    expect(readyWords("pin-changed", "active")).toBeNull();
  });

  it("is asked for less and less often, and not for ever", () => {
    const pauses = Array.from({ length: 181 }, (_, asked) => pauseAfter(asked + 1));
    expect(pauses[0]).toBeLessThanOrEqual(5_000);
    const numbers = pauses.filter((pause) => pause !== null);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).toBeNull();
  });
});

describe("a thing that was bought", () => {
  it.each([
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/xml",
    "application/xml",
    "text/javascript",
    "application/epub+zip",
    "multipart/x-mixed-replace",
    "",
    "__proto__",
  ])("is not opened in the wallet's origin as %s", (mediaType) => {
    expect(openableType(mediaType)).toBeNull();
    expect(openableType(mediaType.toUpperCase())).toBeNull();
    expect(openableType(`${mediaType}; charset=utf-8`)).toBeNull();
  });

  it("is opened under the wallet's own name of its type", () => {
    expect(openableType("IMAGE/PNG; name=x")).toBe("image/png");
    expect(openableType("text/plain;charset=utf-7")).toBe("text/plain");
    expect(openableType("application/pdf")).toBe("application/pdf");
  });
});

describe("the address form", () => {
  it("gives back the address that it was filled with", () => {
    expect(readDraft(draftOf(savedAddress.address))).toEqual({
      ok: true,
      address: savedAddress.address,
    });
  });

  it("says for each field what is missing", () => {
    expect(readDraft(emptyDraft(""))).toEqual({
      ok: false,
      errors: {
        name: "error_required",
        line1: "error_required",
        city: "error_required",
        country: "error_country",
      },
    });
    const blank = { ...draftOf(savedAddress.address), name: " \t " };
    expect(readDraft(blank)).toEqual({ ok: false, errors: { name: "error_required" } });
  });

  it("lets through nothing that the protocol refuses", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 40 });
    const draft = fc.record({
      name: text,
      line1: text,
      line2: text,
      postalCode: fc.string({ maxLength: 20 }),
      city: text,
      region: text,
      country: fc.constantFrom("DE", "IE", "", "de"),
      contact: text,
    });
    fc.assert(
      fc.property(draft, (typed) => {
        const read = readDraft(typed);
        if (read.ok) expect(parseValue(addressSchema, read.address)).toEqual(read.address);
      }),
    );
    // Characters that look like nothing, which chance seldom finds.
    for (const nothing of ["\uffa0", "\u3164", "\u2800", "\u00ad", "\u034f", "\ud800"]) {
      const typed = { ...draftOf(savedAddress.address), name: nothing };
      expect(readDraft(typed)).toEqual({ ok: false, errors: { name: "error_text" } });
    }
  });

  it("knows the countries in the language's own order", () => {
    expect(countries("de").find(({ code }) => code === "AT")?.name).toBe("Österreich");
    expect(countries("en")).toHaveLength(249);
    expect(likelyCountry("de-AT")).toBe("AT");
    expect(likelyCountry("de")).toBe("");
    expect(addressLines(savedAddress.address, () => "Germany").at(-2)).toBe("83646 Bad Tölz");
  });
});

describe("the home page's fragments", () => {
  it("lead where they were made", () => {
    const routes = [
      { name: "home" },
      { name: "setup", link: "https://pay.example/activate#a.b&c=d" },
      { name: "history" },
      { name: "purchase", purchaseId: digital.purchaseId },
      { name: "account", accountKey: account.accountKey },
      { name: "devices", accountKey: account.accountKey },
      { name: "addresses" },
      { name: "settings" },
    ] as const;
    for (const route of routes) expect(parseRoute(href(route))).toEqual(route);
  });

  it("lead home, or to the list, when they are none of ours", () => {
    expect(parseRoute("")).toEqual({ name: "home" });
    expect(parseRoute("#/nowhere/else")).toEqual({ name: "home" });
    expect(parseRoute("#/purchases/<script>")).toEqual({ name: "history" });
    expect(parseRoute("#/accounts/../x")).toEqual({ name: "home" });
  });
});
