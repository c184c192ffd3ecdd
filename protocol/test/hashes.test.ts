/** `#hashes` is node:crypto on servers and noble in browsers: one and the same function. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as noble from "../src/noble/hashes.ts";
import * as node from "../src/node/hashes.ts";
import { hex, unhex } from "./vectors/form.ts";

const bytes = fc.uint8Array({ maxLength: 300 });

describe.each([
  ["node", node],
  ["noble", noble],
] as const)("%s", (_name, { sha256, hmacSha256, hkdfSha256 }) => {
  test("SHA-256 of FIPS 180-4's example", () => {
    expect(hex(sha256(unhex("616263")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("HMAC of RFC 4231, test case 2", () => {
    const mac = hmacSha256(
      unhex("4a656665"),
      unhex("7768617420646f2079612077616e7420666f72206e6f7468696e673f"),
    );
    expect(hex(mac)).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });

  test("HKDF of RFC 5869, test case 1", () => {
    const [ikm, salt, info] = [
      "0b".repeat(22),
      "000102030405060708090a0b0c",
      "f0f1f2f3f4f5f6f7f8f9",
    ];
    const okm = hkdfSha256(unhex(ikm), unhex(salt), unhex(info), 42);
    expect(hex(okm)).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });
});

test("node and noble agree on everything, and give plain byte arrays", () => {
  fc.assert(
    fc.property(
      bytes,
      bytes,
      bytes,
      fc.integer({ min: 1, max: 100 }),
      (key, data, info, length) => {
        const pairs = [node, noble].map(({ sha256, hmacSha256, hkdfSha256 }) => [
          sha256(data),
          hmacSha256(key, data),
          hkdfSha256(key, data, info, length),
        ]);
        expect(pairs[0]).toStrictEqual(pairs[1]);
      },
    ),
  );
});
