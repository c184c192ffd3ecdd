/** What a reconciliation finds, and that each of its actions does what it says. */
import { describe, expect, test } from "vitest";
import type { Finding, FindingKind, Resolution } from "../src/index.ts";
import { type ClearingShop, clearingShop, DAY, STORES } from "./clearing-shop.ts";
import { paymentEntry, refundEntry } from "./test-tps.ts";
import { newId } from "./world.ts";

const kinds = async ({ merchant }: ClearingShop): Promise<FindingKind[]> =>
  (await merchant.reconcile()).findings.map(({ kind }) => kind);

async function only(shop: ClearingShop, kind: FindingKind): Promise<Finding> {
  const { findings, next } = await shop.merchant.reconcile();
  expect(findings.map((finding) => finding.kind)).toEqual([kind]);
  expect(next).toBeNull();
  return findings[0] as Finding;
}

/** Does the action of a finding that has this name. */
async function act(shop: ClearingShop, finding: Finding, action: Resolution["action"]) {
  const found = finding.actions.find((one) => one.action === action);
  if (found === undefined) throw new Error(`There is no ${action}.`);
  await shop.merchant.resolve(found);
  await shop.merchant.resolve(found);
}

describe.each(STORES)("a reconciliation, with the %s store", (_name, makeStore) => {
  const open = (options: Parameters<typeof clearingShop>[0] = {}) =>
    clearingShop({ store: makeStore(), reportedPayments: "ask", ...options });

  test("finds nothing where everything meets", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await shop.merchant.refund(wallet.subject.transactionNumber);
    await shop.merchant.runBatch();
    const [order] = await shop.store.orders(wallet.subject.transactionNumber);
    const { transactionNumber } = wallet.subject;
    const { paymentId } = wallet;
    const refund = refundEntry(transactionNumber, { paymentId, orderId: order?.orderId ?? "" });
    await shop.tps.settle([shop.entryOf(wallet), refund]);
    await shop.tps.settle([]);
    await shop.tps.settle([]);
    await shop.merchant.fetchReports();
    shop.time.now += 9 * DAY;
    expect(await shop.merchant.reconcile()).toEqual({ findings: [], next: null });
  });

  test("finds a payment whose proof never came; recording it delivers", async () => {
    const shop = await open();
    const wallet = await shop.begun();
    await shop.tps.settle([shop.entryOf(wallet)]);
    await shop.merchant.fetchReports();
    const finding = await only(shop, "payment-unproven");
    expect(finding).toMatchObject({ detail: "sale-waits", amount: 49_000n });
    await act(shop, finding, "record");
    expect(await kinds(shop)).toEqual([]);
    const { transactionNumber } = wallet.subject;
    const sale = await shop.merchant.sale(transactionNumber);
    expect(sale).toMatchObject({ state: "paid", payments: [{ jti: finding.paymentId }] });
  });

  test("and refunding it gives it back, and delivers nothing", async () => {
    const shop = await open();
    const wallet = await shop.begun();
    await shop.tps.settle([shop.entryOf(wallet)]);
    await shop.merchant.fetchReports();
    await act(shop, await only(shop, "payment-unproven"), "refund");
    expect(await kinds(shop)).toEqual([]);
    const sale = await shop.merchant.sale(wallet.subject.transactionNumber);
    expect(sale).toMatchObject({ state: "returned", refund: { accepted: 49_000n } });
    expect(await shop.merchant.runBatch()).toMatchObject({ executed: 1 });
    const late = await wallet.forward(await wallet.verdict());
    expect(late.status).not.toBe(200);
  });

  test("finds a number that the shop does not know; recording it gives it back", async () => {
    const shop = await open();
    const number = newId();
    await shop.tps.settle([paymentEntry(number)]);
    await shop.merchant.fetchReports();
    const finding = await only(shop, "payment-unproven");
    expect(finding.detail).toBe("number-unknown");
    await act(shop, finding, "record");
    expect(await kinds(shop)).toEqual([]);
    expect(await shop.merchant.sale(number)).toMatchObject({ state: "stray" });
  });

  test("finds a payment of another amount, or for another quote; it is for a person alone", async () => {
    const shop = await open({ reportedPayments: "deliver" });
    const [cheap, other] = [await shop.begun(), await shop.begun()];
    await shop.tps.settle([
      shop.entryOf(cheap, { amount: "1", fee: "0" }),
      paymentEntry(other.subject.transactionNumber),
    ]);
    expect(await shop.merchant.fetchReports()).toMatchObject({ recorded: 0 });
    expect(await kinds(shop)).toEqual(["amount-differs", "amount-differs"]);
    const { findings } = await shop.merchant.reconcile();
    for (const finding of findings) await act(shop, finding, "refund");
    expect(await kinds(shop)).toEqual([]);
    const sale = await shop.merchant.sale(cheap.subject.transactionNumber);
    expect(sale).toMatchObject({ state: "returned", refund: { accepted: 49_000n } });
  });

  test("finds a report that says another amount than the proof that was accepted", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await shop.tps.settle([shop.entryOf(wallet, { amount: "48000" })]);
    await shop.merchant.fetchReports();
    expect(await only(shop, "amount-differs")).toMatchObject({ amount: 48_000n });
  });

  test("finds what is held back, until it is released", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await shop.tps.settle([shop.entryOf(wallet, { state: "held-back", fee: "0" })]);
    await shop.merchant.fetchReports();
    expect(await only(shop, "held-back")).toMatchObject({ actions: [] });
    await shop.tps.settle([shop.entryOf(wallet)]);
    await shop.merchant.fetchReports();
    expect(await kinds(shop)).toEqual([]);
  });

  test("what was held back and given back by the operator is nothing to deliver", async () => {
    const shop = await open({ reportedPayments: "deliver" });
    const wallet = await shop.begun();
    const entry = shop.entryOf(wallet, { state: "held-back", fee: "0" });
    await shop.tps.settle([entry]);
    await shop.merchant.fetchReports();
    const { transactionNumber } = wallet.subject;
    const { paymentId } = entry;
    const refund = refundEntry(transactionNumber, { paymentId, by: "operator" });
    await shop.tps.settle([shop.entryOf(wallet, { paymentId, fee: "0" }), refund]);
    expect(await shop.merchant.fetchReports()).toMatchObject({ recorded: 0 });
    expect(await kinds(shop)).toEqual([]);
    expect(await shop.merchant.sale(transactionNumber)).toMatchObject({ state: "authenticated" });
  });

  test("finds an accepted proof that no report settles, after a whole cycle", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await shop.tps.settle([]);
    await shop.merchant.fetchReports();
    expect(await kinds(shop)).toEqual([]);
    await shop.tps.settle([]);
    await shop.merchant.fetchReports();
    expect(await only(shop, "not-settled")).toMatchObject({ paymentId: wallet.paymentId });
    await shop.tps.settle([shop.entryOf(wallet)]);
    await shop.merchant.fetchReports();
    expect(await kinds(shop)).toEqual([]);
  });

  test("finds a number that was paid twice; giving back returns both", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await wallet.forward(await wallet.verdict());
    const finding = await only(shop, "paid-twice");
    await act(shop, finding, "refund");
    expect(await kinds(shop)).toEqual([]);
    const orders = await shop.store.orders(wallet.subject.transactionNumber);
    expect(orders).toMatchObject([{ refunded: 49_000n, of: 49_000n }]);
  });

  test("finds goods that nobody sent for, after a day", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    shop.time.now += DAY;
    expect(await kinds(shop)).toEqual([]);
    shop.time.now += 1;
    const finding = await only(shop, "goods-unclaimed");
    expect(finding.transactionNumber).toBe(wallet.subject.transactionNumber);
    await wallet.fetchGoods();
    expect(await kinds(shop)).toEqual([]);
  });

  test("finds a refund that waits for a day, and one that was executed and is in no report", async () => {
    const shop = await open();
    const wallet = await shop.bought();
    await wallet.fetchGoods();
    await shop.merchant.refund(wallet.subject.transactionNumber);
    expect(await kinds(shop)).toEqual([]);
    shop.time.now += DAY + 1;
    expect(await only(shop, "refund-open")).toMatchObject({ detail: "waiting", actions: [] });
    await shop.merchant.runBatch();
    expect(await kinds(shop)).toEqual([]);
    await shop.tps.settle([shop.entryOf(wallet)]);
    await shop.tps.settle([]);
    await shop.merchant.fetchReports();
    expect(await only(shop, "refund-open")).toMatchObject({ detail: "not-reported" });
  });

  test("is read page by page, each finding once, in one order", async () => {
    const shop = await open();
    for (let count = 0; count < 7; count += 1) await shop.bought();
    const numbers = Array.from({ length: 130 }, () => newId());
    const unknown = numbers.map((number) => paymentEntry(number));
    const held = Array.from({ length: 3 }, () => paymentEntry(newId(), { state: "held-back" }));
    await shop.tps.settle([...unknown, ...held]);
    await shop.merchant.fetchReports();
    shop.time.now += 2 * DAY;
    const all = await shop.merchant.reconcile({ limit: 1_000 });
    expect(all.findings).toHaveLength(140);
    const found: Finding[] = [];
    let after: string | null = "";
    while (after !== null) {
      const page: { findings: readonly Finding[]; next: string | null } =
        await shop.merchant.reconcile({ limit: 9, ...(after === "" ? {} : { after }) });
      expect(page.findings.length).toBeLessThanOrEqual(9);
      found.push(...page.findings);
      after = page.next;
    }
    expect(found).toEqual(all.findings);
    const some = await shop.merchant.reconcile({ kinds: ["held-back"] });
    expect(some.findings).toHaveLength(3);
  });
});

test("a reconciliation refuses a place that is none, and an action on what is not there", async () => {
  const shop = await clearingShop();
  const { merchant } = shop;
  const code = (value: string) => ({ code: value });
  await expect(merchant.reconcile({ after: "x" })).rejects.toMatchObject(code("options-invalid"));
  const record = { action: "record", cycle: 1, index: 0 } as const;
  await expect(merchant.resolve(record)).rejects.toMatchObject(code("finding-unknown"));
  const again = { action: "send-again", batchId: newId() } as const;
  await expect(merchant.resolve(again)).rejects.toMatchObject(code("finding-unknown"));
  const refund = { action: "refund", transactionNumber: newId() } as const;
  await expect(merchant.resolve(refund)).rejects.toMatchObject(code("sale-unknown"));
});
