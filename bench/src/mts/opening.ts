/** A shop and the plain server beside it, in processes of their own, for the rows of the merchant's side. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RowContext } from "../row.ts";
import { type Market, openMarket } from "./market.ts";
import { type BenchServer, startServer } from "./server.ts";

/** Both servers. */
export interface BenchShop {
  readonly market: Market;
  readonly shop: BenchServer;
  readonly plain: BenchServer;
  /** Of the shop's database, on a disk; files in it are removed when the row ends. */
  readonly directory: string;
  /** Resident memory of the shop before its first sale, in MB. */
  readonly restMegabytes: number;
}

/**
 * Opens a shop that sells one file at `/article`.
 *
 * @param makeGoods makes the file in the directory that it is given, and returns its path
 */
export async function openBenchShop(
  context: RowContext,
  makeGoods: (directory: string) => Promise<string>,
): Promise<BenchShop> {
  const { effort, onEnd } = context;
  await mkdir(effort.directory, { recursive: true });
  const directory = await mkdtemp(join(effort.directory, "bench-shop-"));
  onEnd(() => rm(directory, { recursive: true, force: true }));
  const goods = await makeGoods(directory);
  const [shop, plain] = await Promise.all([
    startServer(context, "shop-process.ts"),
    startServer(context, "plain-process.ts"),
  ]);
  const market = await openMarket(shop.origin);
  const { keys, bundle } = market;
  await shop.order({ order: "open", keys, bundle, directory, goods });
  const { residentMegabytes } = await shop.usage();
  return { market, shop, plain, directory, restMegabytes: residentMegabytes };
}
