/** Why an account cannot pay, and the way out: mostly the telephone. */
import { useState } from "preact/hooks";
import type { AccountView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { useAction } from "../request.ts";
import { Button, LinkButton } from "./button.tsx";
import { TextField } from "./field.tsx";
import { FailureNotice, Notice } from "./notice.tsx";
import { Telephone } from "./telephone.tsx";

interface AccountNoticeProps {
  readonly account: AccountView;
  readonly onChange: () => void;
}

export function AccountNotice({ account, onChange }: AccountNoticeProps) {
  const { notice, call, tone } = conditionWords(account.condition);
  const refresh = useAction();
  if (notice === null) return null;
  const drift = account.condition === "out-of-sequence";
  const revoked = account.condition === "device-revoked";
  return (
    <Notice tone={tone === "bad" ? "bad" : "attention"} title={t(notice.title)} alert>
      <p>{t(notice.text)}</p>
      {drift && <p>{t("drift_call")}</p>}
      {call && <Telephone account={account} />}
      {account.condition === "awaiting-pin" && <CheckNumber account={account} />}
      {drift && <CountForm account={account} onChange={onChange} />}
      {revoked && (
        <LinkButton href="home.html#/setup" away>
          {t("set_up_wallet")}
        </LinkButton>
      )}
      {!drift && !revoked && (
        <Button
          icon="refresh"
          busy={refresh.busy}
          onClick={() => {
            void refresh.run("refreshAccount", { accountKey: account.accountKey }, onChange);
          }}
        >
          {t("refresh_status")}
        </Button>
      )}
      {refresh.failure && <FailureNotice failure={refresh.failure} />}
    </Notice>
  );
}

/** Four digits that the telephone says as well. */
function CheckNumber({ account }: { readonly account: AccountView }) {
  return (
    <p>
      <span class="small soft">{t("check_number")}</span>{" "}
      <strong class="check-number">{account.checkNumber}</strong>
    </p>
  );
}

/** After drift: the number of payments as the telephone said it. */
function CountForm({ account, onChange }: AccountNoticeProps) {
  const [count, setCount] = useState("");
  const [error, setError] = useState<string | null>(null);
  const action = useAction();
  return (
    <form
      class="stack-tight"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const digits = count.replace(/[\s.,']/g, "");
        if (!/^[0-9]{1,15}$/.test(digits)) {
          setError(t("count_error"));
          return;
        }
        const input = { accountKey: account.accountKey, count: Number(digits) };
        void action.run("setTransactionCount", input, onChange);
      }}
    >
      <TextField
        label={t("count_label")}
        name="transaction-count"
        value={count}
        onInput={(value) => {
          setCount(value);
          setError(null);
        }}
        autocomplete="off"
        maxLength={20}
        numeric
        error={error}
      />
      <Button submit busy={action.busy}>
        {t("count_save")}
      </Button>
      {action.failure && <FailureNotice failure={action.failure} />}
    </form>
  );
}
