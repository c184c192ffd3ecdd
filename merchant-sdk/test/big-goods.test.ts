import { fork } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chunkCount, decryptGoods, deliveryLength, LIMITS } from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { expect, onTestFinished, test } from "vitest";
import type { Order } from "./big-goods-shop.ts";
import { temporaryDirectory } from "./temporary.ts";
import { TestIssuer, TestWallet } from "./world.ts";

const MIB = 1_048_576;
const SIZE = 256 * MIB;
const zeros = new Uint8Array(LIMITS.goodsChunkBytes);

function startShop() {
  const child = fork(join(import.meta.dirname, "big-goods-shop.ts"), { silent: false });
  onTestFinished(() => void child.kill());
  const next = <R>() =>
    new Promise<R>((resolve, reject) => {
      child.once("message", (message) => resolve(message as R));
      child.once("exit", () => reject(new Error("The shop's process ended.")));
    });
  const ask = <R>(order: Order) => {
    const answer = next<R>();
    child.send(order);
    return answer;
  };
  return { next, ask };
}

/** Receives a delivery as a wallet does, chunk by chunk; tells how many bytes came, all of them zero. */
async function receive(wallet: TestWallet, firstChunk: number): Promise<number> {
  const [item] = wallet.advice.goods;
  if (item === undefined) throw new Error("No goods.");
  const response = await fetch(wallet.advice.sendGoodsUrl ?? "", {
    method: "POST",
    body: Uint8Array.from(wallet.sendGoods(item.goodsId, firstChunk)),
  });
  expect(response.headers.get("content-length")).toBe(String(deliveryLength(SIZE, firstChunk)));
  if (response.body === null) throw new Error("No body.");
  const subject = { ...wallet.subject, goodsId: item.goodsId };
  const { key } = wallet.session;
  let length = 0;
  for await (const chunk of decryptGoods(
    nodeGoodsCipher,
    key,
    subject,
    response.body,
    firstChunk,
  )) {
    if (Buffer.compare(chunk, zeros.subarray(0, chunk.length)) !== 0)
      throw new Error("Other bytes than the file's.");
    length += chunk.length;
  }
  return length;
}

test("a large file is delivered, and resumed in its middle, in constant memory", {
  timeout: 120_000,
}, async () => {
  const goods = join(temporaryDirectory(), "film.mp4");
  writeFileSync(goods, "");
  truncateSync(goods, SIZE);
  const shop = startShop();
  const { port } = await shop.next<{ port: number }>();
  const origin = `http://127.0.0.1:${port}`;
  const issuer = new TestIssuer(Math.floor(Date.now() / 1_000));
  const { keys, bundle } = await issuer.merchant([origin]);
  await shop.ask({ files: { keys, bundle }, goods });
  const { memory: before } = await shop.ask<{ memory: number }>("memory");
  const wallet = await TestWallet.visit(issuer, `${origin}/big`);
  await wallet.initiate();
  await wallet.pay();

  expect(await receive(wallet, 0)).toBe(SIZE);
  const late = (chunkCount(SIZE) * 3) / 4;
  expect(await receive(wallet, late)).toBe(SIZE / 4);

  const { memory: most } = await shop.ask<{ memory: number }>("memory");
  expect(before).toBeGreaterThan(0);
  // Half of the file: heap and buffers that wait for collection stay below it, whoever keeps the goods does not.
  expect((most - before) / MIB).toBeLessThan(SIZE / MIB / 2);
});
