/** Amounts never lose a unit. */
import {
  amountToWire,
  ChitError,
  createQuote,
  decodeQuote,
  formatDecimal,
  LIMITS,
  parseAmount,
  parseDecimal,
} from "@chit/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { createWorld, type World } from "./fixture.ts";

const amount = fc.bigInt({ min: -LIMITS.amount, max: LIMITS.amount });
const scale = fc.integer({ min: 0, max: LIMITS.scale });
const refused = (act: () => unknown, code = "amount-invalid") =>
  expect(act).toThrow(expect.objectContaining({ name: "ChitError", code }));

describe("on the wire", () => {
  test("every amount in range comes back", () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(parseAmount(amountToWire(value))).toBe(value);
      }),
    );
  });

  test("threat 21: one beyond the range is refused", () => {
    for (const value of [LIMITS.amount, -LIMITS.amount]) {
      expect(parseAmount(value.toString())).toBe(value);
      refused(() => parseAmount((value + (value > 0n ? 1n : -1n)).toString()));
    }
  });

  test("threat 21: each amount has one text: any other is refused", () => {
    const digit = fc.constantFrom(..."0123456789-+.,eE_ xn٣１²");
    const texts = fc.array(digit, { maxLength: 24 }).map((letters) => letters.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(amountToWire(parseAmount(text))).toBe(text);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ChitError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(["", "-0", "00", "+1", "1.0", "1e3", "0x1", " 1", "1 ", "1\n", "٣", "１", "½", "NaN"])(
    "%j is refused",
    (text) => refused(() => parseAmount(text)),
  );
});

describe("as people write them", () => {
  test("what is formatted reads back, at every scale", () => {
    fc.assert(
      fc.property(amount, scale, fc.nat(9), (value, decimals, least) => {
        expect(parseDecimal(formatDecimal(value, decimals, least), decimals)).toBe(value);
      }),
      { numRuns: 2_000 },
    );
  });

  test("nothing is rounded: a decimal too many is refused", () => {
    fc.assert(
      fc.property(scale, fc.nat(1_000_000), (decimals, whole) => {
        refused(() => parseDecimal(`${whole}.${"0".repeat(decimals)}1`, decimals));
      }),
    );
  });

  test("no float is ever as exact", () => {
    expect(parseDecimal("90071992547409.93", 2)).toBe(9_007_199_254_740_993n);
    expect(formatDecimal(9_007_199_254_740_993n, 2)).toBe("90071992547409.93");
    expect(formatDecimal(-5n, 4)).toBe("-0.0005");
    expect(formatDecimal(0n, 0)).toBe("0");
    expect(formatDecimal(125_000n, 4)).toBe("12.50");
  });

  test.each(["", ".", ".5", "5.", "1,5", "1 000", "1e3", "--1", "+1", "٣", "0.00001", "Infinity"])(
    "%j is refused at scale 4",
    (text) => refused(() => parseDecimal(text, 4)),
  );
});

describe("in a quote", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld("money");
  });
  const line = (units: bigint) => ({
    description: "A line",
    quantity: 1,
    amount: amountToWire(units),
  });

  test("the lines add up to the last unit, or it is no quote", () => {
    const lines = fc.array(amount, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.constantFrom(-1n, 0n, 1n), (units, error) => {
        const sum = units.reduce((total, unit) => total + unit, 0n);
        const total = sum + error;
        const make = () =>
          createQuote({
            ...world.quoteInput,
            amount: amountToWire(total),
            lines: units.map(line),
          });
        if (total < 1n || total > LIMITS.amount) refused(make, "malformed-message");
        else if (error !== 0n) refused(make, "quote-inconsistent");
        else expect(decodeQuote(make()).amount).toBe(sum);
      }),
      { numRuns: 300 },
    );
  });

  test("the largest amount passes, in one line or with discounts", () => {
    for (const units of [[LIMITS.amount], [LIMITS.amount, LIMITS.amount, -LIMITS.amount]]) {
      const quote = createQuote({
        ...world.quoteInput,
        amount: amountToWire(LIMITS.amount),
        lines: units.map(line),
      });
      expect(decodeQuote(quote).amount).toBe(LIMITS.amount);
    }
  });
});
