/** Alarms that the telephone service and settlements raised: the operator's side of them. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { logOperation } from "../operator-log.ts";
import { one } from "../store/database.ts";
import type { AlarmKind } from "../vru/alarms.ts";

/** One alarm. Times in seconds. */
export interface AlarmOverview {
  readonly alarm: number;
  /** The telephone service's; or a settlement held payments back. */
  readonly kind: AlarmKind | "payments-held-back";
  readonly raisedAt: number;
  readonly accountId: string | null;
  readonly deviceId: string | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
}

/** The most that one list shows. */
const MOST_ALARMS = 200;

/** Alarms, the newest first: those that nobody acknowledged, or all; 200 at most. */
export async function listAlarms(
  { database }: Pick<TpsDeps, "database">,
  which: "open" | "all",
): Promise<AlarmOverview[]> {
  const rows = await database.query<{
    alarm: bigint;
    kind: AlarmOverview["kind"];
    raised_at: bigint;
    account_id: string | null;
    device_id: string | null;
    acknowledged_at: bigint | null;
    acknowledged_by: string | null;
  }>(
    `select alarm, kind, raised_at, account_id, device_id, acknowledged_at, acknowledged_by
     from alarms where $1 or acknowledged_at is null order by alarm desc limit ${MOST_ALARMS}`,
    [which === "all"],
  );
  return rows.map((row) => ({
    alarm: Number(row.alarm),
    kind: row.kind,
    raisedAt: Number(row.raised_at),
    accountId: row.account_id,
    deviceId: row.device_id,
    acknowledgedAt: row.acknowledged_at === null ? null : Number(row.acknowledged_at),
    acknowledgedBy: row.acknowledged_by,
  }));
}

/** How many alarms nobody has acknowledged. */
export async function countOpenAlarms({ database }: Pick<TpsDeps, "database">): Promise<number> {
  const row = one(
    await database.query<{ open: bigint }>(
      "select count(*) as open from alarms where acknowledged_at is null",
    ),
  );
  return Number(row?.open);
}

/**
 * Notes that somebody looked at an alarm. Again it changes nothing.
 *
 * @throws {OperatorError} `alarm-unknown`
 */
export async function acknowledgeAlarm(deps: TpsDeps, alarm: number): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const rows = await tx.query(
      `update alarms set acknowledged_at = coalesce(acknowledged_at, $2),
                         acknowledged_by = coalesce(acknowledged_by, $3)
       where alarm = $1 returning alarm`,
      [alarm, deps.platform.nowSeconds(), deps.operatorName],
    );
    if (rows.length === 0) {
      throw new OperatorError("alarm-unknown", `There is no alarm ${alarm}. See: alarm list --all`);
    }
    await logOperation(deps, tx, "alarm acknowledge", String(alarm));
  });
}
