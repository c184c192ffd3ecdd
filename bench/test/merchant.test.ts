import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { measureRows } from "../src/measure.ts";
import { openBenchShop } from "../src/mts/opening.ts";
import { buyAndOpen, openConnections, repeat } from "../src/mts/sale.ts";
import { startServer } from "../src/mts/server.ts";
import { QUICK } from "../src/row.ts";
import { goodsStream } from "../src/rows/goods-stream.ts";
import { mtsStep } from "../src/rows/mts-step.ts";

const TINY = {
  ...QUICK,
  rounds: 1,
  directory: tmpdir(),
  sales: 4,
  saleWarmUp: 1,
  goodsMegabytes: 1,
};

test("the merchant's rows sell for real, and tell what both sides took", async () => {
  const results = await measureRows([mtsStep, goodsStream], TINY, () => undefined);
  const names = results.map(({ name }) => name);
  expect(names).toEqual(["mts.step", "memory.mts", "goods.stream", "memory.goods"]);
  for (const { value, ratio, rounds } of results) {
    expect([value > 0, Number(ratio) > 0, rounds]).toEqual([true, true, 1]);
  }
}, 120_000);

test("memory is the most that a server held, and its own", async () => {
  const endings: (() => Promise<void>)[] = [];
  const here = Buffer.alloc(300_000_000, 1);
  const onEnd = (work: () => Promise<void>) => void endings.push(work);
  try {
    const plain = await startServer({ onEnd }, "plain-process.ts");
    const { residentMegabytes, peakMegabytes } = await plain.usage();
    expect(peakMegabytes).toBeGreaterThanOrEqual(residentMegabytes * 0.99);
    expect(peakMegabytes).toBeLessThan(here.length / 1_048_576);
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}, 120_000);

test("a round in which a server answers anything but the sale's bytes fails", async () => {
  const { send, close } = openConnections();
  const endings: (() => Promise<void>)[] = [async () => close()];
  const context = {
    effort: TINY,
    say: () => undefined,
    onEnd: (work: () => Promise<void>) => void endings.push(work),
  };
  try {
    const { market, shop, plain, directory } = await openBenchShop(
      context,
      async () => import.meta.filename,
    );
    const exchanges = await buyAndOpen(market, shop.origin, send);
    expect(exchanges.map(({ method, status }) => `${method} ${status}`)).toEqual([
      "GET 402",
      "GET 200",
      "POST 200",
      "POST 200",
      "POST 200",
    ]);
    const order = (cut: number) =>
      plain.order({
        order: "answer",
        answers: exchanges.map((one) => ({ ...one, body: one.body.subarray(cut) })),
        directory,
      });
    await expect(repeat(exchanges, plain.origin, send)).rejects.toThrow("404");
    await order(1);
    await expect(repeat(exchanges, plain.origin, send)).rejects.toThrow("other bytes");
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}, 120_000);
