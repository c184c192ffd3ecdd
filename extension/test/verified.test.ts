/** What verified once is remembered, and nothing else passes for it. */
import type { ProtocolCrypto } from "@chit/protocol";
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeSigner } from "@chit/protocol/node";
import { expect, test } from "vitest";
import { WALLET_LIMITS } from "../src/cts/limits.ts";
import { rememberingVerified } from "../src/cts/verified.ts";
import { seededBytes } from "./support/world.ts";

const random = seededBytes("verified");
const signer = nodeSigner(random(32));
const key = signer.publicKey;
const signed = (text: string) => {
  const message = new TextEncoder().encode(text);
  return { message, signature: signer.sign(message) };
};

/** The memory, and how often something was computed. */
function remembering(): { verify: ProtocolCrypto["verifyEd25519"]; computed: () => number } {
  const crypto = nobleCrypto(random);
  let count = 0;
  const { verifyEd25519 } = rememberingVerified({
    ...crypto,
    verifyEd25519(...asked) {
      count += 1;
      return crypto.verifyEd25519(...asked);
    },
  });
  return { verify: verifyEd25519, computed: () => count };
}

test("a signature that verified is not computed again", () => {
  const { verify, computed } = remembering();
  const { message, signature } = signed("a chit");
  expect([verify(key, message, signature), verify(key, message, signature)]).toEqual([true, true]);
  expect(computed()).toBe(1);
});

test("a remembered signature does for no other message, key or signature", () => {
  const { verify } = remembering();
  const { message, signature } = signed("a chit");
  expect(verify(key, message, signature)).toBe(true);
  const flipped = (bytes: Uint8Array) =>
    bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
  expect(verify(flipped(key), message, signature)).toBe(false);
  expect(verify(key, flipped(message), signature)).toBe(false);
  expect(verify(key, message, flipped(signature))).toBe(false);
  expect(verify(key, message.subarray(1), signature)).toBe(false);
});

test("what its caller does to the bytes afterwards changes nothing that is remembered", () => {
  const { verify } = remembering();
  const { message, signature } = signed("a chit");
  expect(verify(key, message, signature)).toBe(true);
  message[0] = 0;
  expect(verify(key, message, signature)).toBe(false);
});

test("a failure is not remembered, and what was longest ago is forgotten", () => {
  const { verify, computed } = remembering();
  const wrong = { ...signed("a chit"), signature: new Uint8Array(64) };
  expect(verify(key, wrong.message, wrong.signature)).toBe(false);
  expect(verify(key, wrong.message, wrong.signature)).toBe(false);
  expect(computed()).toBe(2);
  const all = Array.from({ length: WALLET_LIMITS.verifiedSignatures + 1 }, (_, i) =>
    signed(`${i}`),
  );
  for (const { message, signature } of all) expect(verify(key, message, signature)).toBe(true);
  const [first, second] = all;
  const before = computed();
  if (second !== undefined) verify(key, second.message, second.signature);
  expect(computed()).toBe(before);
  if (first !== undefined) verify(key, first.message, first.signature);
  expect(computed()).toBe(before + 1);
});
