/** Whom a shop knows again: nobody by default, and then by a name that no other shop has. */
import {
  createSessionInitiation,
  LIMITS,
  LOYALTY_SECRET_BYTES,
  loyaltyPseudonym,
  openSessionInitiation,
} from "@chit/protocol";
import { describe, expect, test } from "vitest";
import { createWorld } from "./fixture.ts";

const malformed = expect.objectContaining({ name: "ChitError", code: "malformed-message" });

test("all session initiations have one size, whatever is told in them", async () => {
  const world = await createWorld("sizes");
  const key = { kid: world.merchantKey.keyId, publicKey: world.merchantKey.publicRaw };
  const subject = { ...world.quoteInput, quoteHash: new Uint8Array(32) };
  const longest = "語".repeat(LIMITS.addressLineLength);
  const address = {
    name: longest,
    lines: [longest, longest, longest, longest],
    postalCode: "語".repeat(20),
    city: longest,
    region: longest,
    country: "JP",
    contact: longest,
  };
  const sizes = [];
  for (const told of [
    { address: null, loyalty: null },
    { address: null, loyalty: world.id() },
    { address, loyalty: null },
    { address, loyalty: world.id() },
  ]) {
    const { body } = await createSessionInitiation(world.crypto, key, subject, told);
    expect((await openSessionInitiation(world.crypto, world.merchantKey, body)).address).toEqual(
      told.address,
    );
    sizes.push(body.length);
  }
  expect(new Set(sizes).size).toBe(1);
});

describe("loyalty", () => {
  const secret = new Uint8Array(LOYALTY_SECRET_BYTES).fill(7);
  const [shop, other] = ["AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBA"] as const;
  test("a shop sees one name, another shop another, and after a revocation all are new", () => {
    const names = [
      loyaltyPseudonym(secret, shop, 0),
      loyaltyPseudonym(secret, other, 0),
      loyaltyPseudonym(secret, shop, 1),
      loyaltyPseudonym(new Uint8Array(LOYALTY_SECRET_BYTES), shop, 0),
    ];
    expect(new Set(names).size).toBe(4);
    expect(loyaltyPseudonym(secret, shop, 0)).toBe(names[0]);
  });
  test.each([-1, 0.5, 2 ** 53])("%s is no epoch", (epoch) => {
    expect(() => loyaltyPseudonym(secret, shop, epoch)).toThrow(malformed);
  });
});
