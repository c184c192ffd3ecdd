/** One account at home: balance large, condition, and its notice where something is to be done. */
import type { AccountView } from "../../messages.ts";
import { AccountNotice } from "../components/account-notice.tsx";
import { Amount } from "../components/money.tsx";
import { formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { href } from "./router.ts";

interface AccountCardProps {
  readonly account: AccountView;
  readonly onChange: () => void;
}

export function AccountCard({ account, onChange }: AccountCardProps) {
  return (
    <article class="stack-tight">
      <a
        class="card"
        href={href({ name: "account", accountKey: account.accountKey })}
        aria-label={t("account_manage", { operator: account.operator })}
      >
        <span class="row row-apart">
          <bdi class="strong">{account.operator}</bdi>
          <ConditionTag account={account} />
        </span>
        <Balance account={account} />
      </a>
      <AccountNotice account={account} onChange={onChange} />
    </article>
  );
}

/** The balance, large, and how old it is. */
export function Balance({ account }: { readonly account: AccountView }) {
  const now = useNow(60);
  return (
    <span class="balance">
      <span class="small soft">{t("balance")}</span>
      {account.balance === null ? (
        <span class="balance-amount soft">{t("balance_unknown")}</span>
      ) : (
        <span class="balance-amount">
          <Amount money={{ ...account, amount: account.balance }} />
        </span>
      )}
      {account.balanceAt !== null && (
        <span class="small soft">
          {t("balance_as_of", { time: formatTime(language(), account.balanceAt, now) })}
        </span>
      )}
    </span>
  );
}

export function ConditionTag({ account }: { readonly account: AccountView }) {
  const { label, tone } = conditionWords(account.condition);
  return <span class={`tag tag-${tone}`}>{t(label)}</span>;
}
