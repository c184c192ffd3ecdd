/** Shops that recognise the wallet's owner: which, what they are told, and how to stop it. */
import type { LoyaltyView } from "../../messages.ts";
import { Fact } from "../components/delivery.tsx";
import { formatOrigin, formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, t } from "../i18n.ts";
import { useAction, useRequest } from "../request.ts";
import { ConfirmAction } from "./confirm-action.tsx";

export function LoyaltySection() {
  const followed = useRequest("loyalty", {});
  const shops = followed.value;
  if (shops === null) return null;
  return (
    <section class="sheet stack-tight">
      <h2>{t("loyalty_title")}</h2>
      <p class="small soft">{shops.length === 0 ? t("loyalty_none") : t("loyalty_intro")}</p>
      {shops.length > 0 && (
        <ul class="stack">
          {shops.map((shop) => (
            <ShopItem key={shop.merchantId} shop={shop} onStopped={followed.put} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ShopItemProps {
  readonly shop: LoyaltyView;
  readonly onStopped: (shops: LoyaltyView[]) => void;
}

function ShopItem({ shop, onStopped }: ShopItemProps) {
  const action = useAction();
  const now = useNow(60);
  const time = (seconds: number) => formatTime(language(), seconds, now);
  const { merchantId, shopName, shopOrigin, on, firstTold, lastTold, pseudonym } = shop;
  return (
    <li class="stack-tight">
      <p>
        <bdi class="strong">{shopName}</bdi>
        <br />
        <span class="small soft">{formatOrigin(shopOrigin)}</span>
      </p>
      <dl class="facts small">
        <Fact name={t("loyalty_name")} value={pseudonym} />
        <Fact name={t("loyalty_since")} value={time(firstTold)} />
        <Fact name={t("loyalty_last")} value={time(lastTold)} />
      </dl>
      {!on && <p class="small soft">{t("loyalty_paused")}</p>}
      <ConfirmAction
        label={t("loyalty_stop")}
        heard={t("loyalty_stop_named", { shop: shopName })}
        question={t("loyalty_stop_question", { shop: shopName })}
        confirm={t("loyalty_stop_sure")}
        action={action}
        onConfirm={() => void action.run("stopLoyalty", { merchantId }, onStopped)}
      />
    </li>
  );
}
