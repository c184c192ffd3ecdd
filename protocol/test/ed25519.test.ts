/** Both backends verify Ed25519 alike: RFC 8032 without cofactor, nothing that only ZIP 215 takes. */
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeCrypto, nodeSigner, verifyEd25519InPool } from "@chit/protocol/node";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, utf8 } from "../src/bytes.ts";
import { isSoundPublicKey } from "../src/node/crypto.ts";
import { seededBytes } from "./fixture.ts";
import { flipBit } from "./vectors/form.ts";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
type EdPoint = typeof Point.BASE;
const torsion = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex));

interface Odd {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** A signature of the holder of `a` and `r` who adds what he likes to both points. */
function craft(name: string, a: bigint, keyExtra: EdPoint, r: bigint, extra: EdPoint): Odd {
  const times = (scalar: bigint) => Point.BASE.multiplyUnsafe(scalar);
  const publicKey = times(a).add(keyExtra).toBytes();
  const point = times(r).add(extra).toBytes();
  const message = utf8(name);
  const k = bytesToNumberLE(sha512(concatBytes(point, publicKey, message))) % ORDER;
  const s = numberToBytesLE((r + k * a) % ORDER, 32);
  return { name, publicKey, message, signature: concatBytes(point, s) };
}

const a = 1_234_567_890_123_456_789n;
const r = 9_876_543_210_987_654_321n;
const odd: Odd[] = torsion.flatMap((point, i) => [
  craft(`public key of small order ${i}`, 0n, point, r, Point.ZERO),
  ...(i === 0
    ? []
    : [
        craft(`R of mixed order ${i}`, a, Point.ZERO, r, point),
        craft(`R of small order ${i}`, a, Point.ZERO, 0n, point),
      ]),
]);
// y = p + 1 is the neutral element in another coat, as key and as R.
const overlong = Uint8Array.from([0xee, ...Array<number>(30).fill(0xff), 0x7f]);
odd.push({
  name: "public key not canonical",
  publicKey: overlong,
  message: utf8("x"),
  signature: concatBytes(Point.ZERO.toBytes(), new Uint8Array(32)),
});

describe.each([
  ["node", nodeCrypto(seededBytes("ed25519"))],
  ["noble", nobleCrypto(seededBytes("ed25519"))],
  ["node's pool", { verifyEd25519: verifyEd25519InPool }],
] as const)("Ed25519 with %s", (_name, { verifyEd25519 }) => {
  test.each(odd)(
    "refuses what ZIP 215 accepts: $name",
    async ({ publicKey, message, signature }) => {
      expect(ed25519.verify(signature, message, publicKey, { zip215: true })).toBe(true);
      expect(await verifyEd25519(publicKey, message, signature)).toBe(false);
    },
  );

  test("accepts RFC 8032's own signatures", async () => {
    // Section 7.1, test 3.
    const signer = nodeSigner(
      Buffer.from("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "hex"),
    );
    const message = Uint8Array.of(0xaf, 0x82);
    const signature = Buffer.from(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
      "hex",
    );
    expect(Buffer.from(signer.sign(message)).equals(signature)).toBe(true);
    expect(await verifyEd25519(signer.publicKey, message, signature)).toBe(true);
    expect(await verifyEd25519(signer.publicKey, utf8(""), signature)).toBe(false);
  });

  test("refuses S + L, and keys and signatures of other lengths, without throwing", async () => {
    const { publicKey, message, signature } = craft("raised", a, Point.ZERO, r, Point.ZERO);
    expect(await verifyEd25519(publicKey, message, signature)).toBe(true);
    const s = bytesToNumberLE(signature.subarray(32));
    const raised = concatBytes(signature.slice(0, 32), numberToBytesLE(s + ORDER, 32));
    expect(await verifyEd25519(publicKey, message, raised)).toBe(false);
    for (const length of [0, 31, 33, 64]) {
      expect(await verifyEd25519(new Uint8Array(length), message, signature)).toBe(false);
    }
    for (const length of [0, 63, 65, 128]) {
      expect(await verifyEd25519(publicKey, message, new Uint8Array(length))).toBe(false);
    }
  });

  test("refuses any flipped bit of signature, message and key", async () => {
    const signer = nodeSigner(seededBytes("signer")(32));
    const message = utf8("a chit");
    const signature = signer.sign(message);
    const bit = (bytes: Uint8Array) => fc.integer({ min: 0, max: bytes.length * 8 - 1 });
    await fc.assert(
      fc.asyncProperty(
        bit(signature),
        bit(message),
        bit(signer.publicKey),
        async (inS, inM, inK) => {
          expect(await verifyEd25519(signer.publicKey, message, flipBit(signature, inS))).toBe(
            false,
          );
          expect(await verifyEd25519(signer.publicKey, flipBit(message, inM), signature)).toBe(
            false,
          );
          expect(await verifyEd25519(flipBit(signer.publicKey, inK), message, signature)).toBe(
            false,
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});

test("the node backend itself refuses unsound public keys, whatever its OpenSSL does", () => {
  for (const point of torsion) {
    const key = point.toBytes();
    expect(isSoundPublicKey(key)).toBe(false);
    expect(isSoundPublicKey(flipBit(key, 31 * 8))).toBe(false);
  }
  for (let low = 0xed; low <= 0xff; low++) {
    for (const high of [0x7f, 0xff]) {
      const key = Uint8Array.from([low, ...Array<number>(30).fill(0xff), high]);
      expect(isSoundPublicKey(key)).toBe(false);
    }
  }
  for (let scalar = 1n; scalar < 50n; scalar++) {
    expect(isSoundPublicKey(Point.BASE.multiplyUnsafe(scalar).toBytes())).toBe(true);
  }
  const nearlyP = Uint8Array.from([0xeb, ...Array<number>(30).fill(0xff), 0x7f]);
  expect(isSoundPublicKey(nearlyP)).toBe(true);
});
