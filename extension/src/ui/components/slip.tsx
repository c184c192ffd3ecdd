/** The slip of paper that offers and receipts are printed on, in parts with a perforation between them. */
import type { ComponentChildren } from "preact";
import type { PurchaseView } from "../../messages.ts";
import { formatOrigin } from "../format.ts";
import { type PlainKey, t } from "../i18n.ts";
import { Amount } from "./money.tsx";

export function Slip({ children }: { readonly children: ComponentChildren }) {
  return <div class="slip">{children}</div>;
}

export function SlipPart({ children }: { readonly children: ComponentChildren }) {
  return <div class="slip-part stack">{children}</div>;
}

/** Names longer than this are set smaller. */
const LONG_NAME = 24;

/** Who is paid: the certificate's name large, and the web address as it is. */
export function Shop({
  purchase,
  operator,
  intro = "pay_to",
}: {
  readonly purchase: Pick<PurchaseView, "shopName" | "shopOrigin">;
  readonly operator: string | null;
  /** The words above the name. */
  readonly intro?: PlainKey;
}) {
  const long = purchase.shopName.length > LONG_NAME;
  return (
    <div>
      <p class="small soft">{t(intro)}</p>
      <h1 class={long ? "shop-name shop-name-long" : "shop-name"} tabIndex={-1}>
        <bdi>{purchase.shopName}</bdi>
      </h1>
      <p class="origin">{formatOrigin(purchase.shopOrigin)}</p>
      {operator !== null && <p class="small soft">{t("name_checked_by", { operator })}</p>}
    </div>
  );
}

/** The sum, large. */
export function Total({ purchase }: { readonly purchase: PurchaseView }) {
  return (
    <p class="total">
      <span class="total-label">{t("total")}</span>
      <span class="total-amount">
        <Amount money={purchase} />
      </span>
    </p>
  );
}
