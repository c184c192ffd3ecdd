/**
 * Who calls: telephone id and passcode, nothing else; a caller id lets nobody in. Guessing is slowed for each account
 * and capped for each caller id and for all together (throttle.ts). An unknown id, a wrong passcode and an account
 * that is locked out cost the same time and give the same answer.
 */
import { deviceCheckNumber } from "@chit/protocol";
import { NO_PASSCODE_HASH, verifyPasscode } from "../accounts/passcode.ts";
import { one, type Queryable } from "../store/database.ts";
import type { Alarm } from "./alarms.ts";
import type { Caller, Wallet } from "./call-state.ts";
import { VRU_LIMITS } from "./limits.ts";
import { type CallerBucket, countFailure, mayGuess } from "./throttle.ts";

/** What came of an identification. `accountId` of a failure is for the audit record alone. */
export type Identification =
  | { readonly outcome: "known"; readonly accountId: string }
  | {
      readonly outcome: "unknown" | "locked-out";
      readonly accountId: string | undefined;
      /** What the operator should know of this failure. */
      readonly alarms: readonly Alarm[];
    }
  | { readonly outcome: "closed" | "caller-throttled" };

interface AccessRow {
  account_id: string;
  passcode_hash: string;
  failed_attempts: number;
  locked_until: bigint;
}

/**
 * Identifies a caller. The failure is counted in the transaction that gives the answer, so no answer is ever
 * heard that was not counted. Guesses at one account are hashed side by side and judged one after another: what
 * the account's row says when it is locked decides, so that many calls at once cannot outrun the counter.
 */
export async function identify(
  tx: Queryable,
  given: { readonly telephoneId: string; readonly passcode: string },
  caller: CallerBucket,
  now: number,
): Promise<Identification> {
  const may = await mayGuess(tx, caller, now);
  if (may !== "yes") return { outcome: may };
  const hash = await readPasscodeHash(tx, given.telephoneId);
  const matches = await verifyPasscode(given.passcode, hash ?? NO_PASSCODE_HASH);
  const access = await lockAccess(tx, given.telephoneId);
  const lockedOut = access !== undefined && access.locked_until > BigInt(now);
  if (access !== undefined && matches && access.passcode_hash === hash && !lockedOut) {
    await setFailures(tx, access.account_id, 0, 0);
    return { outcome: "known", accountId: access.account_id };
  }
  const accountId = access?.account_id;
  const alarms: Alarm[] = [];
  // Guesses during a lock-out do not make it longer: else a stranger could keep the holder out for ever.
  if (access !== undefined && !lockedOut) {
    const failures = access.failed_attempts + 1;
    await setFailures(tx, access.account_id, failures, now + lockSeconds(failures));
    if (failures % VRU_LIMITS.failuresBeforeAlarm === 0) {
      alarms.push({ kind: "account-under-attack", accountId });
    }
  }
  // The last one that the hour allows.
  if ((await countFailure(tx, caller, now)) === VRU_LIMITS.failuresInAnHour) {
    alarms.push({ kind: "failures-of-the-hour" });
  }
  return { outcome: lockedOut ? "locked-out" : "unknown", accountId, alarms };
}

async function readPasscodeHash(tx: Queryable, telephoneId: string): Promise<string | undefined> {
  const row = one(
    await tx.query<Pick<AccessRow, "passcode_hash">>(
      "select passcode_hash from telephone_access where telephone_id = $1",
      [telephoneId],
    ),
  );
  return row?.passcode_hash;
}

async function lockAccess(tx: Queryable, telephoneId: string): Promise<AccessRow | undefined> {
  return one(
    await tx.query<AccessRow>(
      `select account_id, passcode_hash, failed_attempts, locked_until
       from telephone_access where telephone_id = $1 for update`,
      [telephoneId],
    ),
  );
}

/** How long an account takes no calls after so many failures in a row, in seconds. */
export function lockSeconds(failures: number): number {
  const beyond = failures - VRU_LIMITS.failuresWithoutLock;
  if (beyond <= 0) return 0;
  return Math.min(VRU_LIMITS.firstLockSeconds * 2 ** (beyond - 1), VRU_LIMITS.longestLockSeconds);
}

async function setFailures(
  tx: Queryable,
  accountId: string,
  failures: number,
  lockedUntil: number,
): Promise<void> {
  await tx.query(
    "update telephone_access set failed_attempts = $2, locked_until = $3 where account_id = $1",
    [accountId, failures, lockedUntil],
  );
}

/** Account and wallets of an identified caller, as they are now. */
export async function readCaller(tx: Queryable, accountId: string): Promise<Caller> {
  const held = one(
    await tx.query<Caller["held"]>(
      `select held_by_operator as "byOperator", held_by_holder as "byHolder"
       from accounts where account_id = $1`,
      [accountId],
    ),
  );
  const wallets = await tx.query<{
    device_id: string;
    name: string;
    pin_state: Wallet["pin"];
    public_key: Buffer;
  }>(
    `select device_id, name, pin_state, public_key from devices
     where account_id = $1 and state = 'active' order by activated_at, device_id`,
    [accountId],
  );
  return {
    accountId,
    held: held ?? { byOperator: false, byHolder: false },
    wallets: wallets.map((row) => ({
      deviceId: row.device_id,
      name: row.name,
      pin: row.pin_state,
      checkNumber: deviceCheckNumber(row.public_key),
    })),
  };
}
