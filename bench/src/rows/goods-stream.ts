/**
 * `goods.stream`, `memory.goods`: encrypted delivery of a large file, against `express.static` with the same file. The reader
 * counts bytes on both sides and decrypts on none, so that it bounds neither; the delivery that does not count is opened and
 * compared with its digest.
 */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { basename, join } from "node:path";
import { openBenchShop } from "../mts/opening.ts";
import { buy, openConnections } from "../mts/sale.ts";
import { alternate } from "../rounds.ts";
import type { Row } from "../row.ts";

const MEGABYTE = 1_048_576;
const FILE = "film.mp4";

export const goodsStream: Row = {
  name: "goods.stream",
  async measure(context) {
    const { effort, onEnd } = context;
    const { rounds, goodsMegabytes } = effort;
    const { market, shop, plain, directory, restMegabytes } = await openBenchShop(
      context,
      async (folder) => writeLargeFile(join(folder, FILE), goodsMegabytes),
    );
    await plain.order({ order: "answer", answers: [], directory });
    const { send, close } = openConnections();
    onEnd(async () => close());
    const { sendGoodsUrl, sendGoods, open } = await buy(market, shop.origin, send);

    const delivery = () => fetchStream(sendGoodsUrl, sendGoods);
    const file = () => fetchStream(`${plain.origin}/files/${FILE}`);
    await open(await delivery());
    await megabytesASecond(file, goodsMegabytes);
    const seen = await alternate(rounds, {
      shop: () => megabytesASecond(delivery, goodsMegabytes),
      static: () => megabytesASecond(file, goodsMegabytes),
    });
    const { peakMegabytes } = await shop.usage();
    return [
      {
        name: "goods.stream",
        value: seen.shop,
        unit: "MB/s",
        ratio: seen.shop / seen.static,
        against: `express.static, ${goodsMegabytes} MB, ${Math.round(seen.static)} MB/s`,
        rounds,
      },
      {
        name: "memory.goods",
        value: peakMegabytes,
        unit: "MB",
        ratio: peakMegabytes / restMegabytes,
        against: `at rest, ${Math.round(restMegabytes)} MB`,
        rounds,
      },
    ];
  },
};

/** Bytes that no file system can keep in less space. */
async function writeLargeFile(path: string, megabytes: number): Promise<string> {
  const handle = await open(path, "w");
  try {
    for (let i = 0; i < megabytes; i++) await handle.writeFile(randomBytes(MEGABYTE));
  } finally {
    await handle.close();
  }
  return path;
}

/** Asks for a stream; `sent` undefined: GET. */
function fetchStream(url: string, sent?: Uint8Array): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const method = sent === undefined ? "GET" : "POST";
    // A connection of its own, that ends with the answer.
    const outgoing = request(url, { agent: false, method }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${basename(url)}: ${response.statusCode}`));
    });
    outgoing.on("error", reject);
    outgoing.end(sent);
  });
}

/** From the request to the last byte. */
async function megabytesASecond(
  start: () => Promise<IncomingMessage>,
  megabytes: number,
): Promise<number> {
  const startedAt = performance.now();
  const response = await start();
  const received = await countBytes(response);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (received < megabytes * MEGABYTE) throw new Error(`Only ${received} bytes came.`);
  return megabytes / seconds;
}

function countBytes(response: IncomingMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = 0;
    response.on("data", (piece: Buffer) => {
      received += piece.length;
    });
    response.on("error", reject);
    response.on("end", () => resolve(received));
  });
}
