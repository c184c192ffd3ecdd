/** A TPS in a year whose partitions no migration made ahead, and what is needed to see where payments are. */
import { monthBounds } from "@chit/protocol";
import { collectPayments } from "../../src/clearing/collect.ts";
import { settle } from "../../src/clearing/settle.ts";
import { appendToLog } from "../../src/log/append.ts";
import { addPartitions } from "../../src/partitions/partitions.ts";
import type { Wallet } from "../support/wallet.ts";
import { certifyMerchant, createWorld, type World } from "../support/world.ts";

/** When a month begins, in seconds. */
export const start = (month: string): number => monthBounds(month).from;

/** A TPS in the middle of May 2100, with the partitions of that month and of those ahead. */
export async function createLateWorld(): Promise<World> {
  const world = await createWorld(start("2100-05") + 14 * 86_400);
  await addPartitions(world.deps);
  return world;
}

/** A later time, with the keys that are then in use. */
export async function moveTo(world: World, seconds: number): Promise<void> {
  world.now = seconds;
  await world.deps.keyRings.reload();
}

/** A merchant with a certificate of today: that of the world's own ends after a year. */
export async function merchantOfToday(world: World): Promise<string> {
  return (await certifyMerchant(world.deps)).merchantId;
}

/** Everything that is done with payments after the sale. */
export async function finishSales(world: World): Promise<void> {
  world.now += 3_600;
  await collectPayments(world.deps);
  await appendToLog(world.deps);
  await settle(world.deps);
}

/** Later, when nobody has paid for more than a year. Collecting goes through that in steps of an hour, which is left out here. */
export async function afterQuietMonths(world: World, seconds: number): Promise<void> {
  await moveTo(world, seconds);
  await world.database.query("update collection set collected_until = $1", [seconds - 3_600]);
}

/** The partition of each of a wallet's payments that is attached, by their counts. */
export async function partitionsOf({ world, accountId }: Wallet): Promise<string[]> {
  const rows = await world.database.query<{ name: string }>(
    "select tableoid::regclass::text as name from payments where account_id = $1 order by device_id, count",
    [accountId],
  );
  return rows.map(({ name }) => name);
}

/** What there is of an account and its devices, which must not change when a request is sent again. */
export async function moneyOf({ world, accountId }: Wallet): Promise<unknown> {
  return world.database.query(
    `select a.balance, d.device_id, d.count, d.last_request_hash from accounts a join devices d using (account_id)
     where a.account_id = $1 order by d.device_id`,
    [accountId],
  );
}
