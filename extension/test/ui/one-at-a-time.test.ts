import { expect, test } from "vitest";
import { oneAtATime } from "../../src/ui/one-at-a-time.ts";

/** Questions that end when the test says so. */
function questions() {
  const open: (() => void)[] = [];
  let asked = 0;
  const one = oneAtATime(() => {
    asked += 1;
    return new Promise((resolve) => open.push(resolve));
  });
  return {
    ...one,
    asked: () => asked,
    async answer() {
      open.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

test("all that is wanted while one is under way is one more", async () => {
  const { again, asked, answer } = questions();
  for (const _ of [1, 2, 3]) again();
  expect(asked()).toBe(1);
  await answer();
  expect(asked()).toBe(2);
  await answer();
  expect(asked()).toBe(2);
  again();
  expect(asked()).toBe(3);
});

test("what was put to rest is not done behind the one under way, and can be begun anew", async () => {
  const { again, rest, asked, answer } = questions();
  again();
  again();
  rest();
  await answer();
  expect(asked()).toBe(1);
  again();
  expect(asked()).toBe(2);
});
