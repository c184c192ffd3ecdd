/** The telephone service's number, large enough to read off across the desk. */
import type { AccountView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { Icon } from "./icon.tsx";

export function Telephone({ account }: { readonly account: AccountView }) {
  return (
    <div class="telephone">
      <p class="small soft">{t("telephone_service", { operator: account.operator })}</p>
      <a
        class="telephone-number"
        href={`tel:${account.telephone.replace(/[^+0-9]/g, "")}`}
        aria-label={t("call_number", { telephone: account.telephone })}
      >
        <Icon name="phone" />
        <span>{account.telephone}</span>
      </a>
    </div>
  );
}
