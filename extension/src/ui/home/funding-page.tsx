/** How money is paid into an account: by bank transfer, with everything to copy, and a code that banking apps read. */
import type { AccountView, FundingView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Copyable } from "../components/copyable.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { QrCode } from "../components/qr-code.tsx";
import { t } from "../i18n.ts";
import { inFours, transferCode } from "../present/transfer.ts";
import { useAction, useRequest } from "../request.ts";
import { Balance } from "./account-card.tsx";
import { Loading } from "./loading.tsx";
import { OfAccount } from "./of-account.tsx";

export function FundingPage({ accountKey }: { readonly accountKey: string }) {
  return (
    <OfAccount accountKey={accountKey} title={t("funding_title")}>
      {(account) => <Funding account={account} />}
    </OfAccount>
  );
}

function Funding({ account }: { readonly account: AccountView }) {
  const { accountKey, operator, telephone } = account;
  const followed = useRequest("funding", { accountKey }, false);
  if (followed.value === null) return <Loading followed={followed} />;
  const { details } = followed.value;
  if (details === null) {
    return (
      <Notice title={t("funding_none_title")}>
        <p>{t("funding_none_text", { operator, telephone })}</p>
      </Notice>
    );
  }
  return (
    <>
      <p>{t("funding_intro", { operator })}</p>
      <Transfer funding={details} />
      {account.currency === "EUR" && <Code funding={details} />}
      <Arrived account={account} />
    </>
  );
}

function Transfer({ funding }: { readonly funding: FundingView }) {
  const { reference, holder, iban, bic, text } = funding;
  return (
    <section class="sheet stack">
      <dl class="stack">
        <Copyable
          name={t("funding_reference")}
          value={reference}
          shown={inFours(reference)}
          hint={t("funding_reference_hint")}
        />
        <Copyable name={t("funding_holder")} value={holder} />
        <Copyable name={t("funding_iban")} value={iban} shown={inFours(iban)} />
        {bic !== null && <Copyable name={t("funding_bic")} value={bic} />}
      </dl>
      {text !== null && (
        <p class="soft">
          <bdi>{text}</bdi>
        </p>
      )}
    </section>
  );
}

/** Only for euros: other currencies have no such code. */
function Code({ funding }: { readonly funding: FundingView }) {
  const code = transferCode(funding);
  if (code === null) return null;
  const { holder, iban, reference } = funding;
  return (
    <section class="sheet stack">
      <h2>{t("funding_code_title")}</h2>
      <p>{t("funding_code_text")}</p>
      <QrCode text={code} label={t("funding_code_label", { holder, iban, reference })} />
    </section>
  );
}

function Arrived({ account }: { readonly account: AccountView }) {
  const refresh = useAction();
  const { accountKey } = account;
  return (
    <section class="sheet stack">
      <h2>{t("funding_arrived")}</h2>
      <Balance account={account} />
      <Button
        icon="refresh"
        busy={refresh.busy}
        onClick={() => void refresh.run("refreshAccount", { accountKey })}
      >
        {t("refresh_balance")}
      </Button>
      {refresh.failure && <FailureNotice failure={refresh.failure} />}
    </section>
  );
}
