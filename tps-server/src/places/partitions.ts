/** Partitions of payments where accounts are in several places: each has its own, for the same months. */
import type { TpsDeps } from "../deps.ts";
import { addPartitions } from "../partitions/partitions.ts";

type PartitionDeps = Pick<TpsDeps, "database" | "places" | "platform">;

/**
 * That payments can be written down: in the database, or, where accounts are in places, in any of them. One that is away
 * pauses its own accounts and must not take all servers out of service.
 *
 * @throws when none answers
 */
export async function expectPartitions(deps: PartitionDeps): Promise<void> {
  const made = await addInEach(deps);
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
export async function addPartitionsEverywhere(deps: PartitionDeps): Promise<void> {
  const made = await addInEach(deps);
  const failed = made.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** How it went in each database that holds payments: in the places, or in the only one. */
function addInEach({
  database,
  places,
  platform,
}: PartitionDeps): Promise<PromiseSettledResult<number>[]> {
  const where = places?.all ?? [database];
  return Promise.allSettled(where.map((place) => addPartitions({ database: place, platform })));
}
