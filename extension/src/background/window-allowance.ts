/**
 * How often the pages of a tab may have a window opened or raised. A page can change its pointer as often as it
 * likes, and each change would take the focus from whatever the shopper types in: a token bucket for each tab.
 */
import { WALLET_LIMITS } from "../cts/limits.ts";

/** Takes a token of the tab's; false: it has none, and no window comes up. */
export type WindowAllowance = (tabId: number) => boolean;

/**
 * Full buckets for all tabs. They are kept in memory: a worker that was stopped had been idle for longer than a
 * bucket takes to fill.
 *
 * @param nowSeconds seconds; the clock may be set back
 */
export function createWindowAllowance(nowSeconds: () => number): WindowAllowance {
  const { tabWindows, tabWindowSeconds } = WALLET_LIMITS;
  const fillSeconds = tabWindows * tabWindowSeconds;
  /** When each tab's bucket is full again; those that are full are not kept. */
  const fullAt = new Map<number, number>();

  return (tabId) => {
    const now = nowSeconds();
    for (const [tab, full] of fullAt) {
      if (full <= now) fullAt.delete(tab);
      // A clock that was set back leaves a bucket empty, but no emptier.
      else fullAt.set(tab, Math.min(full, now + fillSeconds));
    }
    const full = fullAt.get(tabId) ?? now;
    if (full - now > fillSeconds - tabWindowSeconds) return false;
    fullAt.set(tabId, full + tabWindowSeconds);
    return true;
  };
}
