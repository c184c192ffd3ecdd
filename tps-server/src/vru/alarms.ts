/** Alarms: what the operator must look at, in the log at once and in the table `alarms` until somebody has. */
import type { Queryable } from "../store/database.ts";
import { VRU_LIMITS } from "./limits.ts";

/** What an alarm may be about. */
export type AlarmKind =
  /** So many wrong pairs in this hour that nobody is identified before the next one. */
  | "failures-of-the-hour"
  /** Somebody guesses at one account, again and again. */
  | "account-under-attack"
  /** A caller has a wallet that they do not know: somebody else used their activation link. */
  | "wrong-check-number";

/** One alarm. */
export interface Alarm {
  readonly kind: AlarmKind;
  readonly accountId?: string | undefined;
  readonly deviceId?: string | undefined;
}

/** What the log says of an alarm; the accounts are in the table alone. */
export const ALARM_TEXTS: Readonly<Record<AlarmKind, string>> = {
  "failures-of-the-hour": `There were ${VRU_LIMITS.failuresInAnHour} wrong passcodes in this hour: nobody is identified before the next.`,
  "account-under-attack":
    "Wrong passcodes for one account, again and again. See: chit-tps alarm list",
  "wrong-check-number":
    "A caller did not know a new wallet, which is revoked now: their activation link was in other hands. See: chit-tps alarm list",
};

/** Writes an alarm down. */
export async function raiseAlarm(
  tx: Queryable,
  { kind, accountId, deviceId }: Alarm,
  call: { readonly callId: string; readonly now: number },
): Promise<void> {
  await tx.query(
    `insert into alarms (raised_at, kind, call_id, account_id, device_id)
     values ($1, $2, $3, $4, $5)`,
    [call.now, kind, call.callId, accountId ?? null, deviceId ?? null],
  );
}
