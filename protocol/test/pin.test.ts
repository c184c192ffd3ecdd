/** PIN arithmetic: modified PIN = PIN + modifier mod 2^256, the same on both sides for ever. */
import {
  addModifiers,
  createPinTag,
  INITIAL_MODIFIER,
  isPin,
  MODIFIER_BYTES,
  modifyPin,
  type PinTagInput,
  verifyPinTag,
} from "@chit/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededBytes } from "./fixture.ts";
import { flipBit, hex } from "./vectors/form.ts";

const component = fc.uint8Array({ minLength: MODIFIER_BYTES, maxLength: MODIFIER_BYTES });
const pin = fc.array(fc.nat(9), { minLength: 6, maxLength: 12 }).map((digits) => digits.join(""));
const all = (byte: number) => new Uint8Array(MODIFIER_BYTES).fill(byte);
const big = (bytes: Uint8Array) => BigInt(`0x${hex(bytes)}`);

describe("modifier", () => {
  test("wallet and TPS agree after any sequence of transactions", () => {
    fc.assert(
      fc.property(
        pin,
        fc.array(fc.tuple(component, component), { maxLength: 20 }),
        (digits, all) => {
          let modifier: Uint8Array = INITIAL_MODIFIER;
          let atTps = modifyPin(digits, INITIAL_MODIFIER);
          for (const [cts, tps] of all) {
            modifier = addModifiers(modifier, cts, tps);
            // In another order, and to the modified PIN itself: the TPS knows nothing else.
            atTps = addModifiers(atTps, tps, cts);
          }
          expect(hex(modifyPin(digits, modifier))).toBe(hex(atTps));
        },
      ),
    );
  });

  test("adds mod 2^256", () => {
    fc.assert(
      fc.property(component, component, (a, b) => {
        expect(big(addModifiers(a, b))).toBe((big(a) + big(b)) % 2n ** 256n);
      }),
    );
    const one = Uint8Array.from([...new Uint8Array(31), 1]);
    expect(addModifiers(all(0xff), one)).toEqual(INITIAL_MODIFIER);
    expect(addModifiers(all(0xff), all(0xff), one, one)).toEqual(INITIAL_MODIFIER);
    expect(modifyPin("000001", all(0xff))).toEqual(INITIAL_MODIFIER);
  });

  test("the initial modifier is never changed by adding to it", () => {
    addModifiers(INITIAL_MODIFIER, all(1));
    expect(INITIAL_MODIFIER).toEqual(new Uint8Array(32));
  });

  test("other lengths are refused", () => {
    for (const length of [0, 31, 33]) {
      const wrong = new Uint8Array(length);
      const refusal = expect.objectContaining({ code: "malformed-message" });
      expect(() => addModifiers(INITIAL_MODIFIER, wrong)).toThrow(refusal);
      expect(() => modifyPin("123456", wrong)).toThrow(refusal);
    }
  });

  test("a PIN is 6 to 12 ASCII digits", () => {
    fc.assert(fc.property(pin, isPin));
    for (const text of ["", "12345", "1234567890123", "12345a", "٣٣٣٣٣٣", "-12345", "123456\n"]) {
      expect(isPin(text)).toBe(false);
      expect(() => modifyPin(text, INITIAL_MODIFIER)).toThrow(
        expect.objectContaining({ code: "pin-invalid" }),
      );
    }
  });
});

describe("PIN tag", () => {
  const random = seededBytes("pin tag");
  const key = modifyPin("314159", random(32));
  const input: PinTagInput = {
    binding: random(32),
    accountId: "account",
    deviceId: "device",
    count: 5,
    pinGeneration: 1,
    component: random(32),
    plain: random(100),
  };
  const tag = createPinTag(key, input);

  test("verifies, and only with every part of its input", () => {
    expect(verifyPinTag(tag, key, input)).toBe(true);
    const others: readonly Partial<PinTagInput>[] = [
      { binding: flipBit(input.binding) },
      { accountId: "accounu" },
      { deviceId: "devicf" },
      { accountId: "accountd", deviceId: "evice" },
      { count: 6 },
      { pinGeneration: 0 },
      { count: 1, pinGeneration: 5 },
      { component: flipBit(input.component) },
      { plain: flipBit(input.plain) },
    ];
    for (const other of others) expect(verifyPinTag(tag, key, { ...input, ...other })).toBe(false);
    expect(verifyPinTag(flipBit(tag), key, input)).toBe(false);
    expect(verifyPinTag(tag.slice(0, 31), key, input)).toBe(false);
  });

  test("two PINs never share a tag", () => {
    fc.assert(
      fc.property(pin, pin, (one, other) => {
        fc.pre(BigInt(one) !== BigInt(other));
        const modifier = input.binding;
        expect(
          verifyPinTag(
            createPinTag(modifyPin(one, modifier), input),
            modifyPin(other, modifier),
            input,
          ),
        ).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});
