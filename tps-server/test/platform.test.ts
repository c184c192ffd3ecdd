/** Chance of the real world. */
import { expect, test } from "vitest";
import { systemPlatform } from "../src/platform.ts";

const SIZES = [16, 32, 12, 1, 4_096, 4_095, 5_000, 0];

test("random bytes are as many as were asked for, never the same, and nobody else's", () => {
  const seen = new Set<string>();
  for (let round = 0; round < 500; round++) {
    for (const size of SIZES) {
      const bytes = systemPlatform.randomBytes(size);
      expect(bytes.length).toBe(size);
      // A view of a shared supply would give whoever holds it the next numbers as well.
      expect(bytes.buffer.byteLength).toBe(size);
      if (size >= 12) seen.add(Buffer.from(bytes.subarray(0, 12)).toString("hex"));
    }
  }
  expect(seen.size).toBe(500 * SIZES.filter((size) => size >= 12).length);
});
