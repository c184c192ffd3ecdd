/**
 * How many wrong pairs an hour may have: of one caller id, and of all callers. A caller id can be forged, so it
 * lets nobody in; it only slows its caller down, before the total is reached and everybody is turned away.
 */
import { createHmac } from "node:crypto";
import { one, type Queryable } from "../store/database.ts";
import { VRU_LIMITS } from "./limits.ts";

const HOUR_SECONDS = 3_600;
/** As carriers give numbers (E.164); anything else is a withheld or unknown one. */
const NUMBER = /^\+[1-9][0-9]{4,14}$/;

/** Where a caller's failures are counted: nameless, and another place each hour. */
export interface CallerBucket {
  readonly mac: Uint8Array;
  /** Failures that an hour allows it. */
  readonly cap: number;
}

/**
 * The bucket of a caller id. Its MAC is under a secret that the database does not have: from the table alone no
 * number can be found by trying all of them.
 *
 * @param callerId what the carrier says of who calls; all who are not telling share one bucket
 */
export function callerBucket(
  secret: string,
  callerId: string | undefined,
  now: number,
): CallerBucket {
  const number = callerId !== undefined && NUMBER.test(callerId) ? callerId : undefined;
  const mac = createHmac("sha256", secret)
    .update(`chit vru caller throttle\n${hourOf(now)}\n${number ?? "withheld"}`)
    .digest();
  const { callerFailuresInAnHour, withheldFailuresInAnHour } = VRU_LIMITS;
  return { mac, cap: number === undefined ? withheldFailuresInAnHour : callerFailuresInAnHour };
}

/** Whether another guess may be looked at. */
export async function mayGuess(
  tx: Queryable,
  caller: CallerBucket,
  now: number,
): Promise<"yes" | "caller-throttled" | "closed"> {
  const row = one(
    await tx.query<{ total: number; own: number }>(
      `select coalesce((select failures from vru_failures where hour = $1), 0) as total,
              coalesce((select failures from vru_caller_failures where hour = $1 and caller = $2), 0) as own`,
      [hourOf(now), caller.mac],
    ),
  );
  if (row !== undefined && row.total >= VRU_LIMITS.failuresInAnHour) return "closed";
  return row !== undefined && row.own >= caller.cap ? "caller-throttled" : "yes";
}

/** Counts a failure. @returns the failures of all callers in this hour so far */
export async function countFailure(
  tx: Queryable,
  caller: CallerBucket,
  now: number,
): Promise<number | undefined> {
  await tx.query(
    `insert into vru_caller_failures (hour, caller, failures) values ($1, $2, 1)
     on conflict (hour, caller) do update set failures = vru_caller_failures.failures + 1`,
    [hourOf(now), caller.mac],
  );
  const rows = await tx.query<{ failures: number }>(
    `insert into vru_failures (hour, failures) values ($1, 1)
     on conflict (hour) do update set failures = vru_failures.failures + 1
     returning failures`,
    [hourOf(now)],
  );
  return one(rows)?.failures;
}

/** Forgets the counts of past hours. */
export async function sweepFailures(tx: Queryable, now: number): Promise<void> {
  await tx.query("delete from vru_failures where hour < $1", [hourOf(now)]);
  await tx.query("delete from vru_caller_failures where hour < $1", [hourOf(now)]);
}

function hourOf(now: number): number {
  return Math.floor(now / HOUR_SECONDS);
}
