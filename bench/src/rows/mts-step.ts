/** `mts.step`, `memory.mts`: the merchant's CPU for a whole sale, against an Express route that sends the same bytes. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBenchShop } from "../mts/opening.ts";
import type { PlainAnswer } from "../mts/orders.ts";
import { buyAndOpen, type Exchange, openConnections, repeat } from "../mts/sale.ts";
import type { BenchServer } from "../mts/server.ts";
import { alternate } from "../rounds.ts";
import type { Row } from "../row.ts";

/** An article with a picture. */
const GOODS_BYTES = 65_536;
/** Shoppers at once. */
const AT_ONCE = 16;

export const mtsStep: Row = {
  name: "mts.step",
  async measure(context) {
    const { effort, onEnd } = context;
    const { rounds, sales, saleWarmUp } = effort;
    const { market, shop, plain, directory, restMegabytes } = await openBenchShop(
      context,
      async (folder) => {
        const goods = join(folder, "article.jpg");
        await writeFile(goods, randomBytes(GOODS_BYTES));
        return goods;
      },
    );

    const { send, close } = openConnections();
    onEnd(async () => close());
    const sell = () => buyAndOpen(market, shop.origin, send);
    const exchanges = await sell();
    await plain.order({
      order: "answer",
      answers: await answersOf(exchanges, directory),
      directory,
    });
    const repeatSale = () => repeat(exchanges, plain.origin, send);
    await times(saleWarmUp, sell);
    await times(saleWarmUp, repeatSale);

    const seen = await alternate(rounds, {
      shop: () => cpuOf(shop, sales, sell),
      plain: () => cpuOf(plain, sales, repeatSale),
    });
    const { peakMegabytes } = await shop.usage();
    return [
      {
        name: "mts.step",
        value: seen.shop,
        unit: "µs CPU a sale",
        ratio: seen.shop / seen.plain,
        against: `Express, the same ${exchanges.length} answers, ${Math.round(seen.plain)} µs`,
        rounds,
      },
      {
        name: "memory.mts",
        value: peakMegabytes,
        unit: "MB",
        ratio: peakMegabytes / restMegabytes,
        against: `at rest, ${Math.round(restMegabytes)} MB`,
        rounds,
      },
    ];
  },
};

/** What the plain server answers: the same bytes; the goods, which are a file in the shop, from a file. */
async function answersOf(
  exchanges: readonly Exchange[],
  directory: string,
): Promise<PlainAnswer[]> {
  const goods = exchanges.at(-1);
  const file = join(directory, "delivery.bin");
  await writeFile(file, goods?.body ?? "");
  return exchanges.map(({ method, path, status, type, body }, index) => ({
    method,
    path,
    status,
    type,
    body: index === exchanges.length - 1 ? file : body,
  }));
}

/** Microseconds of CPU that a server spends on each of `count` sales. */
async function cpuOf(
  server: BenchServer,
  count: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await server.usage();
  await times(count, work);
  const after = await server.usage();
  return (after.cpuMicroseconds - before.cpuMicroseconds) / count;
}

/** Does `work` so often, some at once. */
async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const shopper = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, shopper));
}
