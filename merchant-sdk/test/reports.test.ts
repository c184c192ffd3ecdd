/** Settlement reports against a TPS that signs: what is kept, what is refused, what a report's payments become. */
import { describe, expect, test } from "vitest";
import type { HookEvent } from "../src/index.ts";
import { clearingShop, STORES } from "./clearing-shop.ts";
import { paymentEntry } from "./test-tps.ts";
import { newId } from "./world.ts";

describe.each(STORES)("settlement reports, with the %s store", (_name, makeStore) => {
  test("are fetched after the last one held, verified, and kept with their entries", async () => {
    const shop = await clearingShop({ store: makeStore() });
    const wallets = [await shop.bought(), await shop.bought()];
    const entries = wallets.map((wallet) => shop.entryOf(wallet));
    // Two pages, and as many reports as come in several answers.
    await shop.tps.settle(entries, {}, [entries.slice(0, 1), entries.slice(1)]);
    for (let cycle = 2; cycle <= 5; cycle += 1) await shop.tps.settle([]);
    const { reports } = await shop.merchant.fetchReports();
    expect(reports.map(({ cycle }) => cycle)).toEqual([1, 2, 3, 4, 5]);
    expect((await shop.merchant.reports()).map(({ cycle }) => cycle)).toEqual([5, 4, 3, 2, 1]);
    expect(await shop.store.report(1)).toMatchObject({
      payments: { count: 2, amount: 98_000n },
      fees: 980n,
      closing: 97_020n,
    });
    const kept = await shop.store.entries({ kind: "all", cycle: 1 }, null, 9);
    expect(kept.map(({ index, entry }) => [index, entry.paymentId])).toEqual(
      wallets.map(({ paymentId }, index) => [index, paymentId]),
    );
    expect(await shop.merchant.fetchReports()).toEqual({ reports: [], recorded: 0 });
  });

  test("that broke off are fetched again, and no entry counts twice or before its report", async () => {
    const shop = await clearingShop({ store: makeStore() });
    const entries = [shop.entryOf(await shop.bought()), shop.entryOf(await shop.bought())];
    await shop.tps.settle(entries, {}, [entries.slice(0, 1), entries.slice(1)]);
    let answers = 0;
    shop.tps.interfere = (_path, answer) => {
      answers += 1;
      return answers === 3 ? Promise.reject(new TypeError("fetch failed")) : answer();
    };
    await expect(shop.merchant.fetchReports()).rejects.toThrow("cannot be reached");
    await shop.store.addEntries(1, 0, []);
    expect(await shop.store.entries({ kind: "all", cycle: 1 }, null, 9)).toEqual([]);
    expect((await shop.merchant.fetchReports()).reports).toHaveLength(1);
    expect(await shop.store.entries({ kind: "all", cycle: 1 }, null, 9)).toHaveLength(2);
  });
});

describe("a settlement report is not taken", () => {
  test.each([
    ["of another merchant", { merchantId: newId() }, "merchant-mismatch"],
    ["that leaves one out", { cycle: 3, previous: 2 }, "books-inconsistent"],
    [
      "that does not begin where the last ended",
      { opening: "1", closing: "48511" },
      "books-inconsistent",
    ],
    ["whose sum is wrong", { closing: "1" }, "books-inconsistent"],
    ["in another currency", { currency: "USD" }, "books-inconsistent"],
    [
      "whose entries do not make its totals",
      { payments: { count: 1, amount: "48000" }, closing: "95530" },
      "books-inconsistent",
    ],
  ])("%s", async (_name, changes, code) => {
    const shop = await clearingShop();
    const [first, second] = [await shop.bought(), await shop.bought()];
    await shop.tps.settle([shop.entryOf(first)]);
    await shop.tps.settle([shop.entryOf(second)], changes);
    await expect(shop.merchant.fetchReports()).rejects.toMatchObject({ code });
    expect((await shop.merchant.reports()).map(({ cycle }) => cycle)).toEqual([1]);
  });

  test("signed by another key, or with other bytes for its page", async () => {
    const shop = await clearingShop();
    const wallet = await shop.bought();
    await shop.tps.settle([shop.entryOf(wallet)]);
    shop.tps.interfere = async (path, answer) => {
      const text = await (await answer()).text();
      if (path !== "/v1/merchant-requests") return new Response(text);
      // In the middle of the signature, not in its last bits, which have to be 0.
      return new Response(text.replace(/.(?=.{20}"\])/, (letter) => (letter === "A" ? "B" : "A")));
    };
    await expect(shop.merchant.fetchReports()).rejects.toMatchObject({
      code: "authentication-failed",
    });
    shop.tps.interfere = async (path, answer) => {
      const text = await (await answer()).text();
      return new Response(path === "/v1/merchant-requests" ? text.replace("490", "491") : text);
    };
    await expect(shop.merchant.fetchReports()).rejects.toMatchObject({
      code: "authentication-failed",
    });
    expect(await shop.merchant.reports()).toEqual([]);
  });
});

describe("a payment that only a report tells of", () => {
  test("counts as if its proof had come: the goods are there for the wallet that began", async () => {
    const told: HookEvent[] = [];
    const shop = await clearingShop({ hooks: { paid: (event) => void told.push(event) } });
    const wallet = await shop.begun();
    const { transactionNumber } = wallet.subject;
    await shop.tps.settle([shop.entryOf(wallet)]);
    expect(await shop.merchant.fetchReports()).toMatchObject({ recorded: 1 });
    expect(await shop.merchant.sale(transactionNumber)).toMatchObject({ state: "paid" });
    await expect.poll(() => told.length).toBe(1);
    expect(await shop.merchant.reconcile()).toEqual({ findings: [], next: null });
    await wallet.pay();
    expect(new TextDecoder().decode(await wallet.fetchGoods())).toBe("Call me a chit.");
  });

  test("for a number that the shop does not know is given back", async () => {
    const shop = await clearingShop();
    const number = newId();
    await shop.tps.settle([paymentEntry(number)]);
    expect(await shop.merchant.fetchReports()).toMatchObject({ recorded: 1 });
    expect(await shop.merchant.sale(number)).toMatchObject({
      state: "stray",
      refund: { accepted: 49_000n },
    });
    expect(await shop.merchant.runBatch()).toMatchObject({ executed: 1 });
  });

  test("waits for a person where that is the policy", async () => {
    const shop = await clearingShop({ reportedPayments: "ask" });
    const wallet = await shop.begun();
    const { transactionNumber } = wallet.subject;
    await shop.tps.settle([shop.entryOf(wallet)]);
    expect(await shop.merchant.fetchReports()).toMatchObject({ recorded: 0 });
    expect(await shop.merchant.sale(transactionNumber)).toMatchObject({ state: "authenticated" });
  });
});

describe("a statement", () => {
  const [from, until] = [new Date("2027-01-01T00:00:00Z"), 1_802_000_000];

  test("comes verified, with the signed document", async () => {
    const shop = await clearingShop();
    const { statement, document } = await shop.merchant.statement(from, until);
    expect(statement).toMatchObject({ from: 1_798_761_600, until, closing: 0n });
    expect(document.split(".")).toHaveLength(3);
  });

  test.each([
    ["of another merchant", { merchantId: newId() }],
    ["over another time", { until: 1_803_000_000 }],
    ["that does not add up", { closing: "1" }],
  ])("%s is not taken", async (_name, changes) => {
    const shop = await clearingShop();
    shop.tps.statementChanges = changes;
    await expect(shop.merchant.statement(from, until)).rejects.toMatchObject({
      code: expect.stringMatching(/^(transaction-mismatch|books-inconsistent)$/),
    });
  });
});
