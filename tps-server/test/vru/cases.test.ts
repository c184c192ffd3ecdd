/** Reporting a problem: categories, numbers, messages, and everything that may break in between. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listCases, showCase } from "../../src/telephone/cases.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
import { type Call, speltDigits } from "./support/phone.ts";
import { createWorld, identify, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A call at the list of problems. */
async function reporting(language = "1") {
  const account = await world.openAccount();
  const call = await identify(await world.dial(), account, language);
  await call.press("5");
  return { account, call };
}

/** The case's number, told twice alike. */
function numberHeard(call: Call): string {
  const [number, again] = speltDigits(call.heard, 6);
  expect(number).toBe(again);
  if (number === undefined) throw new Error(`No number was told but: ${call.heard.join(" ")}`);
  return number;
}

async function casesOf(accountId: string) {
  const all = await listCases(world.deps, "all");
  return all.filter((reported) => reported.accountId === accountId);
}

describe("a problem", () => {
  it.each([
    ["2", "unknown-payment"],
    ["3", "shop"],
    ["4", "other"],
  ])(
    "is reported by its key (%s), spoken, and has one number, told before and after",
    async (key, category) => {
      const { account, call } = await reporting();
      await call.press(key);
      const number = numberHeard(call);
      expect(call.recording).toBe(true);
      // It is there already, should the caller hang up now.
      expect(await showCase(world.deps, number)).toMatchObject({
        accountId: account.accountId,
        category,
        recordingUrl: null,
        closedAt: null,
      });
      await call.speak();
      expect(call.heard[0]).toContain("your message is kept");
      expect(numberHeard(call)).toBe(number);
      expect(await showCase(world.deps, number)).toMatchObject({
        recordingUrl: "https://api.carrier.example/2010-04-01/Accounts/AC0/Recordings/RE1",
        recordingSeconds: 17,
      });
      await call.press("*");
      expect(numberHeard(call)).toBe(number);
      await call.wait();
      expect(call.over).toBe(true);
      expect((await world.eventsOf(call)).slice(2)).toEqual([
        "case-opened",
        "case-recorded",
        "call-ended:case-told",
      ]);
    },
  );

  it("with a lost computer offers the hold at once", async () => {
    const { account, call } = await reporting("2");
    await call.press("1");
    const number = numberHeard(call);
    expect(call.heard.at(-1)).toBe(
      "de-DE: Um Ihr Konto sofort anzuhalten, drücken Sie die 1. Wenn nicht, die 2.",
    );
    await call.press("7");
    expect(call.heard[0]).toContain("nicht belegt");
    await call.press("1");
    expect(call.heard[0]).toContain("Ihr Konto ist angehalten");
    expect(call.recording).toBe(true);
    const [held] = await world.database.query(
      "select held_by_holder from accounts where account_id = $1",
      [account.accountId],
    );
    expect(held).toEqual({ held_by_holder: true });
    await call.speak();
    expect(numberHeard(call)).toBe(number);

    // The hold is there: it is not offered again.
    await call.press("0");
    await call.press("5");
    await call.press("1");
    expect(call.recording).toBe(true);
  });

  it("with a lost computer is reported without a hold as well", async () => {
    const { account, call } = await reporting();
    await call.press("1");
    await call.press("2");
    expect(call.recording).toBe(true);
    await call.speak();
    expect(await casesOf(account.accountId)).toMatchObject([{ category: "lost-computer" }]);
  });

  it("is noted when nothing is said after the tone", async () => {
    const { call } = await reporting();
    await call.press("4");
    const number = numberHeard(call);
    await call.wait();
    expect(call.heard[0]).toContain("I heard no message. Your case is noted all the same.");
    expect(numberHeard(call)).toBe(number);
    expect((await showCase(world.deps, number)).recordingUrl).toBeNull();
  });

  it.each(["before", "after"] as const)(
    "keeps what was said before the caller hung up, whether it comes %s the end of the call",
    async (order) => {
      const { call } = await reporting();
      await call.press("2");
      const number = numberHeard(call);
      await call.hangUpWhileSpeaking(order);
      expect((await showCase(world.deps, number)).recordingSeconds).toBe(17);
      const events = await world.eventsOf(call);
      expect(events.filter((event) => event === "case-recorded")).toHaveLength(1);
      expect(events.filter((event) => event.startsWith("call-ended"))).toEqual([
        "call-ended:hung-up",
      ]);
    },
  );

  it("is not lost when the caller hangs up before the tone, or when asked about a hold", async () => {
    for (const key of ["1", "3"]) {
      const { account, call } = await reporting();
      await call.press(key);
      const number = numberHeard(call);
      await call.hangUp();
      expect(await casesOf(account.accountId)).toMatchObject([{ caseNumber: number }]);
    }
  });

  it("that a carrier reports twice is one case with one recording, the first", async () => {
    const { account, call } = await reporting();
    const { action } = call;
    const send = () => call.post(action, { Digits: "4" });
    const documents = [...(await Promise.all([send(), send()])), await send()];
    expect(new Set(documents.map(({ body }) => body)).size).toBe(1);
    const [reported, ...more] = await casesOf(account.accountId);
    expect(more).toEqual([]);

    const record = /action="([^"]+case=[0-9]+)"/.exec(documents[0]?.body ?? "")?.[1] ?? "";
    const recordAction = record.replaceAll("&amp;", "&");
    for (const name of ["RE1", "RE2"]) {
      const { status } = await call.post(recordAction, {
        RecordingUrl: `https://carrier.example/${name}`,
        RecordingDuration: "3",
      });
      expect(status).toBe(200);
    }
    const kept = await showCase(world.deps, reported?.caseNumber ?? "");
    expect(kept.recordingUrl).toBe("https://carrier.example/RE1");
  });

  it("has a recording of its own call, not of another", async () => {
    const first = await reporting();
    await first.call.press("4");
    const number = numberHeard(first.call);
    const second = await reporting();
    await second.call.press("4");
    const action = second.call.action.replace(/case=[0-9]+/, `case=${number}`);
    await second.call.post(action, { RecordingUrl: "https://carrier.example/RE9" });
    expect((await showCase(world.deps, number)).recordingUrl).toBeNull();
  });

  it.each([
    ["no address", "RE1"],
    ["an address in the clear", "http://carrier.example/RE1"],
    ["a script", "javascript:alert(1)"],
    ["an address with a password", "https://user:secret@carrier.example/RE1"],
    ["an address without end", `https://carrier.example/${"x".repeat(2_000)}`],
  ])("takes no recording with %s", async (_what, url) => {
    const { call } = await reporting();
    await call.press("4");
    const number = numberHeard(call);
    expect((await call.post(call.action, { RecordingUrl: url })).status).toBe(400);
    expect((await showCase(world.deps, number)).recordingUrl).toBeNull();
  });

  it("is escaped where its address could do something to a terminal", async () => {
    const { call } = await reporting();
    await call.press("4");
    const number = numberHeard(call);
    await call.speak({ RecordingUrl: "https://carrier.example/\u001b[2J\u202eRE1" });
    const { recordingUrl } = await showCase(world.deps, number);
    expect(recordingUrl).toMatch(/^[\x21-\x7e]+$/);
  });

  it("is one of some in a day: then the caller is told so, and nothing more is opened", async () => {
    const { account, call } = await reporting();
    for (let opened = 0; opened < VRU_LIMITS.casesInADay; opened++) {
      await call.press("4");
      await call.wait();
      await call.press("0");
      await call.press("5");
    }
    await call.press("4");
    expect(call.heard[0]).toContain("several problems today");
    expect(await casesOf(account.accountId)).toHaveLength(VRU_LIMITS.casesInADay);
    world.clock.seconds += 86_400;
    const tomorrow = await identify(await world.dial(), account);
    await tomorrow.press("5");
    await tomorrow.press("4");
    expect(tomorrow.recording).toBe(true);
  });
});
