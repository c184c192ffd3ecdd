/** The way out of drift: one call for the new PIN and the number of payments, then the number entered here. */
import { useState } from "preact/hooks";
import type { AccountView } from "../../messages.ts";
import { language, t } from "../i18n.ts";
import { useAction } from "../request.ts";
import { Button } from "./button.tsx";
import { TextField } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { FailureNotice } from "./notice.tsx";
import { Telephone } from "./telephone.tsx";

interface DriftStepsProps {
  readonly account: AccountView;
  readonly drift: NonNullable<AccountView["drift"]>;
  readonly onChange: () => void;
}

export function DriftSteps({ account, drift, onChange }: DriftStepsProps) {
  const { refusedCount } = drift;
  return (
    <>
      {refusedCount !== null && (
        <p class="strong">
          {t("count_refused", { count: refusedCount.toLocaleString(language()) })}
        </p>
      )}
      <ol class="call-steps">
        <li>
          {t(refusedCount === null ? "drift_call" : "drift_call_again")}
          <Telephone account={account} />
          <p role="status">
            {drift.newPin && (
              <span class="tag-line">
                <Icon name="check" /> {t("drift_new_pin_set")}
              </span>
            )}
          </p>
        </li>
        <li>
          {t(drift.newPin ? "drift_count" : "drift_count_later")}
          {drift.newPin && <CountForm account={account} onChange={onChange} />}
        </li>
        <li>{t("drift_then_pay")}</li>
      </ol>
    </>
  );
}

/** The number of payments as the telephone said it. */
function CountForm({ account, onChange }: Omit<DriftStepsProps, "drift">) {
  const [count, setCount] = useState("");
  const [error, setError] = useState<string | null>(null);
  const action = useAction();
  return (
    <form
      class="stack-tight"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const digits = count.replace(/[\s.,'’]/g, "");
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
