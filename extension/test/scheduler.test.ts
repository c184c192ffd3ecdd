import fc from "fast-check";
import { expect, test } from "vitest";
import { createScheduler } from "../src/cts/scheduler.ts";

const ACCOUNTS = ["one", "two"];

/** What a tab does with its purchase: which account, how long it waits and works, whether it is declined in line. */
const tab = fc.record({
  account: fc.constantFrom(...ACCOUNTS),
  impatient: fc.boolean(),
});

test("threat 7: however many tabs confirm at once, one at a time has the account's turn, and none is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(tab, { maxLength: 12 }), async (order, tabs) => {
      const scheduler = createScheduler();
      const underWay = new Map(ACCOUNTS.map((account) => [account, 0]));
      const paid: number[] = [];
      const declined: number[] = [];

      /** As `requestInTurn` and `receivePayment` use it: enter, work for some while, leave. */
      async function confirm({ account, impatient }: (typeof tabs)[number], index: number) {
        await order.schedule(Promise.resolve(), `tab ${index} confirms`);
        const decline = new AbortController();
        const turn = scheduler.enter(account, String(index), decline.signal);
        if (impatient) {
          await order.schedule(Promise.resolve(), `tab ${index} declines`);
          decline.abort();
        }
        if (!(await turn)) {
          declined.push(index);
          return;
        }
        const now = (underWay.get(account) ?? 0) + 1;
        underWay.set(account, now);
        expect(now).toBe(1);
        expect(scheduler.mustWait(account, String(index))).toBe(false);
        expect(scheduler.mustWait(account, "another")).toBe(true);
        await order.schedule(Promise.resolve(), `tab ${index} is answered`);
        // Asked again while it has the turn, as the rung behind it does, it need not queue.
        expect(await scheduler.enter(account, String(index))).toBe(true);
        underWay.set(account, now - 1);
        paid.push(index);
        scheduler.leave(account, String(index));
      }

      const all = Promise.all(tabs.map(confirm));
      await order.waitFor(all);
      expect([...paid, ...declined].toSorted((a, b) => a - b)).toEqual(tabs.map((_, at) => at));
      for (const index of declined) expect(tabs[index]?.impatient).toBe(true);
      for (const account of ACCOUNTS) expect(scheduler.mustWait(account, "next")).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("threat 7: whoever came first has the turn first", async () => {
  const scheduler = createScheduler();
  const turns: string[] = [];
  const waits = ["a", "b", "c"].map(async (purchase) => {
    expect(await scheduler.enter("one", purchase)).toBe(true);
    turns.push(purchase);
    scheduler.leave("one", purchase);
  });
  await Promise.all(waits);
  expect(turns).toEqual(["a", "b", "c"]);
});
