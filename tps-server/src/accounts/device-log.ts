/** What the devices of an account did about devices is written down in the transaction that does it. */
import type { TpsDeps } from "../deps.ts";
import type { Queryable } from "../store/database.ts";
import type { DeviceName } from "./pin-state.ts";

/** `subject`: the device that it was done to; null for an invitation. */
export async function logDeviceAction(
  deps: Pick<TpsDeps, "platform">,
  tx: Queryable,
  { accountId, deviceId }: DeviceName,
  action: "activate" | "revoke" | "invite once" | "invite recovery",
  subject: string | null,
): Promise<void> {
  await tx.query(
    "insert into device_log (at, account_id, device_id, action, subject) values ($1, $2, $3, $4, $5)",
    [deps.platform.nowSeconds(), accountId, deviceId, action, subject],
  );
}
