/** One account: who keeps it, how it stands, and how to be rid of it. */
import type { AccountView } from "../../messages.ts";
import { AccountNotice } from "../components/account-notice.tsx";
import { Button, LinkButton } from "../components/button.tsx";
import { Fact } from "../components/delivery.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Slip, SlipPart } from "../components/slip.tsx";
import { Telephone } from "../components/telephone.tsx";
import { formatOrigin } from "../format.ts";
import { language, t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { useAction, useRequest } from "../request.ts";
import { Balance, ConditionTag } from "./account-card.tsx";
import { BackLink } from "./back-link.tsx";
import { ConfirmAction } from "./confirm-action.tsx";
import { Loading } from "./loading.tsx";
import { href } from "./router.ts";

export function AccountPage({ accountKey }: { readonly accountKey: string }) {
  const followed = useRequest("overview", {});
  const account = followed.value?.accounts.find((one) => one.accountKey === accountKey);
  return (
    <>
      <BackLink to={{ name: "home" }} label={t("nav_home")} />
      {followed.value === null && <Loading followed={followed} title={t("account_title")} />}
      {followed.value !== null && account === undefined && (
        <>
          <h1 class="only-heard" tabIndex={-1}>
            {t("account_title")}
          </h1>
          <FailureNotice failure={{ code: "unknown-account", detail: "" }} />
        </>
      )}
      {account && <Account account={account} onChange={followed.again} />}
    </>
  );
}

interface AccountProps {
  readonly account: AccountView;
  readonly onChange: () => void;
}

function Account({ account, onChange }: AccountProps) {
  const refresh = useAction();
  const { notice } = conditionWords(account.condition);
  return (
    <>
      <Slip>
        <SlipPart>
          <div class="row row-apart">
            <h1 tabIndex={-1}>
              <bdi>{account.operator}</bdi>
            </h1>
            <ConditionTag account={account} />
          </div>
          <Balance account={account} />
          <Button
            icon="refresh"
            busy={refresh.busy}
            onClick={() => {
              void refresh.run("refreshAccount", { accountKey: account.accountKey }, onChange);
            }}
          >
            {t("refresh_balance")}
          </Button>
        </SlipPart>
        <SlipPart>
          <dl class="facts">
            <Fact name={t("setup_issuer")} value={formatOrigin(account.issuer)} />
            <Fact name={t("account_device")} value={account.deviceName} />
            <Fact name={t("check_number")} value={account.checkNumber} />
            <Fact
              name={t("account_count")}
              value={account.transactionCount.toLocaleString(language())}
            />
          </dl>
          {notice === null && <Telephone account={account} />}
        </SlipPart>
      </Slip>
      {refresh.failure && <FailureNotice failure={refresh.failure} />}
      <AccountNotice account={account} onChange={onChange} />
      {account.condition !== "awaiting-pin" && account.condition !== "device-revoked" && (
        <>
          <LinkButton href={href({ name: "funding", accountKey: account.accountKey })} icon="plus">
            {t("funding_title")}
          </LinkButton>
          <LinkButton
            href={href({ name: "statements", accountKey: account.accountKey })}
            icon="file"
          >
            {t("statements_title")}
          </LinkButton>
          <LinkButton href={href({ name: "devices", accountKey: account.accountKey })} icon="list">
            {t("devices_title")}
          </LinkButton>
        </>
      )}
      <LinkButton href={href({ name: "setup", link: "" })} look="quiet" icon="plus">
        {t("add_account")}
      </LinkButton>
      <Remove account={account} />
    </>
  );
}

/** Only what cannot pay any more (or could not yet) may be removed: the device key is gone with it. */
function Remove({ account }: { readonly account: AccountView }) {
  const action = useAction();
  const removable = account.condition === "device-revoked" || account.condition === "awaiting-pin";
  return (
    <section class="sheet stack-tight">
      <h2>{t("account_remove")}</h2>
      <p class="small soft">{t(removable ? "account_remove_hint" : "account_remove_not")}</p>
      {removable && (
        <ConfirmAction
          label={t("account_remove")}
          question={t("account_remove_hint")}
          confirm={t("account_remove_sure")}
          action={action}
          onConfirm={() => {
            void action.run("removeAccount", { accountKey: account.accountKey }, () => {
              location.hash = href({ name: "home" });
            });
          }}
        />
      )}
    </section>
  );
}
