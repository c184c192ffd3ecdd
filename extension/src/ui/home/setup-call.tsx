/** Step 3: the telephone call that sets the PIN. The page asks the operator until it is done. */
import { useEffect, useRef } from "preact/hooks";
import type { AccountView } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { Telephone } from "../components/telephone.tsx";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { request, useAction, useRequest } from "../request.ts";
import { href } from "./router.ts";

/** A call takes a minute or two; asking is cheap, but not free. */
const ASK_EVERY_MS = 5_000;

export function SetupCall({ account }: { readonly account: AccountView }) {
  const { accountKey } = account;
  const overview = useRequest("overview", {});
  const newest = overview.value?.accounts.find((one) => one.accountKey === accountKey) ?? account;
  const ready = conditionWords(newest.condition).pays;
  const check = useAction();
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    heading.current?.focus();
  }, [ready]);

  const { again } = overview;
  useEffect(() => {
    if (ready) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") {
        void request("refreshAccount", { accountKey }).then(again);
      }
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [ready, accountKey, again]);

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
            <br />
            <strong class="check-number">{newest.checkNumber}</strong>
          </li>
          <li>{t("setup_call_step3")}</li>
        </ol>
      </SlipPart>
      <SlipPart>
        <p class="soft" role="status">
          {t("setup_call_waiting")}
        </p>
        {check.failure && <FailureNotice failure={check.failure} />}
        <Button
          icon="refresh"
          wide
          busy={check.busy}
          onClick={() => void check.run("refreshAccount", { accountKey }, again)}
        >
          {t("refresh_status")}
        </Button>
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
