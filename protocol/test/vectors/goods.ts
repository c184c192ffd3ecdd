import { concatBytes, encryptGoods, goodsKey } from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { flipBit, hex, type JsonObject, type VectorFile } from "./form.ts";
import type { SessionOnStage } from "./initiation.ts";
import { operate } from "./operations.ts";
import type { Stage } from "./stage.ts";
export async function goodsFile(
  stage: Stage,
  { session, context: base }: SessionOnStage,
  goodsId: string,
  goods: Uint8Array,
): Promise<VectorFile> {
  const context = { ...base, goodsId, firstChunk: 0 };
  const about = { ...stage.world.quoteInput, goodsId };
  const deliver = async (source: Uint8Array, salt: Uint8Array, first = 0) => {
    const pieces: Uint8Array[] = [];
    const delivery = encryptGoods(nodeGoodsCipher, session.key, about, [source], first, salt);
    for await (const piece of delivery) pieces.push(piece);
    return concatBytes(...pieces);
  };
  const positive = async (name: string, source: Uint8Array, first: number) => {
    const salt = stage.bytes(`salt of ${name}`, 32);
    const body = await deliver(source, salt, first);
    const own = { ...context, firstChunk: first };
    return {
      name,
      context: { firstChunk: first },
      inputs: { salt: hex(salt), goods: hex(source) },
      intermediate: { key: hex(goodsKey(session.key, salt, about)) },
      message: { hex: hex(body) },
      result: await operate("goods", stage.world.crypto, own, body),
    };
  };
  const body = await deliver(goods, stage.bytes("salt of a small text", 32));
  const damaged = (name: string, bytes: Uint8Array, override: JsonObject = {}) => ({
    name,
    context: override,
    message: { hex: hex(bytes) },
    error: "goods-damaged",
  });
  const pattern = Uint8Array.from({ length: 65_600 }, (_, i) => i % 251);
  const long = await deliver(pattern, stage.bytes("salt of two chunks", 32));
  return {
    kind: "goods",
    describes: "Step 10, as the CTS decrypts it. The long ones are bytes i mod 251.",
    context,
    positive: [
      await positive("a small text", goods, 0),
      await positive("nothing", new Uint8Array(), 0),
      await positive("resumed at chunk 3", goods, 3),
      await positive("two chunks", pattern, 0),
    ],
    negative: [
      damaged("nothing", new Uint8Array()),
      damaged("a salt that is cut", body.slice(0, 31)),
      damaged("a salt and no chunk", body.slice(0, 32)),
      damaged("a tag that is cut", body.slice(0, -1)),
      damaged("a byte more", concatBytes(body, Uint8Array.of(0))),
      damaged("a bit of the salt", flipBit(body, 0)),
      damaged("a bit of the goods", flipBit(body, 32 * 8)),
      damaged("a bit of the tag", flipBit(body)),
      damaged("another chunk than asked for", body, { firstChunk: 1 }),
      damaged("other goods", body, { goodsId: stage.id("other") }),
      damaged("another session", body, { segmentGoods: "00".repeat(32) }),
      damaged("cut behind the first chunk", long.slice(0, 32 + 65_552)),
      damaged("without the first chunk", concatBytes(long.slice(0, 32), long.slice(32 + 65_552))),
    ],
  };
}
