/** From which account, what it holds, and what it holds afterwards. */
import type { AccountView, PurchaseView } from "../../messages.ts";
import { AddMoney } from "../components/add-money.tsx";
import { Button } from "../components/button.tsx";
import { Fact } from "../components/delivery.tsx";
import { moneyText } from "../components/money.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { subtract } from "../format.ts";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { useAction } from "../request.ts";

interface AccountChoiceProps {
  readonly purchase: PurchaseView;
  readonly accounts: readonly AccountView[];
  readonly chosen: string | null;
  readonly onChoose: (accountKey: string) => void;
  readonly onChange: () => void;
}

export function AccountChoice(props: AccountChoiceProps) {
  const { purchase, accounts, chosen, onChoose, onChange } = props;
  const account = accounts.find(({ accountKey }) => accountKey === chosen);
  return (
    <div class="stack-tight">
      {accounts.length > 1 && (
        <fieldset class="stack-tight">
          <legend class="label">{t("pay_from")}</legend>
          {accounts.map((one) => (
            <label key={one.accountKey} class="choice">
              <input
                type="radio"
                name="account"
                checked={one.accountKey === chosen}
                onChange={() => onChoose(one.accountKey)}
              />
              <span class="row row-apart">
                <bdi>{one.operator}</bdi>
                <span class="soft">
                  {conditionWords(one.condition).pays
                    ? balanceText(one)
                    : t(conditionWords(one.condition).label)}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {account && <Balances account={account} purchase={purchase} single={accounts.length === 1} />}
      {account && <Shortage account={account} purchase={purchase} onChange={onChange} />}
    </div>
  );
}

function balanceText(account: AccountView): string {
  if (account.balance === null) return t("balance_unknown");
  return moneyText({ ...account, amount: account.balance });
}

interface BalancesProps {
  readonly account: AccountView;
  readonly purchase: PurchaseView;
  readonly single: boolean;
}

function Balances({ account, purchase, single }: BalancesProps) {
  const after = account.balance === null ? null : subtract(account.balance, purchase.amount);
  return (
    <dl class="facts">
      {single && <Fact name={t("pay_from")} value={account.operator} />}
      <Fact name={t("balance")} value={balanceText(account)} />
      {after !== null && !after.startsWith("-") && (
        <Fact name={t("balance_after")} value={moneyText({ ...account, amount: after })} />
      )}
    </dl>
  );
}

interface ShortageProps {
  readonly account: AccountView;
  readonly purchase: PurchaseView;
  readonly onChange: () => void;
}

/** Said before the attempt, as far as the wallet knows; the operator decides. */
function Shortage({ account, purchase, onChange }: ShortageProps) {
  const refresh = useAction();
  if (account.balance === null) return null;
  const after = subtract(account.balance, purchase.amount);
  if (!after.startsWith("-")) return null;
  const missing = moneyText({ ...account, amount: after.slice(1) });
  return (
    <Notice tone="attention">
      <p>{t("balance_short", { balance: balanceText(account), missing })}</p>
      <p>{t("balance_short_hint")}</p>
      <Button
        icon="refresh"
        busy={refresh.busy}
        onClick={() => {
          void refresh.run("refreshAccount", { accountKey: account.accountKey }, onChange);
        }}
      >
        {t("check_balance")}
      </Button>
      <AddMoney accountKey={account.accountKey} />
      {refresh.failure && <FailureNotice failure={refresh.failure} />}
    </Notice>
  );
}
