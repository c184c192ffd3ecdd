/** Which of two records of one purchase the wallet keeps when a backup is restored. Pure. */
import type { Purchase, PurchaseStateName } from "../records.ts";

/** How far each state is. After a request was made nothing that ended before it counts: money may have moved. */
const PROGRESS: Record<PurchaseStateName, number> = {
  quoted: 0,
  "session-initiated": 1,
  "quote-authenticated": 2,
  "awaiting-payer": 3,
  declined: 4,
  failed: 4,
  "payment-requested": 5,
  denied: 6,
  paid: 7,
  advised: 8,
  "goods-requested": 9,
  complete: 10,
  recovering: 11,
  "payer-quoted": 0,
  "payer-confirmed": 1,
  "payer-requested": 5,
  "payer-denied": 6,
  "payer-paid": 7,
  "payer-complete": 8,
};

/**
 * Whether the backup's record replaces the one that is here: only when it is further, or as far and newer.
 *
 * @param own the purchase here was made by a device that is here. Then its request-for-payment, which the account's
 * modifier and count hang on, is never replaced, nor does an old request come back
 */
export function isFurther(backup: Purchase, here: Purchase, own: boolean): boolean {
  const requested = [backup, here].some(
    ({ state }) => state === "payment-requested" || state === "payer-requested",
  );
  if (own && requested) return false;
  const ahead = PROGRESS[backup.state] - PROGRESS[here.state];
  return ahead === 0 ? lastStep(backup) > lastStep(here) : ahead > 0;
}

function lastStep({ steps }: Purchase): number {
  return steps.at(-1)?.at ?? 0;
}
