import fc from "fast-check";
import { expect, test } from "vitest";
import { type Step, trailFrom } from "../../src/statements/trail.ts";

/** Steps as they happened, from a balance. */
function happened(opening: bigint, changes: readonly bigint[]): Step[] {
  let balance = opening;
  return changes.map((change) => {
    balance += change;
    return { change, balanceAfter: balance };
  });
}
/** Small ones, so that balances come again and again. */
const changes = fc.array(
  fc.bigInt({ min: -3n, max: 3n }).filter((change) => change !== 0n),
  { maxLength: 60 },
);

test("steps in the order of their times stay in it", () => {
  fc.assert(
    fc.property(changes, (list) => {
      const steps = happened(100n, list);
      expect(trailFrom(100n, steps)).toEqual(steps);
    }),
  );
});

test("steps in any order are put into one in which each begins where the one before ended", () => {
  fc.assert(
    fc.property(
      changes.chain((list) =>
        fc.shuffledSubarray(happened(100n, list), { minLength: list.length }),
      ),
      (steps) => {
        const trail = trailFrom(100n, steps);
        expect(trail).toHaveLength(steps.length);
        let balance = 100n;
        for (const { change, balanceAfter } of trail ?? []) {
          balance += change;
          expect(balanceAfter).toBe(balance);
        }
        expect(new Set(trail)).toEqual(new Set(steps));
      },
    ),
  );
});

test("there is no order where a step is missing, is twice, has another balance, or the beginning is another", () => {
  const steps = happened(100n, [7n, -20n, 5n, 11n]);
  const [first, second, third, last] = steps as [Step, Step, Step, Step];
  const broken: readonly (readonly [bigint, readonly Step[]])[] = [
    [100n, [first, third, last]],
    [100n, [second, third, last]],
    [100n, [...steps, second]],
    [100n, [first, second, { ...third, balanceAfter: 93n }, last]],
    [101n, steps],
  ];
  for (const [opening, wrong] of broken) expect(trailFrom(opening, wrong)).toBeUndefined();
  // What is missing at the end only the closing balance tells.
  expect(trailFrom(100n, [first, second])).toEqual([first, second]);
});

test("a hundred thousand steps are put in order at once", () => {
  const steps = happened(
    0n,
    Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 5n : -5n)),
  );
  expect(trailFrom(0n, steps)).toHaveLength(100_000);
});
