/** To whoever paid for somebody else: what comes of it, also where another had paid before. */
import type { PurchaseView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { Notice } from "./notice.tsx";

export function PayersNote({ purchase }: { readonly purchase: PurchaseView }) {
  if (purchase.paidFirst === null) return null;
  return purchase.paidFirst ? (
    <Notice tone="good">
      <p>{t("payer_done_text")}</p>
    </Notice>
  ) : (
    <Notice tone="attention" title={t("payer_second_title")} alert>
      <p>{t("payer_second_text")}</p>
    </Notice>
  );
}
