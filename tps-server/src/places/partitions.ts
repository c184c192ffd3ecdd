/** Partitions of payments where accounts are in several places: each has its own, for the same months. */
import type { TpsDeps } from "../deps.ts";
import { addPartitions } from "../partitions/partitions.ts";

/**
 * That payments can be written down: in the database, or, where accounts are in places, in any of them. One that is away
 * pauses its own accounts and must not take all servers out of service.
 *
 * @throws when none answers
 */
export async function expectPartitions({
  database,
  places,
  platform,
}: Pick<TpsDeps, "database" | "places" | "platform">): Promise<void> {
  const where = places?.all ?? [database];
  const made = await Promise.allSettled(
    where.map((place) => addPartitions({ database: place, platform })),
  );
  const [first] = made;
  if (first?.status === "rejected" && made.every(({ status }) => status === "rejected")) {
    throw first.reason;
  }
}

/**
 * Makes partitions ahead wherever payments are.
 *
 * @throws what the first place answered that failed; the others have theirs
 */
export async function addPartitionsEverywhere({
  database,
  places,
  platform,
}: Pick<TpsDeps, "database" | "places" | "platform">): Promise<void> {
  const where = places?.all ?? [database];
  const made = await Promise.allSettled(
    where.map((place) => addPartitions({ database: place, platform })),
  );
  const failed = made.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
