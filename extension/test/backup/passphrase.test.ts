import { expect, test } from "vitest";
import {
  canonicalPassphrase,
  strengthOf,
  suggestPassphrase,
} from "../../src/cts/backup/passphrase.ts";
import { seededBytes } from "../support/world.ts";

const suggested = suggestPassphrase(seededBytes("passphrase"));

test("a suggested passphrase has 100 random bits in groups, and another one each time", () => {
  expect(suggested).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$/);
  const random = seededBytes("many");
  const many = Array.from({ length: 200 }, () => suggestPassphrase(random));
  expect(new Set(many).size).toBe(200);
  // Every digit comes up.
  expect(new Set(many.join("").replaceAll("-", "")).size).toBe(32);
});

test("a suggested passphrase may be typed in capitals, with blanks, without hyphens, with O, I and L", () => {
  const typed = suggested.replaceAll("0", "O").replaceAll("1", "l");
  for (const text of [
    suggested.toUpperCase(),
    suggested.replaceAll("-", " "),
    suggested.replaceAll("-", ""),
    ` ${typed}\n`,
    typed.toUpperCase(),
  ]) {
    expect(canonicalPassphrase(text), text).toBe(suggested);
  }
});

test("of one's own passphrase only white space and composed letters are evened out", () => {
  expect(canonicalPassphrase("  Grün  und\tLila ")).toBe("Grün und Lila");
  expect(canonicalPassphrase("Gru\u0308n")).toBe("Grün");
  expect(canonicalPassphrase("Lila")).not.toBe(canonicalPassphrase("lila"));
  expect(canonicalPassphrase("lo-lo")).toBe("lo-lo");
});

test.each([
  ["", "too-short"],
  ["elevenchars", "too-short"],
  ["aaaaaaaaaaaaaaaaaaaaaaaa", "weak"],
  ["abababababababababababab", "weak"],
  ["1234 1234 1234 1234", "weak"],
  ["20260214201912", "weak"],
  ["marmalade1234", "weak"],
  ["teapot under the", "fair"],
  ["teapot under nineteen violins", "strong"],
])("%s is %s", (text, strength) => {
  expect(strengthOf(text)).toBe(strength);
});

test("a suggested passphrase is strong", () => {
  expect(strengthOf(suggested)).toBe("strong");
});
