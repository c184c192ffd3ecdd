/** What the background does for the pages' requests about money back and shops that recognise. */
import type { CtsDeps } from "../cts/deps.ts";
import { loyaltyViews, stopLoyalty } from "../cts/loyalty.ts";
import { purchaseOf } from "../cts/purchase-store.ts";
import { refreshReturns, seeReturns } from "../cts/returns.ts";
import { purchaseView } from "../cts/views.ts";
import type { Wallet } from "../cts/wallet.ts";
import type { RequestHandlers } from "./requests.ts";

type AfterSaleHandlers = Pick<
  RequestHandlers,
  "askRefund" | "refreshRefund" | "refreshReturns" | "seeReturns" | "loyalty" | "stopLoyalty"
>;

export function afterSaleHandlers(
  deps: CtsDeps,
  { refunds }: Pick<Wallet, "refunds">,
): AfterSaleHandlers {
  const view = async (purchaseId: string) => purchaseView(deps, await purchaseOf(deps, purchaseId));
  return {
    async askRefund({ purchaseId, ...wish }) {
      await refunds.ask(purchaseId, wish);
      return view(purchaseId);
    },
    async refreshRefund({ purchaseId }) {
      await refunds.refresh(purchaseId);
      return view(purchaseId);
    },
    async refreshReturns({ accountKey }) {
      await refreshReturns(deps, accountKey);
      return null;
    },
    async seeReturns({ returns }) {
      await seeReturns(deps, returns);
      return null;
    },
    loyalty: () => loyaltyViews(deps),
    async stopLoyalty({ merchantId }) {
      await stopLoyalty(deps, merchantId);
      return loyaltyViews(deps);
    },
  };
}
