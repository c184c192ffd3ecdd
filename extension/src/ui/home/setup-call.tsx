/** Step 3: the telephone call that sets the PIN. The page asks the operator until it is done. */
import { useEffect, useRef } from "preact/hooks";
import type { AccountView } from "../../messages.ts";
import { AwaitCall } from "../components/account-notice.tsx";
import { LinkButton } from "../components/button.tsx";
import { CheckNumber } from "../components/check-number.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { Telephone } from "../components/telephone.tsx";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { useRequest } from "../request.ts";
import { href } from "./router.ts";

export function SetupCall({ account }: { readonly account: AccountView }) {
  const { accountKey } = account;
  const overview = useRequest("overview", {});
  const newest = overview.value?.accounts.find((one) => one.accountKey === accountKey) ?? account;
  const ready = conditionWords(newest.condition).pays;
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    heading.current?.focus();
  }, [ready]);

  if (ready) return <Ready headingRef={heading} />;
  return (
    <Slip>
      <SlipPart>
        <h1 tabIndex={-1} ref={heading}>
          {t("setup_call_title")}
        </h1>
        <Telephone account={newest} />
        <ol class="call-steps">
          <li>{t("setup_call_step1")}</li>
          <li>
            {t("setup_call_step2")}
            <CheckNumber account={newest} />
          </li>
          <li>{t("setup_call_step3")}</li>
        </ol>
      </SlipPart>
      <SlipPart>
        <AwaitCall account={newest} onChange={overview.again} />
      </SlipPart>
    </Slip>
  );
}

function Ready({ headingRef }: { readonly headingRef: { current: HTMLHeadingElement | null } }) {
  return (
    <Slip>
      <SlipPart>
        <h1 class="shop-name" tabIndex={-1} ref={headingRef}>
          {t("setup_done_title")}
        </h1>
        <p>{t("setup_done_text")}</p>
      </SlipPart>
      <SlipPart>
        <LinkButton href={href({ name: "home" })} look="primary" wide large>
          {t("setup_done_go")}
        </LinkButton>
      </SlipPart>
    </Slip>
  );
}
