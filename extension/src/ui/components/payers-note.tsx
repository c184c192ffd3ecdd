/** To whoever paid for somebody else: what comes of it, also where another had paid before. */
import type { PurchaseView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { Notice } from "./notice.tsx";

export function PayersNote({ purchase }: { readonly purchase: PurchaseView }) {
  switch (purchase.payment) {
    case null:
      return null;
    case "first":
      return (
        <Notice tone="good">
          <p>{t("payer_done_text")}</p>
        </Notice>
      );
    case "further":
      return (
        <Notice tone="attention" title={t("payer_second_title")} alert>
          <p>{t("payer_second_text")}</p>
        </Notice>
      );
    case "returned":
      return (
        <Notice tone="attention" title={t("payer_returned_title")} alert>
          <p>{t("payer_returned_text")}</p>
        </Notice>
      );
  }
}
