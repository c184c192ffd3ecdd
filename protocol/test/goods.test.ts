/** Step 10: identical goods whatever the pieces and wherever resumed; nothing is cut, moved or swapped unnoticed. */
import {
  chunkCount,
  concatBytes,
  decryptGoods,
  deliveryLength,
  encryptGoods,
  GOODS_SALT_BYTES,
  GOODS_TAG_BYTES,
  goodsKey,
  LIMITS,
} from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededBytes } from "./fixture.ts";
import { flipBit, hex } from "./vectors/form.ts";

const CHUNK = LIMITS.goodsChunkBytes;
const SEALED = CHUNK + GOODS_TAG_BYTES;
const random = seededBytes("goods");
const key = { goods: random(32) };
const about = { merchantId: "m", transactionNumber: "t", goodsId: "g" };
const material = random(4 * CHUNK);

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(Uint8Array.from(piece));
  return concatBytes(...all);
}

/** Cuts bytes at the given places. */
function* pieces(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts].map((part) => part % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

async function* wire(bytes: Uint8Array, cuts: readonly number[] = []) {
  yield* pieces(bytes, cuts);
}

const encrypt = (goods: Uint8Array, first = 0, salt = random(32), cuts: readonly number[] = []) =>
  collect(encryptGoods(nodeGoodsCipher, key, about, pieces(goods, cuts), first, salt));
const decrypt = (body: Uint8Array, first = 0, cuts: readonly number[] = []) =>
  collect(decryptGoods(nodeGoodsCipher, key, about, wire(body, cuts), first));
const damaged = expect.objectContaining({ code: "goods-damaged" });

const size = fc.oneof(
  fc.constantFrom(0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1, 3 * CHUNK),
  fc.nat(material.length),
);
const cuts = fc.array(fc.nat(material.length), { maxLength: 6 });

describe("goods", () => {
  test("arrive the same, whatever the pieces on either side", async () => {
    await fc.assert(
      fc.asyncProperty(size, cuts, cuts, async (length, cutsIn, cutsOut) => {
        const goods = material.subarray(0, length);
        const body = await encrypt(goods, 0, random(32), cutsIn);
        expect(body.length).toBe(deliveryLength(length, 0));
        expect((await decrypt(body, 0, cutsOut)).length).toBe(length);
        expect(Buffer.compare(await decrypt(body, 0, cutsOut), goods)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test("arrive the same in pieces of one byte", async () => {
    const goods = material.subarray(0, 300);
    const body = await encrypt(goods, 0, random(32), Array.from(goods.keys()));
    expect(hex(await decrypt(body, 0, Array.from(body.keys())))).toBe(hex(goods));
  });

  test("can be resumed at any chunk", async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(3), async (length, wanted) => {
        const first = wanted % chunkCount(length);
        const goods = material.subarray(0, length);
        const rest = goods.subarray(first * CHUNK);
        const body = await encrypt(rest, first);
        expect(body.length).toBe(deliveryLength(length, first));
        expect(Buffer.compare(await decrypt(body, first), rest)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test("cut at any border of chunks are noticed", async () => {
    for (const length of [1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]) {
      const body = await encrypt(material.subarray(0, length));
      for (let end = GOODS_SALT_BYTES; end < body.length; end += SEALED) {
        await expect(decrypt(body.slice(0, end)), `${length} cut at ${end}`).rejects.toThrow(
          damaged,
        );
      }
    }
  });

  test("cut anywhere, or with a bit flipped, are noticed", async () => {
    const body = await encrypt(material.subarray(0, CHUNK + 200));
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.nat(7), async (at, bit) => {
        await expect(decrypt(body.slice(0, at))).rejects.toThrow(damaged);
        await expect(decrypt(flipBit(body, at * 8 + bit))).rejects.toThrow(damaged);
      }),
      { numRuns: 40 },
    );
  });

  test("with chunks swapped, doubled or left out are noticed", async () => {
    const body = await encrypt(material.subarray(0, 3 * CHUNK));
    const salt = body.slice(0, 32);
    const [a, b, c] = [0, 1, 2].map((i) => body.slice(32 + i * SEALED, 32 + (i + 1) * SEALED));
    if (a === undefined || b === undefined || c === undefined) throw new Error("no chunks");
    for (const order of [[b, a, c], [a, a, b, c], [a, c], [c], [a, b, c, c], [c, b, a]]) {
      await expect(decrypt(concatBytes(salt, ...order))).rejects.toThrow(damaged);
    }
  });

  test("of another delivery, thing, transaction, merchant or session do not open", async () => {
    const salt = random(32);
    const body = await encrypt(material.subarray(0, 100), 0, salt);
    const keys = [
      goodsKey(key, salt, about),
      goodsKey(key, random(32), about),
      goodsKey({ goods: random(32) }, salt, about),
      goodsKey(key, salt, { ...about, goodsId: "h" }),
      goodsKey(key, salt, { ...about, transactionNumber: "u" }),
      goodsKey(key, salt, { ...about, merchantId: "n" }),
      goodsKey(key, salt, { ...about, merchantId: "mt", transactionNumber: "" }),
    ];
    expect(new Set(keys.map(hex)).size).toBe(keys.length);
    await expect(decrypt(body, 1)).rejects.toThrow(damaged);
  });
});
