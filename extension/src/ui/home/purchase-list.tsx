/** Purchases in a row each: shop, first line, amount, when, and how it stands. */
import type { PurchaseSummary } from "../../messages.ts";
import { Amount } from "../components/money.tsx";
import { formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, t } from "../i18n.ts";
import { summaryLabel } from "../present/summary.ts";
import { href } from "./router.ts";

export function PurchaseList({ purchases }: { readonly purchases: readonly PurchaseSummary[] }) {
  const now = useNow(60);
  return (
    <ul class="sheet-list">
      {purchases.map((purchase) => (
        <li key={purchase.purchaseId}>
          <a class="purchase" href={href({ name: "purchase", purchaseId: purchase.purchaseId })}>
            <span class="purchase-shop">
              <bdi>{purchase.shopName}</bdi>
            </span>
            <span class="purchase-amount">
              <Amount money={purchase} />
            </span>
            <span class="purchase-title soft small">
              <bdi>{purchase.title}</bdi>
            </span>
            <span class="purchase-foot small soft">
              <time dateTime={new Date(purchase.createdAt * 1000).toISOString()}>
                {formatTime(language(), purchase.createdAt, now)}
              </time>
              <StateTag purchase={purchase} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

export function StateTag({
  purchase,
}: {
  readonly purchase: Pick<PurchaseSummary, "state" | "waiting" | "givenBack">;
}) {
  const { label, tone } = summaryLabel(purchase);
  return <span class={`tag tag-${tone}`}>{t(label)}</span>;
}
