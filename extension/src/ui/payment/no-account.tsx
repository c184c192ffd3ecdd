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
  const wanted = useWanted();
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
      {wanted && (
        <Notice title={wantedTitle(wanted)}>
          <WantedBody wanted={wanted} issuers={purchase.issuers} />
        </Notice>
      )}
      <Button look="quiet" wide onClick={onDecline}>
        {t("decline")}
      </Button>
    </>
  );
}

/** Whether the wallet has no account at all, or none that the shop takes; null until it is known. */
export function useWanted(): "any" | "fitting" | null {
  const { value } = useRequest("overview", {});
  if (value === null) return null;
  return value.accounts.length === 0 ? "any" : "fitting";
}

/** What is wanted, whom the shop takes, and the way there. */
export function WantedBody(props: {
  readonly wanted: "any" | "fitting";
  readonly issuers: readonly string[];
}) {
  const any = props.wanted === "any";
  return (
    <>
      {any && <p>{t("no_account_text")}</p>}
      {props.issuers.length > 0 && (
        <div>
          <p>{t("no_fitting_text")}</p>
          <ul class="issuers">
            {props.issuers.map((issuer) => (
              <li key={issuer}>{formatOrigin(issuer)}</li>
            ))}
          </ul>
        </div>
      )}
      {!any && <p>{t("no_fitting_hint")}</p>}
      <LinkButton href="home.html#/setup" away look="primary" wide large>
        {t(any ? "set_up_wallet" : "add_account")}
      </LinkButton>
    </>
  );
}

/** Its heading. */
export function wantedTitle(wanted: "any" | "fitting"): string {
  return t(wanted === "any" ? "no_account_title" : "no_fitting_title");
}
