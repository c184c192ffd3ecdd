/**
 * What the VRU reads of an account and does for it. Balance and payments it may not select: two functions in the
 * database give them for whoever was identified in this call, and write down that they did (migration 0007).
 */
import { randomDigits } from "../identifiers.ts";
import type { Platform } from "../platform.ts";
import { one, type Queryable } from "../store/database.ts";
import type { Caller, Category } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";
import type { SpokenMovement } from "./script-parts.ts";

const DAY_SECONDS = 86_400;

/** The balance of the account that was identified in a call, in smallest units. */
export async function readBalance(tx: Queryable, callId: string, now: number): Promise<bigint> {
  const row = one(
    await tx.query<{ balance: bigint }>("select vru_balance($1, $2) as balance", [callId, now]),
  );
  if (row === undefined) throw new TypeError("A function gave no row.");
  return row.balance;
}

/** Its last five movements, the newest first. */
export async function readMovements(
  tx: Queryable,
  callId: string,
  now: number,
): Promise<SpokenMovement[]> {
  const rows = await tx.query<Omit<SpokenMovement, "at"> & { moved_at: bigint }>(
    "select kind, moved_at, amount, name from vru_payments($1, $2)",
    [callId, now],
  );
  return rows.map(({ moved_at: at, ...movement }) => ({ ...movement, at: Number(at) }));
}

/** Places or lifts the holder's own hold. @returns the holds in force now */
export async function changeHold(
  tx: Queryable,
  accountId: string,
  held: boolean,
): Promise<Caller["held"]> {
  const row = one(
    await tx.query<Caller["held"]>(
      `update accounts set held_by_holder = $2 where account_id = $1
       returning held_by_operator as "byOperator", held_by_holder as "byHolder"`,
      [accountId, held],
    ),
  );
  if (row === undefined) throw new TypeError("The caller's account is gone.");
  return row;
}

/** Opens a case under a number of its own. @returns undefined when the account has too many of today */
export async function openCase(
  tx: Queryable,
  platform: Pick<Platform, "randomBytes">,
  about: { readonly accountId: string; readonly callId: string; readonly category: Category },
  now: number,
): Promise<string | undefined> {
  const recent = await tx.query(
    "select case_number from cases where account_id = $1 and opened_at > $2",
    [about.accountId, now - DAY_SECONDS],
  );
  if (recent.length >= VRU_LIMITS.casesInADay) return undefined;
  for (;;) {
    const number = randomDigits(platform, VRU_LIMITS.caseDigits);
    const opened = await tx.query(
      `insert into cases (case_number, account_id, call_id, category, opened_at)
       values ($1, $2, $3, $4, $5)
       on conflict (case_number) do nothing returning case_number`,
      [number, about.accountId, about.callId, about.category, now],
    );
    if (opened.length > 0) return number;
  }
}

/** What the carrier says of a recording. */
export interface Recording {
  readonly caseNumber: string;
  /** Where the carrier keeps it. */
  readonly url: string;
  readonly seconds: number | undefined;
}

/**
 * Attaches a recording to the case of this call that it was made for: the first one, and none later.
 *
 * @returns the case's account; undefined when there is no such case, or it has its recording
 */
export async function attachRecording(
  tx: Queryable,
  callId: string,
  { caseNumber, url, seconds }: Recording,
  now: number,
): Promise<string | undefined> {
  const row = one(
    await tx.query<{ account_id: string }>(
      `update cases set recording_url = $3, recording_seconds = $4, recorded_at = $5
       where case_number = $1 and call_id = $2 and recorded_at is null
       returning account_id`,
      [caseNumber, callId, url, seconds ?? null, now],
    ),
  );
  return row?.account_id;
}
