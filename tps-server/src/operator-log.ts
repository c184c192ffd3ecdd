/** What the operator did is written down in the same transaction that does it. */
import type { TpsDeps } from "./deps.ts";
import type { Queryable } from "./store/database.ts";

/** @param details no secrets, no passcodes */
export async function logOperation(
  deps: Pick<TpsDeps, "platform" | "operatorName">,
  tx: Queryable,
  action: string,
  subject: string,
  details: Record<string, string | number> = {},
): Promise<void> {
  await tx.query(
    "insert into operator_log (at, operator, action, subject, details) values ($1, $2, $3, $4, $5)",
    [deps.platform.nowSeconds(), deps.operatorName, action, subject, JSON.stringify(details)],
  );
}
