/** Which record of a purchase stays when a backup is restored. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isFurther } from "../../src/cts/backup/merge.ts";
import { PURCHASE_STATES } from "../../src/cts/purchase-state.ts";
import type { Purchase, PurchaseStateName } from "../../src/cts/records.ts";

/** What merging looks at. */
const at = (state: PurchaseStateName, lastStep = 0) =>
  ({ state, steps: [{ step: 2, at: lastStep }] }) as unknown as Purchase;

test.each([
  ["complete", "paid"],
  ["paid", "payment-requested"],
  ["denied", "payment-requested"],
  ["payment-requested", "quote-authenticated"],
  ["payment-requested", "failed"],
  ["failed", "quoted"],
  ["awaiting-payer", "quote-authenticated"],
  ["paid", "awaiting-payer"],
  ["payer-complete", "payer-paid"],
  ["payer-requested", "payer-confirmed"],
  ["payer-requested", "failed"],
] as const)("%s replaces %s, and not the other way round", (further, behind) => {
  expect(isFurther(at(further), at(behind), false)).toBe(true);
  expect(isFurther(at(behind), at(further), false)).toBe(false);
});

test("of two records as far as each other the newer stays", () => {
  expect(isFurther(at("payment-requested", 20), at("payment-requested", 10), false)).toBe(true);
  expect(isFurther(at("payment-requested", 10), at("payment-requested", 20), false)).toBe(false);
  expect(isFurther(at("complete", 10), at("complete", 10), false)).toBe(false);
});

test("what a device that is here has requested is not replaced, and gets no old request back", () => {
  expect(isFurther(at("complete"), at("payment-requested"), true)).toBe(false);
  expect(isFurther(at("payment-requested", 9), at("quote-authenticated"), true)).toBe(false);
  expect(isFurther(at("complete"), at("quote-authenticated"), true)).toBe(true);
});

test("whatever order backups are restored in, the same record is there in the end", () => {
  const states = Object.keys(PURCHASE_STATES) as PurchaseStateName[];
  // A purchase has one role for ever; these two ends are of both.
  const either = ["declined", "failed"];
  const recordsOf = (isPayer: boolean) => {
    const own = states.filter((name) => name.startsWith("payer-") === isPayer);
    const all = [...new Set([...own, ...states.filter((name) => either.includes(name))])];
    const record = fc.record({ state: fc.constantFrom(...all), time: fc.nat(5) });
    return fc.array(record, { minLength: 1, maxLength: 6 });
  };
  fc.assert(
    fc.property(fc.boolean().chain(recordsOf), fc.nat(), (records, seed) => {
      const restore = (order: typeof records) =>
        order
          .map(({ state, time }) => at(state, time))
          .reduce((here, backup) => (isFurther(backup, here, false) ? backup : here));
      const rank = (purchase: Purchase) => [
        // Declined and failed are as far as each other.
        purchase.state === "declined" ? "failed" : purchase.state,
        purchase.steps.at(-1)?.at,
      ];
      const shuffled = records.map((_, index) => records[(index * 7 + seed) % records.length]);
      const same = new Set(shuffled).size === records.length ? shuffled : [...records].reverse();
      expect(rank(restore(same as typeof records))).toEqual(rank(restore(records)));
    }),
  );
});
