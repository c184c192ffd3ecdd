/** Nothing in the wallet can pay this: set it up, or see whom the shop takes. */
import type { PurchaseView } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { Lines } from "../components/lines.tsx";
import { Notice } from "../components/notice.tsx";
import { Shop, Slip, SlipPart, Total } from "../components/slip.tsx";
import { formatOrigin } from "../format.ts";
import { t } from "../i18n.ts";
import { useRequest } from "../request.ts";

interface NoAccountProps {
  readonly purchase: PurchaseView;
  readonly onDecline: () => void;
}

export function NoAccountScreen({ purchase, onDecline }: NoAccountProps) {
  return (
    <>
      <Slip>
        <SlipPart>
          <Shop purchase={purchase} operator={null} />
          <Lines purchase={purchase} />
        </SlipPart>
        <SlipPart>
          <Total purchase={purchase} />
        </SlipPart>
      </Slip>
      <AccountWanted issuers={purchase.issuers} />
      <Button look="quiet" wide onClick={onDecline}>
        {t("decline")}
      </Button>
    </>
  );
}

/** Words for a wallet without an account, and for one whose accounts the shop does not take. */
export function AccountWanted({ issuers }: { readonly issuers: readonly string[] }) {
  const overview = useRequest("overview", {});
  if (overview.value === null) return null;
  const none = overview.value.accounts.length === 0;
  return (
    <Notice title={t(none ? "no_account_title" : "no_fitting_title")}>
      {none && <p>{t("no_account_text")}</p>}
      {issuers.length > 0 && (
        <>
          <p>{t("no_fitting_text")}</p>
          <ul class="issuers">
            {issuers.map((issuer) => (
              <li key={issuer}>{formatOrigin(issuer)}</li>
            ))}
          </ul>
        </>
      )}
      {!none && <p>{t("no_fitting_hint")}</p>}
      <LinkButton href="home.html#/setup" away look="primary">
        {t(none ? "set_up_wallet" : "add_account")}
      </LinkButton>
    </Notice>
  );
}
