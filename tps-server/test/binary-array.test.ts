/** Arrays in PostgreSQL's binary form, read back by a real PostgreSQL. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryArray, type Element, type ElementType } from "../src/store/binary-array.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function readBack(type: ElementType, elements: readonly Element[]): Promise<unknown[]> {
  const rows = await world.database.query<{ element: unknown }>(
    `select element from unnest($1::${type}[]) with ordinality as r (element, place) order by place`,
    [binaryArray(type, elements)],
  );
  return rows.map(({ element }) => (element instanceof Uint8Array ? [...element] : element));
}

/** Text that PostgreSQL can hold: everything but NUL, and no halves of a pair. */
const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
const int8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe("what goes in comes out", () => {
  const cases = [
    ["text", text, (value: Element) => value],
    ["bytea", fc.uint8Array({ maxLength: 200 }), (value: Element) => [...(value as Uint8Array)]],
    ["bigint", int8, (value: Element) => value],
    ["smallint", fc.integer({ min: -32_768, max: 32_767 }), (value: Element) => value],
    ["boolean", fc.boolean(), (value: Element) => value],
  ] as const;
  test.each(cases)("%s, nulls and empty arrays included", async (type, arbitrary, expected) => {
    const arrays: fc.Arbitrary<Element[]> = fc.array(fc.option<Element>(arbitrary));
    await fc.assert(
      fc.asyncProperty(arrays, async (elements) => {
        const wanted = elements.map((value) => (value === null ? null : expected(value)));
        expect(await readBack(type, elements)).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });
});

test("whole numbers are taken as bigints", async () => {
  expect(await readBack("bigint", [0, Number.MAX_SAFE_INTEGER])).toEqual([
    0n,
    BigInt(Number.MAX_SAFE_INTEGER),
  ]);
});

test.each<[ElementType, Element]>([
  ["text", 1],
  ["bytea", "00"],
  ["boolean", "true"],
  ["bigint", "1"],
  ["smallint", 1n],
])("an element that is no %s is refused", (type, element) => {
  expect(() => binaryArray(type, [element])).toThrow(TypeError);
});

test("a number that is too large for its type is refused", () => {
  expect(() => binaryArray("smallint", [32_768])).toThrow(RangeError);
  expect(() => binaryArray("bigint", [2n ** 63n])).toThrow(RangeError);
});
